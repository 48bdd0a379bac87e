"""What the actions that filter, order and walk the list do."""
# ruff: noqa: FBT001 - slots of Qt take what a switch says by position

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.saved_views import (
    BUILT_IN_VIEWS,
    MOST_INFORMATIVE,
    MOST_LIKELY_WRONG,
    REJECTED,
)
from spin_gui.commands.handlers.base import Handler, MenuHandlers
from spin_gui.widgets.page import Page
from spin_gui.widgets.question import open_dialog

if TYPE_CHECKING:
    from spin_gui.samples.views import ViewsDialog


class ListingHandlers(MenuHandlers):
    """Filters, views, queues, selection, the grid and the histograms."""

    def by_id(self) -> dict[str, Handler]:
        """The handler of each action."""
        return {
            "edit.filter": self.filter,
            "edit.clear_filter": self.clear_filter,
            "edit.views": self.show_views,
            "edit.save_view": self.save_view,
            "edit.filter_back": self.filter_back,
            "edit.filter_forward": self.filter_forward,
            "edit.more_like_this": self.more_like_this,
            "edit.more_like_this_mirrored": self.more_like_this_mirrored,
            "edit.near_copies": self.near_copies,
            "edit.select_all": self.select_all,
            "edit.extend_next": self.extend_next,
            "edit.extend_previous": self.extend_previous,
            "review.most_wrong": self.queue_most_wrong,
            "review.most_informative": self.queue_most_informative,
            "review.random_checks": self.show_random_checks,
            "review.rejected": self.queue_rejected,
            "review.progress": self.show_progress,
            "go.jump": self.jump,
            "go.back": self.go_back,
            "go.forward": self.go_forward,
            "view.grid": self.show_grid,
            "view.histograms": self.show_histograms,
        }

    def apply_switches(self) -> None:
        """Let a freshly opened page and the menu follow the remembered switches."""
        for action_id, switch in (
            ("view.grid", self.show_grid),
            ("view.histograms", self.show_histograms),
        ):
            on = self._workspace.settings.flag(action_id, default=False)
            self._workspace.commands.check(action_id, checked=on)
            switch(on)

    @Slot()
    def filter(self) -> None:
        """Ask for filters."""
        from spin_gui.samples.filter import FilterDialog

        if self._page is None:
            return
        session = self._page.session
        dialog = FilterDialog(
            session.query,
            lambda query: len(session.catalogue.ids(query)),
            self._window,
            verdicts_by_flag=session.dictionary.verdicts.agreement().by_flag,
        )
        dialog.chosen.connect(session.set_query)
        open_dialog(dialog, self._window)

    @Slot()
    def clear_filter(self) -> None:
        """List everything again, in the order that the list has."""
        if self._page is not None:
            self._page.samples.clear_filter()

    @Slot()
    def show_views(self) -> None:
        """Choose, save, rename or delete a view."""
        self._open_views()

    @Slot()
    def save_view(self) -> None:
        """Ask for a name at once."""
        dialog = self._open_views()
        if dialog is not None:
            dialog.save_present()

    def _open_views(self) -> ViewsDialog | None:
        from spin_gui.samples.views import ViewsDialog

        if self._page is None:
            return None
        session = self._page.session
        dialog = ViewsDialog(session.dictionary, session.query, self._window)
        dialog.chosen.connect(session.open_view)
        open_dialog(dialog, self._window)
        return dialog

    @Slot()
    def filter_back(self) -> None:
        """The filter of before."""
        if self._page is not None:
            self._page.session.query_back()

    @Slot()
    def filter_forward(self) -> None:
        """Forward again."""
        if self._page is not None:
            self._page.session.query_forward()

    @Slot()
    def more_like_this(self) -> None:
        """The samples whose poses are nearest."""
        self._list_alike()

    @Slot()
    def more_like_this_mirrored(self) -> None:
        """The same, mirrored poses too."""
        self._list_alike(mirrored=True)

    @Slot()
    def near_copies(self) -> None:
        """Samples that show the same moment again."""
        self._list_alike(near_copies=True)

    def _list_alike(self, *, mirrored: bool = False, near_copies: bool = False) -> None:
        if self._page is not None:
            self._page.session.list_alike(mirrored=mirrored, near_copies=near_copies)

    @Slot()
    def select_all(self) -> None:
        """Select every listed sample."""
        if self._page is not None:
            self._page.samples.select_all()

    @Slot()
    def extend_next(self) -> None:
        """Select the next sample, too."""
        if self._page is not None:
            self._page.samples.extend(Qt.Key.Key_Down)

    @Slot()
    def extend_previous(self) -> None:
        """Select the sample before, too."""
        if self._page is not None:
            self._page.samples.extend(Qt.Key.Key_Up)

    @Slot()
    def queue_most_wrong(self) -> None:
        """What is most likely wrong first."""
        self._take_up(BUILT_IN_VIEWS[MOST_LIKELY_WRONG])

    @Slot()
    def queue_most_informative(self) -> None:
        """What a verdict tells most about first."""
        self._take_up(BUILT_IN_VIEWS[MOST_INFORMATIVE])

    @Slot()
    def queue_rejected(self) -> None:
        """What was rejected."""
        self._take_up(BUILT_IN_VIEWS[REJECTED])

    def _take_up(self, query: SampleQuery) -> None:
        page = self._page
        if page is None:
            return
        page.session.open_view(query)
        if page.shown_page is Page.SAMPLES:
            page.samples.focus_list()
        else:
            self._workspace.commands["go.review"].trigger()

    @Slot()
    def show_random_checks(self) -> None:
        """Begin or end random checks, and see what they tell."""
        from spin_gui.samples.random_checks import RandomChecksDialog

        if self._page is not None:
            self._keep_open(RandomChecksDialog(self._page.session, self._window))

    @Slot()
    def show_progress(self) -> None:
        """What is left, the pace, and how flags do."""
        from spin_gui.samples.progress import ProgressDialog

        if self._page is not None:
            self._keep_open(ProgressDialog(self._page.session, self._window))

    def _keep_open(self, dialog: QDialog) -> None:
        """Show a dialog that stays open while the window is used."""
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._window.activateWindow)
        dialog.show()

    @Slot()
    def jump(self) -> None:
        """Ask where to go."""
        from spin_gui.samples.jump import JumpDialog

        if self._page is None:
            return
        dialog = JumpDialog(self._page.session, self._window)
        dialog.chosen.connect(self._page.session.select)
        open_dialog(dialog, self._window)

    @Slot()
    def go_back(self) -> None:
        """The sample looked at before."""
        if self._page is not None:
            self._page.session.visit_back()

    @Slot()
    def go_forward(self) -> None:
        """Forward again."""
        if self._page is not None:
            self._page.session.visit_forward()

    @Slot(bool)
    def show_grid(self, shown: bool) -> None:
        """Big thumbnails in place of rows and views. Editing ends."""
        self._workspace.settings.set_flag("view.grid", on=shown)
        if self._page is not None:
            self._page.set_grid(shown=shown)
            if shown and self._page.is_complete:
                self._page.correcting.set_editing(False)

    @Slot()
    def open_from_grid(self) -> None:
        """From a thumbnail to the sample's own views."""
        self._workspace.commands["view.grid"].setChecked(False)

    @Slot(bool)
    def show_histograms(self, shown: bool) -> None:
        """The strip of histograms below."""
        self._workspace.settings.set_flag("view.histograms", on=shown)
        if self._page is not None:
            self._page.set_histograms(shown=shown)
