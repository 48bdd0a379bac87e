"""A line above the views: why there is no picture, said once, and a button that leads on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from spin_gui.widgets.layouts import body_label
from spin_gui.widgets.notice_line import NoticeLine
from spin_gui.widgets.paths import breakable


@dataclass(frozen=True)
class PictureTrouble:
    """Why the picture of a sample cannot be shown; is_missing: nothing is at its place."""

    path: Path
    cause: str
    is_missing: bool

    @property
    def text(self) -> str:
        """The whole sentence."""
        if self.is_missing:
            return f"The picture is not at its place: {self.path}"
        return self.cause


class MissingPictureNotice(NoticeLine):
    """Hidden unless the picture of the sample on screen cannot be shown."""

    find_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        text, button = body_label(""), QPushButton("Find pictures…")
        text.setAccessibleName("Why there is no picture")
        button.setAccessibleName("Find pictures that were moved")
        super().__init__("Notice about a missing picture", text, (button,), parent)
        self.button = button
        button.clicked.connect(self.find_asked)

    @Slot(object)
    def show_trouble(self, trouble: PictureTrouble | None) -> None:
        """Tell of a picture that cannot be shown; None hides the notice."""
        if trouble is not None:
            self.text.setText(breakable(trouble.text))
            self.button.setVisible(trouble.is_missing)
        self.setVisible(trouble is not None)
