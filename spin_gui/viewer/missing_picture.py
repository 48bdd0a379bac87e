"""A line above the views: the picture is not at its place, and a button that leads on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from spin_gui.widgets.fact_rows import ElidedLabel


class MissingPictureNotice(QWidget):
    """Hidden unless the picture of the sample on screen is missing."""

    find_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notice about a missing picture")
        self.text = ElidedLabel()
        self.text.setAccessibleName("Which picture is missing")
        self.button = QPushButton("Find pictures…")
        self.button.setAccessibleName("Find pictures that were moved")
        self.button.clicked.connect(self.find_asked)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Midlight)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        self.hide()

    @Slot(object)
    def show_missing(self, picture: Path | None) -> None:
        """Tell of a picture that is not at its place; None hides the notice."""
        if picture is not None:
            self.text.setText(f"The picture is not at its place: {picture}")
        self.setVisible(picture is not None)
