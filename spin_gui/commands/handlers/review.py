"""What the actions of the Edit, Review and Go menus do."""

from __future__ import annotations

from PySide6.QtCore import Slot

from core.types.fits import RejectReason, Verdict
from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.commands.records import REASON_ACTIONS
from spin_gui.commands.workspace import OpenProject
from spin_gui.session.wording import count_text
from spin_gui.widgets.page import Page, Step
from spin_gui.widgets.question import ask_yes_no

ASK_FROM = 200
CHOOSE_FIT = "Choose a fit in the history, on the right"
UNKEPT = "No verdict: the changed body shown is not kept yet. Return keeps it, Esc discards it."


class ReviewHandlers(MenuHandlers):
    """Verdicts, undo, search, and from sample to sample."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "edit.undo": self.undo,
            "edit.redo": self.redo,
            "edit.search": self.search,
            "review.accept": self.accept,
            "review.reject": self.reject,
            "review.unsure": self.mark_unsure,
            "review.clear": self.clear_verdict,
            "review.reject_reason": self.ask_reason,
            **dict.fromkeys(REASON_ACTIONS, self.reject_because),
            "fits.make_current": self.make_current,
            "fits.compare": self.compare_fits,
            "go.next": self.go_next,
            "go.previous": self.go_previous,
            "go.first": self.go_first,
            "go.last": self.go_last,
        }

    @Slot()
    def undo(self) -> None:
        """Take back the last edit."""
        if self._page is not None:
            self._page.session.undo_stack.undo()

    @Slot()
    def redo(self) -> None:
        """Do it again."""
        if self._page is not None:
            self._page.session.undo_stack.redo()

    @Slot()
    def search(self) -> None:
        """Go to the search box, opening the list if it is hidden."""
        if self._page is not None:
            self._workspace.commands["view.list"].setChecked(True)
            self._page.samples.focus_search()

    @Slot()
    def accept(self) -> None:
        """Accept the current fit."""
        self._judge(Verdict.ACCEPTED)

    @Slot()
    def reject(self) -> None:
        """Reject the current fit."""
        self._judge(Verdict.REJECTED)

    @Slot()
    def mark_unsure(self) -> None:
        """Mark the current fit as unsure."""
        self._judge(Verdict.UNSURE)

    @Slot()
    def clear_verdict(self) -> None:
        """Take the verdict away."""
        self._judge(Verdict.NONE)

    @Slot()
    def ask_reason(self) -> None:
        """Offer the reasons for a rejection."""
        if self._page is not None:
            self._page.offer_reasons()

    @Slot()
    def reject_because(self) -> None:
        """Reject for the reason whose action was chosen."""
        sender = self.sender()
        if sender is not None:
            self._judge(Verdict.REJECTED, REASON_ACTIONS[sender.objectName()])

    @Slot()
    def make_current(self) -> None:
        """Make the fit that is chosen in the history current."""
        page = self._page
        if page is not None and not page.history.ask_current():
            page.session.noticed.emit(f"{CHOOSE_FIT}: one that is not the current one.")

    @Slot()
    def compare_fits(self) -> None:
        """Show two fits of the history side by side."""
        page = self._page
        if page is not None and not page.history.ask_compare():
            page.session.noticed.emit(f"{CHOOSE_FIT}: two, or one besides the current one.")

    def _judge(self, verdict: Verdict, reason: RejectReason | None = None) -> None:
        page = self._page
        if page is None:
            return
        in_list = page.shown_page is Page.SAMPLES
        if in_list and verdict is not Verdict.NONE and _shows_unkept_body(page):
            page.correcting.proposals.passing.emit(UNKEPT)
        elif not in_list or self._may_judge(len(page.session.selected_ids)):
            page.judge(verdict, reason)

    def _may_judge(self, selected: int) -> bool:
        """Many verdicts at once are asked for twice: Ctrl+A is easily pressed."""
        count = count_text(selected)
        return selected < ASK_FROM or ask_yes_no(
            self._window,
            "Many verdicts",
            f"{count} samples are selected. Give all of them this verdict?",
            yes=f"Judge {count} fits",
            no="Cancel",
        )

    @Slot()
    def go_next(self) -> None:
        """Show the next row."""
        if self._page is not None:
            self._page.walk(Step.NEXT)

    @Slot()
    def go_previous(self) -> None:
        """Show the row before."""
        if self._page is not None:
            self._page.walk(Step.PREVIOUS)

    @Slot()
    def go_first(self) -> None:
        """Show the first row."""
        if self._page is not None:
            self._page.walk(Step.FIRST)

    @Slot()
    def go_last(self) -> None:
        """Show the last row."""
        if self._page is not None:
            self._page.walk(Step.LAST)


def _shows_unkept_body(page: OpenProject) -> bool:
    """Whether the large view shows a body that no verdict would reach: it is not stored yet."""
    is_seen = page.is_complete and page.views.isVisible()
    return is_seen and page.correcting.proposals.current is not None
