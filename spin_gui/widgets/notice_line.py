"""A line of text with buttons, hidden until there is something to say."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget


class NoticeLine(QWidget):
    """Stands out from what is below it; a subclass says what and when."""

    def __init__(
        self,
        name: str,
        text: QLabel,
        buttons: Sequence[QPushButton],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.text = text
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Midlight)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(text, 1)
        for button in buttons:
            row.addWidget(button)
        self.hide()
