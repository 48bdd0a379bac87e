"""The line at the bottom: what was just saved, what is left to review, project and device."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from core.progress import Progress
from spin_gui.training.computing_device import computing_device


class StatusBar(QStatusBar):
    """Five texts; help on the menu entry under the mouse replaces the first for a moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Status")
        self.saved = _label("What was saved last")
        self._reason = self._passing = ""
        self.flagging = _label("Fits looked at for failures")
        self.left = _label("Fits left to review")
        self.project = _label("Open project")
        self.device = _label("Device for computing")
        self.device.setText(computing_device())
        self.addWidget(self.saved, 1)
        for label in (self.flagging, self.left, self.project, self.device):
            self.addPermanentWidget(label)
        self.setContentsMargins(6, 0, 6, 0)

    @Slot(str)
    def show_saved(self, text: str) -> None:
        """Say what reached the disk, or why nothing did."""
        self.saved.setText(text)

    @Slot(str)
    def show_passing(self, text: str) -> None:
        """Say what holds for a while; an empty text: it holds no longer, and goes."""
        if text:
            self._passing = text
            self.show_saved(text)
        elif self._passing:
            if self.saved.text() == self._passing:
                self.show_saved("")
            self._passing = ""

    def show_reason(self, reason: str) -> None:
        """Say why a key did nothing; see ``forget_reason``."""
        self._reason = reason
        self.show_saved(reason)

    def forget_reason(self) -> None:
        """The reason may hold no longer: it goes, unless something else is said by now."""
        if self._reason and self.saved.text() == self._reason:
            self.show_saved("")
        self._reason = ""

    @Slot(object)
    def show_flagging(self, progress: Progress) -> None:
        """How far the search for failures in the background is."""
        self.flagging.setText(f"Looking for failures: {progress.done} of {progress.total}")

    @Slot(object)
    def end_flagging(self, _report: object = None) -> None:
        """Nothing is looked at any more."""
        self.flagging.setText("")

    def show_left(self, left: int | None, *, fits: int = 0) -> None:
        """How many of the current fits wait for a verdict; None while no project is open."""
        done = "All fits reviewed" if fits else "No fits yet"
        words = {None: "", 0: done}
        self.left.setText(words.get(left, f"{left} left to review"))

    def show_no_project(self) -> None:
        """No project is open: nothing is said of any."""
        self.show_project("", "")
        self.show_left(None)
        self.end_flagging()
        self.show_saved("")

    def show_project(self, name: str, path: str) -> None:
        """Which project is open."""
        self.project.setText(name)
        self.project.setToolTip(path)


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    label.setContentsMargins(8, 0, 8, 0)
    return label
