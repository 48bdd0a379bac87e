"""A line above the views: the picture is not at its place, and a button that leads on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from spin_gui.widgets.fact_rows import ElidedLabel
from spin_gui.widgets.notice_line import NoticeLine


class MissingPictureNotice(NoticeLine):
    """Hidden unless the picture of the sample on screen is missing."""

    find_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        text, button = ElidedLabel(), QPushButton("Find pictures…")
        text.setAccessibleName("Which picture is missing")
        button.setAccessibleName("Find pictures that were moved")
        super().__init__("Notice about a missing picture", text, (button,), parent)
        self.button = button
        button.clicked.connect(self.find_asked)

    @Slot(object)
    def show_missing(self, picture: Path | None) -> None:
        """Tell of a picture that is not at its place; None hides the notice."""
        if picture is not None:
            self.text.setText(f"The picture is not at its place: {picture}")
        self.setVisible(picture is not None)
