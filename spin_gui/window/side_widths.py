"""How wide list and details are, in a narrow window and in a wide one."""

from __future__ import annotations

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QWidget

from spin_gui.window.settings import WindowSettings

SIDE_WIDTHS = (290, 320)
NARROW_SIDE_WIDTHS = (236, 300)
NARROW_BELOW = 1300
"""List and details at first; in a narrow window the views need what they can get."""

_LAYOUT_PARTS = {False: "side widths", True: "side widths of a narrow window"}
"""A narrow window's widths are no measure for a wide one, so each is remembered for itself."""


class SideWidths:
    """Keeps the widths of the outer two of a splitter's three parts.

    frame: what is resized; narrow or wide is measured of it.
    """

    def __init__(self, frame: QWidget, splitter: QSplitter) -> None:
        self._frame, self._splitter = frame, splitter
        self._narrow = False
        self._sides = {False: SIDE_WIDTHS, True: NARROW_SIDE_WIDTHS}
        self._list_width = SIDE_WIDTHS[0]
        splitter.splitterMoved.connect(lambda *_: self.note())

    def restore(self, settings: WindowSettings) -> None:
        """The widths of last time, or the first ones."""
        for narrow, part in _LAYOUT_PARTS.items():
            self._sides[narrow] = _widths(settings.layout(part)) or self._sides[narrow]
        self._begin()

    def reset(self) -> None:
        """The first widths."""
        self._sides = {False: SIDE_WIDTHS, True: NARROW_SIDE_WIDTHS}
        self._begin()

    def save(self, settings: WindowSettings) -> None:
        """Remember the widths."""
        self.note()
        for narrow, part in _LAYOUT_PARTS.items():
            text = " ".join(map(str, self._sides[narrow]))
            settings.set_layout(part, QByteArray(text.encode()))

    def adapt(self) -> None:
        """Other widths once when the window becomes narrow, and the former when it is wide."""
        if not self._frame.isVisible():
            return  # the splitter has no sizes yet
        narrow = self._frame.width() < NARROW_BELOW
        if narrow != self._narrow:
            # The widths of before were noted when they were chosen: by now the views, which can
            # only become so narrow, may have squeezed list and details.
            self._narrow = narrow
            self.apply()

    def note(self) -> None:
        """What is hidden, or was never laid out, keeps the width it had."""
        left, centre, right = self._splitter.sizes()
        if self._frame.isVisible() and centre:
            known = self._sides[self._narrow]
            self._sides[self._narrow] = (left or known[0], right or known[1])

    def apply(self) -> None:
        """Give the parts the widths that were noted."""
        self._set(*self._sides[self._narrow])

    def leave_list(self) -> None:
        """The list is about to become a grid over its own room and that of the views."""
        self._list_width = self._splitter.sizes()[0] or self._list_width

    def come_back_to_list(self) -> None:
        """The grid became a list again, as wide as it was."""
        self._set(self._list_width, self._splitter.sizes()[2])

    def _begin(self) -> None:
        self._narrow = self._frame.window().width() < NARROW_BELOW
        self.apply()

    def _set(self, left: int, right: int) -> None:
        self._splitter.setSizes([left, self._splitter.width() - left - right, right])


def _widths(stored: QByteArray | None) -> tuple[int, int] | None:
    """Of the list and the details; None where nothing usable is stored."""
    words = b"" if stored is None else bytes(stored.data())
    numbers = [int(word) for word in words.split() if word.isdigit()]
    return (numbers[0], numbers[1]) if len(numbers) == 2 and min(numbers) > 0 else None
