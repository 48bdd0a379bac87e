"""The badge of a flag: a short sign on amber, the same in light and dark."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

BADGE_FILL = QColor("#a86400")
BADGE_TEXT = QColor("#ffffff")
_CORNER_RADIUS = 3


def paint_badge(painter: QPainter, rect: QRect | QRectF, sign: str) -> None:
    """Draw a badge that fills a rectangle, in the painter's font."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(BADGE_FILL)
    painter.drawRoundedRect(rect, _CORNER_RADIUS, _CORNER_RADIUS)
    painter.setPen(BADGE_TEXT)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), sign)
