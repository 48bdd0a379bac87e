"""How the line of a run looks, in plots and in lists: by its place among the runs of a project."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

RUN_COLORS = ("#2f7ed8", "#e07b00", "#2a9d4a", "#c2417c", "#7a5bd0", "#8c6d31")
"""They repeat, so the line's pattern differs, too."""

LINE_STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)

SWATCH_SIZE = QSize(26, 12)


def swatch(place: int) -> QIcon:
    """A piece of a run's line."""
    return swatch_of(RUN_COLORS[place % len(RUN_COLORS)], LINE_STYLES[place % len(LINE_STYLES)])


def swatch_of(color: str, style: Qt.PenStyle) -> QIcon:
    """A piece of a line."""
    pixmap = QPixmap(SWATCH_SIZE)
    # On a ground of its own: a chosen row is as blue as the first run.
    pixmap.fill(QColor("#f4f5f7"))
    painter = QPainter(pixmap)
    painter.setPen(QPen(QColor(color), 3, style))
    middle = SWATCH_SIZE.height() // 2
    painter.drawLine(2, middle, SWATCH_SIZE.width() - 2, middle)
    painter.end()
    return QIcon(pixmap)
