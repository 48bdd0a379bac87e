"""What the switches between the places of a project do."""
# ruff: noqa: FBT001 - slots of Qt take what a switch says by position

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.page import PLACE_ACTIONS, Page

if TYPE_CHECKING:
    from spin_gui.compare.compare import ComparePanel


class PageHandlers(MenuHandlers):
    """Samples, training and the other places: one of them is shown."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return dict.fromkeys(PLACE_ACTIONS, self.switch_place)

    @Slot(bool)
    def switch_place(self, shown: bool) -> None:
        """Show the place whose switch was used; switched off, the samples."""
        sender = self.sender()
        if sender is not None and self._page is not None:
            self._go(PLACE_ACTIONS[sender.objectName()] if shown else Page.SAMPLES)

    @Slot()
    def open_cockpit(self) -> None:
        """A training began: show it."""
        self._go(Page.TRAINING)

    @Slot()
    def leave(self) -> None:
        """Back to the samples."""
        self._go(Page.SAMPLES)

    @Slot(int)
    def show_sample(self, sample_id: int) -> None:
        """From another place to a sample's own views."""
        if self._page is not None:
            self._page.session.select(sample_id)
            self.leave()

    @Slot(int, int)
    def compare_fits(self, left_fit_id: int, right_fit_id: int) -> None:
        """Two fits of the current sample's history, side by side."""
        self._go(Page.COMPARE)
        panel = self._page.place_panel if self._page is not None else None
        if panel is not None:
            cast("ComparePanel", panel).compare_fits(left_fit_id, right_fit_id)

    def forget(self) -> None:
        """Another project, or none: its samples come first."""
        self._check_only(Page.SAMPLES)

    def _go(self, place: Page) -> None:
        self._check_only(place)
        if self._page is not None:
            self._page.show_place(place)

    def _check_only(self, place: Page) -> None:
        for action_id, one in PLACE_ACTIONS.items():
            self._window.commands.check(action_id, checked=one is place)
