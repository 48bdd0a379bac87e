"""One tab: a word, a number next to it, and a line below while its page is shown."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

PADDING, GAP, PILL_PADDING = 12, 6, 6
LINE_HEIGHT, ABOVE_AND_BELOW = 3, 8


class StageTab(QAbstractButton):
    """``checked`` while its page is shown. The number takes the same room, whatever it is.

    title: the word. widest: the widest number that is to be expected; empty for none ever.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        # The keys of the program stay with the samples: a click takes the focus from nothing.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.number, self._widest = "", ""
        self._words, self._help = "", ""
        self.setAccessibleName(title)

    def set_count(self, number: str, words: str) -> None:
        """Show a number; ``words`` say what it counts."""
        if words != self._words:
            self._words = words
            self._describe()
        if number != self.number:
            self.number = number
            self.update()

    def keep_room_for(self, widest: str) -> None:
        """Keep room for a number as wide as this one."""
        if widest != self._widest:
            self._widest = widest
            self.updateGeometry()

    def set_help(self, text: str, keys: list[QKeySequence]) -> None:
        """What the tab leads to, and by which keys."""
        names = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in keys]
        shown = f"{text} ({names[0]})" if names else text
        if shown != self._help:
            self._help = shown
            self._describe()

    def sizeHint(self) -> QSize:
        """Room for the word in bold and for the widest number."""
        metrics = QFontMetrics(self._title_font(bold=True))
        width = metrics.horizontalAdvance(self.text()) + 2 * PADDING
        if self._widest:
            width += GAP + self._pill_width(self._widest)
        return QSize(width, metrics.height() + 2 * ABOVE_AND_BELOW)

    def minimumSizeHint(self) -> QSize:
        """The same: a tab is never squeezed."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Word, number, and the line below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        checked = self.isChecked()
        painter.setFont(self._title_font(bold=checked))
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, QPalette.ColorRole.WindowText))
        left = self.rect().adjusted(PADDING, 0, 0, 0)
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, self.text())
        if self.number:
            self._paint_number(painter)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        palette, bottom = self.palette(), self.height() - LINE_HEIGHT
        if self.underMouse() and self.isEnabled():
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Midlight))
        if self.isChecked():
            line = QRectF(0, bottom, self.width(), LINE_HEIGHT)
            painter.fillRect(line, palette.color(QPalette.ColorRole.Accent))
        if self.hasFocus():
            painter.setPen(palette.color(QPalette.ColorRole.Accent))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_number(self, painter: QPainter) -> None:
        metrics = QFontMetrics(self._title_font(bold=True))
        left = PADDING + metrics.horizontalAdvance(self.text()) + GAP
        height = metrics.height()
        pill = QRectF(left, (self.height() - height) / 2, self._pill_width(self.number), height)
        painter.setFont(self._title_font(bold=False))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._pill_color())
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, self.number)

    def _pill_color(self) -> QColor:
        hovered = self.underMouse() and self.isEnabled()
        role = QPalette.ColorRole.Window if hovered else QPalette.ColorRole.Midlight
        return self.palette().color(role)

    def _pill_width(self, number: str) -> int:
        metrics = QFontMetrics(self.font())
        return max(metrics.horizontalAdvance(number) + 2 * PILL_PADDING, metrics.height())

    def _title_font(self, *, bold: bool) -> QFont:
        font = QFont(self.font())
        font.setBold(bold)
        return font

    def _describe(self) -> None:
        self.setAccessibleDescription(self._words)
        self.setToolTip("\n".join(text for text in (self._words, self._help) if text))
