"""What the switches between the pages of a project do."""
# ruff: noqa: FBT001 - slots of Qt take what a switch says by position

from __future__ import annotations

from PySide6.QtCore import Slot

from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.page import PAGE_ACTIONS, Page


class PageHandlers(MenuHandlers):
    """Samples, training and the other pages: one of them is shown."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return dict.fromkeys(PAGE_ACTIONS, self.switch_page)

    @Slot(bool)
    def switch_page(self, shown: bool) -> None:
        """Show the page whose switch was used; switched off, the samples."""
        sender = self.sender()
        if sender is not None and self._page is not None:
            self._go(PAGE_ACTIONS[sender.objectName()] if shown else Page.SAMPLES)

    @Slot()
    def open_training_page(self) -> None:
        """A training began: show it."""
        self._go(Page.TRAINING)

    @Slot()
    def leave(self) -> None:
        """Back to the samples."""
        self._go(Page.SAMPLES)

    @Slot(int)
    def show_sample(self, sample_id: int) -> None:
        """From another page to a sample's own views."""
        if self._page is not None:
            self._page.session.select(sample_id)
            self.leave()

    @Slot(int, int)
    def compare_fits(self, left_fit_id: int, right_fit_id: int) -> None:
        """Two fits of the current sample's history, side by side."""
        from spin_gui.compare.compare import ComparePanel

        self._go(Page.COMPARE)
        panel = self._page.shown_panel if self._page is not None else None
        if isinstance(panel, ComparePanel):
            panel.compare_fits(left_fit_id, right_fit_id)

    def forget(self) -> None:
        """Another project, or none: its samples come first."""
        self._check_only(Page.SAMPLES)

    def _go(self, page: Page) -> None:
        self._check_only(page)
        if self._page is not None:
            self._page.show_page(page)

    def _check_only(self, page: Page) -> None:
        for action_id, leads_to in PAGE_ACTIONS.items():
            self._workspace.commands.check(action_id, checked=leads_to is page)
