"""What the switches between the pages of a project do."""
# ruff: noqa: FBT001 - slots of Qt take what a switch says by position

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.saved_views import BUILT_IN_VIEWS, REJECTED
from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.page import PAGE_ACTIONS, Page
from spin_gui.widgets.stage import STAGE_ACTIONS, Stage, neighbour, stage_of


class PageHandlers(MenuHandlers):
    """Samples, training and the other pages: one of them is shown."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            **dict.fromkeys(PAGE_ACTIONS, self.switch_page),
            "go.review": self.review,
            "go.correct": self.correct,
            "go.next_stage": self.next_stage,
            "go.previous_stage": self.previous_stage,
        }

    @Slot(bool)
    def switch_page(self, shown: bool) -> None:
        """Show the page whose switch was used; switched off, the samples."""
        sender = self.sender()
        if sender is not None and self._page is not None:
            self._go(PAGE_ACTIONS[sender.objectName()] if shown else Page.SAMPLES)

    @Slot()
    def review(self) -> None:
        """The samples with their fits; editing ends."""
        self.leave()
        self._edit(editing=False)

    @Slot()
    def correct(self) -> None:
        """The samples, in the editor: the next one whose fit was rejected, if there is any."""
        self.leave()
        self._show_rejected()
        self._edit(editing=True)

    @Slot()
    def next_stage(self) -> None:
        """The next tab."""
        self._step_along(1)

    @Slot()
    def previous_stage(self) -> None:
        """The tab before."""
        self._step_along(-1)

    @Slot(object)
    def show_stage(self, stage: Stage) -> None:
        """Do what a click on the tab of a stage does."""
        action = self._workspace.commands[STAGE_ACTIONS[stage]]
        if action.isCheckable():
            action.setChecked(True)
        else:
            action.trigger()

    @Slot(object)
    def list_samples(self, query: SampleQuery) -> None:
        """List the samples of a query, and show them."""
        if self._page is not None:
            self._page.session.open_view(query)
            self.review()

    def step_back(self) -> bool:
        """From the whole screen to the window, from another page to the samples; False: nowhere."""
        only_views = self._workspace.commands["view.only_view"]
        if only_views.isChecked():
            only_views.setChecked(False)
        elif self._page is not None and self._page.shown_page is not Page.SAMPLES:
            self.leave()
        else:
            return False
        return True

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

    def _show_rejected(self) -> None:
        """Go to a person whose fit was rejected, or to the next one; who is edited stays listed."""
        page = self._page
        if page is None or not page.session.counts().rejected:
            return
        session = page.session
        editing = page.is_complete and page.correcting.editing
        rejected = session.catalogue.ids(BUILT_IN_VIEWS[REJECTED])
        if session.current_id in rejected and not editing:
            return
        rows = np.flatnonzero(np.isin(session.sample_ids, rejected))
        if not len(rows):
            session.open_view(BUILT_IN_VIEWS[REJECTED])  # the list of now has none of them
            return
        later = rows[rows > session.current_row]
        session.select_row(int(later[0] if len(later) else rows[0]))

    def _edit(self, *, editing: bool) -> None:
        if self._page is not None and (editing or self._page.is_complete):
            self._workspace.commands["correct.edit"].setChecked(editing)

    def _step_along(self, steps: int) -> None:
        page = self._page
        if page is not None:
            editing = page.is_complete and page.correcting.editing
            self.show_stage(neighbour(stage_of(page.shown_page, editing=editing), steps))

    def _go(self, page: Page) -> None:
        self._check_only(page)
        if self._page is not None:
            self._page.show_page(page)

    def _check_only(self, page: Page) -> None:
        for action_id, leads_to in PAGE_ACTIONS.items():
            self._workspace.commands.check(action_id, checked=leads_to is page)
