"""The line of a view that shows one body on its left side and another one on its right."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

GRIP_PX = 8.0
"""So near to the line, in logical pixels, a press takes hold of it."""

_LINE, _RIM = QColor("#f4f5f7"), QColor("#1c1f24")
_HANDLE_RADIUS = 9.0
_FROM_THE_EDGE = 0.02


class Wipe:
    """Where the line is, in shares of the view's side."""

    def __init__(self) -> None:
        self.share = 0.5

    def is_near(self, x: float, side: float) -> bool:
        """Whether a place of a view of ``side`` logical pixels is on the line."""
        return abs(x - self.share * side) <= GRIP_PX

    def move_to(self, x: float, side: float) -> None:
        """Put the line there; it never leaves the view."""
        self.share = min(max(x / side, _FROM_THE_EDGE), 1 - _FROM_THE_EDGE)

    def sides(self, side: float) -> tuple[QRectF, QRectF]:
        """What lies left and right of the line."""
        x = self.share * side
        return QRectF(0, 0, x, side), QRectF(x, 0, side - x, side)

    def paint(self, painter: QPainter, side: float) -> None:
        """The line, and a handle near its foot, where no one stands."""
        x = self.share * side
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for color, width in ((_RIM, 3.6), (_LINE, 1.6)):
            painter.setPen(QPen(color, width))
            painter.drawLine(QLineF(x, 0, x, side))
        middle = QPointF(x, side - 2.2 * _HANDLE_RADIUS)
        painter.setPen(QPen(_RIM, 1.2))
        painter.setBrush(_LINE)
        painter.drawEllipse(middle, _HANDLE_RADIUS, _HANDLE_RADIUS)
        painter.setPen(QPen(_RIM, 1.6))
        for way in (-1, 1):
            tip = middle + QPointF(way * 5.5, 0)
            painter.drawLine(QLineF(tip, middle + QPointF(way * 2.5, -3)))
            painter.drawLine(QLineF(tip, middle + QPointF(way * 2.5, 3)))
