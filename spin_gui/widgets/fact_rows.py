"""Small parts the details are made of: headings, names with values, texts that shorten."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from spin_gui.widgets.help_mark import with_help
from spin_gui.widgets.level_mark import LEVEL_ROOM, paint_level_mark


class ElidedLabel(QLabel):
    """A line of text that shortens in the middle where it lacks room; the tooltip has it whole."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._note = ""
        self._level: tuple[int, QColor] | None = None

    def set_level(self, full: int, color: QColor) -> None:
        """Say by a mark of three bars before the next value how large it is."""
        self._level = (full, color)
        self.update()

    def set_fact(self, text: str, note: str = "") -> None:
        """Show a value; the note explains it in the tooltip."""
        if (text, note) == (self.text(), self._note):
            return  # measuring texts is what takes time where one goes from sample to sample
        self._note = note
        self.setText(text)
        self._update_tooltip()
        self.update()

    def shown_text(self) -> str:
        """The text as it fits the width now."""
        elide = Qt.TextElideMode.ElideMiddle
        room = self.contentsRect().width() - (0 if self._level is None else LEVEL_ROOM)
        return self.fontMetrics().elidedText(self.text(), elide, max(room, 0))

    def minimumSizeHint(self) -> QSize:
        """As narrow as need be."""
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text in the label's colours."""
        painter, place = QPainter(self), self.contentsRect()
        if self._level is not None and self.text():
            full, color = self._level
            middle = QRectF(place).center().y()
            left = paint_level_mark(painter, place.left(), middle, full=full, color=color)
            place.setLeft(round(left))
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(place, self.alignment(), self.shown_text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tooltip repeats the text only where it is cut."""
        super().resizeEvent(event)
        self._update_tooltip()

    def _update_tooltip(self) -> None:
        cut = self.shown_text() != self.text()
        parts = [self.text()] if cut else []
        self.setToolTip("\n".join([*parts, self._note] if self._note else parts))


class Note(QLabel):
    """A quiet explanation that wraps; its colour follows the theme."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)


class Heading(QLabel):
    """The title of a section, with a line above it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._embolden()

    def changeEvent(self, event: QEvent) -> None:
        """Stay bold when the application's font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._embolden()

    def _embolden(self) -> None:
        font = self.font()
        font.setBold(True)
        self.setFont(font)


def separator() -> QFrame:
    """A thin line between sections."""
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setForegroundRole(QPalette.ColorRole.Mid)
    line.setFrameShadow(QFrame.Shadow.Plain)
    return line


class FactRows(QWidget):
    """Names on the left, values on the right; long values shorten."""

    def __init__(
        self,
        names: tuple[str, ...],
        parent: QWidget | None = None,
        *,
        explained: Mapping[str, str] | None = None,
    ) -> None:
        """``explained``: what some of the names mean, for a mark behind them."""
        super().__init__(parent)
        self._values: dict[str, ElidedLabel] = {}
        self._names: dict[str, QWidget] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(10)
        layout.setVerticalSpacing(3)
        layout.setColumnStretch(1, 1)
        for row, name in enumerate(names):
            title, value = QLabel(name), ElidedLabel()
            title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            value.setAccessibleName(name)
            meaning = (explained or {}).get(name)
            left = title if meaning is None else with_help(title, name, meaning)
            layout.addWidget(left, row, 0)
            layout.addWidget(value, row, 1)
            self._names[name], self._values[name] = left, value

    def set_fact(self, name: str, text: str, note: str = "") -> None:
        """Show a value; an empty one hides its row."""
        self._values[name].set_fact(text, note)
        self._values[name].setVisible(bool(text))
        self._names[name].setVisible(bool(text))

    def set_level(self, name: str, full: int, color: QColor) -> None:
        """Mark how large a value is, by how many of three bars are full and by their colour."""
        self._values[name].set_level(full, color)

    def value(self, name: str) -> str:
        """The whole text of a value, shortened or not."""
        return self._values[name].text()
