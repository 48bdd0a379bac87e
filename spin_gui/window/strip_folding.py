"""Which strips are folded: as chosen last, and at first all of them where the window is low."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from PySide6.QtWidgets import QWidget

from spin_gui.widgets.folding.fold_button import FoldButton
from spin_gui.window.settings import WindowSettings

LOW_BELOW = 800
"""Of the page's height, in logical pixels."""


class Folding(Protocol):
    """A strip that folds; ``fold`` is its arrow."""

    fold: FoldButton

    def set_folded(self, *, folded: bool) -> None:
        """Fold it, or unfold it."""
        ...

    def isVisible(self) -> bool:
        """Whether it is on the screen."""
        ...


class StripFolding:
    """Folds the strips of one page, and remembers what the user chose in low and in high windows.

    frame: the widget whose height decides whether the window is low. strips: by the names under
    which they are remembered.
    """

    def __init__(
        self, frame: QWidget, settings: WindowSettings, strips: Mapping[str, Folding]
    ) -> None:
        self._frame, self._settings, self._strips = frame, settings, strips
        for name, strip in strips.items():
            strip.fold.fold_asked.connect(partial(self._choose, name))
        self.adapt()

    @property
    def is_low(self) -> bool:
        """Whether the views need what room the strips can spare."""
        return self._frame.height() < LOW_BELOW

    def adapt(self) -> None:
        """Fold and unfold as it was chosen for a window of this height."""
        for name, strip in self._strips.items():
            strip.set_folded(folded=self._settings.flag(self._flag(name), default=self.is_low))

    def fold_all(self) -> None:
        """Fold the strips that are shown; where all of them are, unfold them."""
        shown = {name: strip for name, strip in self._strips.items() if strip.isVisible()}
        folded = not all(strip.fold.folded for strip in shown.values())
        for name in shown:
            self._choose(name, folded)

    def _choose(self, name: str, folded: bool) -> None:  # noqa: FBT001 - a slot
        self._settings.set_flag(self._flag(name), on=folded)
        self._strips[name].set_folded(folded=folded)

    def _flag(self, name: str) -> str:
        return f"folded.{name}.low" if self.is_low else f"folded.{name}"
