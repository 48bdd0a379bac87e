"""A mark of three rising bars that says how large a number is: by their count and by colour."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

BARS = 3
MARK_WIDTH, MARK_HEIGHT = 15.0, 9.0
_GAP, _AFTER = 1.5, 5.0
LEVEL_ROOM = round(MARK_WIDTH + _AFTER)
"""What the mark takes of a line, to where the text after it begins."""


def paint_level_mark(
    painter: QPainter, left: float, middle: float, *, full: int, color: QColor
) -> float:
    """Paint the mark about a height, from a left edge on; returns where a text after it begins.

    full: how many of the bars are filled; the others are outlines.
    """
    width = (MARK_WIDTH - (BARS - 1) * _GAP) / BARS
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for place in range(BARS):
        height = MARK_HEIGHT * (place + 2) / (BARS + 1)
        foot = middle + MARK_HEIGHT / 2
        bar = QRectF(left + place * (width + _GAP), foot - height, width, height)
        if place < full:
            painter.fillRect(bar, color)
        else:
            painter.setPen(QPen(color, 0.7))
            painter.drawRect(bar.adjusted(0.4, 0.4, -0.4, -0.4))
    painter.restore()
    return left + MARK_WIDTH + _AFTER
