"""The line over one view that names it: next to the picture, never on a person in it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from core.rendering.colors import MeshColor
from spin_gui.widgets.fitting_text import fitting_text

SWATCH = 9
_CHIP_RADIUS = 3.0


class ViewCaption(QWidget):
    """The number whose key enlarges the view, the colour of its body, and what it shows."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number: int | None = None
        self.text, self._short = "", ""
        self._color: MeshColor | None = None

    def show_view(
        self, text: str, short: str, *, number: int | None = None, color: MeshColor | None = None
    ) -> None:
        """Name a view; short: where there is too little room for the text."""
        if (text, short, number, color) != (self.text, self._short, self.number, self._color):
            self.text, self._short, self.number, self._color = text, short, number, color
            self.setToolTip("" if number is None else f"{text}: press {number} to see it large")
            self.update()

    def height_needed(self) -> int:
        """One line of text and a little room."""
        return self.fontMetrics().lineSpacing() + 3

    def sizeHint(self) -> QSize:
        """See ``QWidget.sizeHint``."""
        return QSize(80, self.height_needed())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click asks for the view."""
        if event.button() == Qt.MouseButton.LeftButton and self.number is not None:
            self.clicked.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """See ``QWidget.paintEvent``."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = 1.0
        if self.number is not None:
            left = self._paint_number(painter, str(self.number))
        if self._color is not None:
            left = self._paint_swatch(painter, left, self._color)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        room = QRectF(left, 0, self.width() - left, self.height())
        shown = fitting_text(painter.fontMetrics(), room.width(), (self.text, self._short))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()

    def _paint_number(self, painter: QPainter, number: str) -> float:
        width = painter.fontMetrics().horizontalAdvance(number) + 8.0
        chip = QRectF(1.5, 1.5, width, self.height() - 4.0)
        palette = self.palette()
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1.0))
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(chip, _CHIP_RADIUS, _CHIP_RADIUS)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, number)
        return chip.right() + 5

    def _paint_swatch(self, painter: QPainter, left: float, color: MeshColor) -> float:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.0))
        painter.setBrush(QColor.fromRgbF(*color))
        top = (self.height() - SWATCH) / 2
        painter.drawRoundedRect(QRectF(left + 0.5, top, SWATCH, SWATCH), 2, 2)
        return left + SWATCH + 5
