"""A small "?" next to a word that explains it where it stands."""

from __future__ import annotations

import html

from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWhatsThis, QWidget


class HelpMark(QToolButton):
    """Explains a word under the pointer, and on a press for those who use keys."""

    def __init__(self, word: str, meaning: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word, self._meaning = word, meaning
        self.setText("?")
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.WhatsThisCursor)
        self.setAccessibleName(f"What “{word}” means")
        self.setAccessibleDescription(meaning)
        self.setToolTip(self.explanation)
        self.setFixedSize(self.sizeHint())
        self.clicked.connect(self._explain)

    @property
    def explanation(self) -> str:
        """Rich text that breaks into lines."""
        return f"<b>{html.escape(self._word)}</b><br>{html.escape(self._meaning)}"

    def sizeHint(self) -> QSize:
        """No higher than the line of text it stands in."""
        side = self.fontMetrics().height()
        return QSize(side, side)

    @Slot()
    def _explain(self) -> None:
        below = self.mapToGlobal(QPoint(0, self.height()))
        QWhatsThis.showText(below, self.explanation, self)


def with_help(title: QWidget, word: str, meaning: str) -> QWidget:
    """A title with the mark behind it."""
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(3)
    row.addWidget(title)
    row.addWidget(HelpMark(word, meaning))
    row.addStretch(1)
    return line
