"""What a panel shows when it has nothing to show: what is missing, and what to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget


class EmptyPage(QWidget):
    """A title, a sentence, and perhaps a button that leads on."""

    def __init__(self, title: str, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self._title, self._text = QLabel(title), QLabel(text)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(label)
        self._column.addStretch(2)

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._text.text()

    def set_text(self, text: str) -> None:
        """Say it in other words."""
        self._text.setText(text)

    def set_title(self, title: str) -> None:
        """Something else is missing."""
        self._title.setText(title)
        self.setAccessibleName(title)

    def add_button(self, text: str) -> QPushButton:
        """Put a button below the sentence; the first one gets the keys of the page."""
        button = QPushButton(text)
        button.setAccessibleName(text)
        self.put_button(button)
        return button

    def put_button(self, button: QPushButton) -> None:
        """The same, with a button that was made already."""
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        above_last_stretch = self._column.count() - 1
        self._column.insertWidget(above_last_stretch, button, 0, Qt.AlignmentFlag.AlignHCenter)
        if self.focusProxy() is None:
            self.setFocusProxy(button)
