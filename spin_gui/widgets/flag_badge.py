"""The badge of a flag, a short sign on amber, and the mark of comments, a speech bubble.

Both are the same in light and dark.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

BADGE_FILL = QColor("#a86400")
BADGE_TEXT = QColor("#ffffff")
_CORNER_RADIUS = 3
COMMENT_FILL = QColor("#1f6fb2")
_MOST = 9


def paint_badge(painter: QPainter, rect: QRect | QRectF, sign: str) -> None:
    """Draw a badge that fills a rectangle, in the painter's font."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(BADGE_FILL)
    painter.drawRoundedRect(rect, _CORNER_RADIUS, _CORNER_RADIUS)
    painter.setPen(BADGE_TEXT)
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), sign)


def comment_sign(count: int) -> str:
    """What stands in the bubble."""
    return str(count) if count <= _MOST else f"{_MOST}+"


def paint_comment_mark(painter: QPainter, rect: QRect | QRectF, count: int) -> None:
    """Draw the bubble into a rectangle, in the painter's font."""
    place = QRectF(rect)
    tail = max(place.height() * 0.18, 2.0)
    bubble = place.adjusted(0, 0, 0, -tail)
    path = QPainterPath()
    path.addRoundedRect(bubble, _CORNER_RADIUS, _CORNER_RADIUS)
    left = bubble.left() + _CORNER_RADIUS
    path.moveTo(QPointF(left, bubble.bottom()))
    path.lineTo(QPointF(left, place.bottom()))
    path.lineTo(QPointF(left + 2 * tail, bubble.bottom()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(COMMENT_FILL)
    painter.drawPath(path.simplified())
    painter.setPen(BADGE_TEXT)
    painter.drawText(bubble, int(Qt.AlignmentFlag.AlignCenter), comment_sign(count))
