"""An item of a view painted once, to be copied from then on."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QStyleOptionViewItem


def painted_item(
    option: QStyleOptionViewItem,
    paint: Callable[[QPainter, QStyleOptionViewItem], None],
    *,
    ratio: float,
) -> QPixmap:
    """What ``paint`` draws of an item, with ``ratio`` pixels of the screen to one of the widget."""
    pixmap = QPixmap(option.rect.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(option.palette.color(QPalette.ColorRole.Base))
    here = QStyleOptionViewItem(option)
    here.rect = QRect(QPoint(0, 0), option.rect.size())
    painter = QPainter(pixmap)
    painter.setFont(option.font)
    paint(painter, here)
    painter.end()
    return pixmap
