"""One open project on the screen: the list at once, everything else as soon as it was painted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import StudioError
from core.types.fits import RejectReason, Verdict
from spin_gui.samples.list_panel import SampleListPanel
from spin_gui.session.verdict_edits import judge_selected
from spin_gui.tabs.nothing_yet import NothingYet, has_fits
from spin_gui.tabs.project_facts import ProjectFacts
from spin_gui.widgets.error_reports import report_of
from spin_gui.widgets.page import Page, PageWidget, Step
from spin_gui.window.change_watch import ChangeWatch
from spin_gui.window.first_paint import FirstPaint
from spin_gui.window.pages.late_panels import LatePanels
from spin_gui.window.pages.page_stack import PageStack
from spin_gui.window.project_tools import ProjectTools
from spin_gui.window.restored_view import ReviewBookmark
from spin_gui.window.samples_page import SamplesPage
from spin_gui.window.settings import WindowSettings

if TYPE_CHECKING:
    from spin_gui.correcting.controller import CorrectionController
    from spin_gui.frames.frame_tools import FrameTools
    from spin_gui.samples.history import HistoryTable
    from spin_gui.viewer.fit_views import FitViewsPanel
    from spin_gui.window.sample_parts import SampleParts

_PAGES_OF_FITS = frozenset({Page.GALLERY, Page.COMPARE, Page.EVALUATION})
"""Without a single fit these have nothing to show."""


class ProjectPage(QWidget):
    """The samples and the other pages of one project.

    The list is there at once. All else is made when it is asked for, or a moment after the list was
    first painted; ``completed`` tells of it. ``make_panel`` makes the panel of another page when
    that is first shown.
    """

    state_changed = Signal()
    """Another action may be enabled."""
    completed = Signal()
    failed = Signal(object)
    """An ``ErrorReport``: the project cannot be read any more, or not shown whole."""

    def __init__(
        self,
        tools: ProjectTools,
        settings: WindowSettings,
        make_panel: Callable[[ProjectPage, Page], PageWidget],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tools, self._settings, self._make_panel = tools, settings, make_panel
        self.session = tools.session
        self.facts = ProjectFacts(tools.session)
        self._made: SampleParts | None = None
        self.samples = SampleListPanel(
            tools.session, tools.thumbnails, big_pictures=tools.big_pictures
        )
        self.samples_page = SamplesPage(self.samples, frame=self, settings=settings)
        self.nothing = NothingYet(self.session)
        self._late = LatePanels(self)
        self._pages = PageStack(self.samples_page, self.nothing, self._late.panel)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.changes = ChangeWatch(self.session, self)
        self._painted = FirstPaint(self.samples.shown_view.viewport())
        self._listen()
        self._on_state()

    def _listen(self) -> None:
        for signal in (self.session.current_changed, self.session.samples_changed):
            signal.connect(self._on_state)
        self.session.undo_stack.indexChanged.connect(self._on_state)
        for thumbnails in (self.tools.thumbnails, self.tools.big_pictures):
            # Pictures may have been found again, by this window or another process.
            self.session.rows_stale.connect(thumbnails.forget_failures)
            self.session.samples_changed.connect(thumbnails.forget_moved)
        self.session.counts_changed.connect(self._show_first_fits)
        self.changes.failed.connect(self.failed)
        self._late.loaded.connect(self._show_loaded)
        self._late.failed.connect(self.failed)
        self._painted.happened.connect(self._complete)

    # What is made after the list

    @property
    def is_complete(self) -> bool:
        """Whether all of the page is there."""
        return self._made is not None

    @property
    def parts(self) -> SampleParts:
        """All but the list; made now where it is not there yet. Raises ``StudioError``."""
        if self._made is None:
            from spin_gui.window.sample_parts import SampleParts  # noqa: PLC0415 - see the class

            self._made = SampleParts(self.tools, self)
            self.samples_page.lay_out(self._made)
            self._made.correcting.state_changed.connect(self._on_state)
            self._on_state()
            self.facts.read_soon()
            self.completed.emit()
        return self._made

    @property
    def views(self) -> FitViewsPanel:
        """The sample from the camera, the top and the side."""
        return self.parts.views

    @property
    def correcting(self) -> CorrectionController:
        """Everything that corrects samples."""
        return self.parts.correcting

    @property
    def frames(self) -> FrameTools:
        """What there is for the frames of one person."""
        return self.parts.frames

    @property
    def history(self) -> HistoryTable:
        """The fits of the current sample."""
        return self.parts.details.history

    @property
    def has_sample(self) -> bool:
        """Whether a sample is shown."""
        return self.session.current_id is not None

    # Pages

    @property
    def shown_page(self) -> Page:
        """What fills the window."""
        return self._pages.shown_page

    @property
    def shown_panel(self) -> PageWidget | None:
        """The panel of the page that is shown; None for the samples."""
        return self._pages.shown_panel

    def panel(self, page: Page) -> PageWidget | None:
        """The panel of a page, once it was shown; None for the samples."""
        return self._pages.panel(page)

    def show_page(self, page: Page) -> None:
        """Fill the window with a page; the others stay as they were left."""
        if page in _PAGES_OF_FITS and not has_fits(self.session.counts()):
            self._pages.show_nothing(page)
        elif not self._late.is_ready(page):
            self._pages.show_waiting(page)
            self._late.load(page)
        else:
            if page is not Page.SAMPLES and self._pages.panel(page) is None:
                self._pages.add_panel(page, self._make_panel(self, page))
            self._pages.show_page(page)
        if page is Page.SAMPLES:
            self.samples.focus_list()
        self.state_changed.emit()

    def walk(self, step: Step) -> None:
        """From sample to sample: in the list of the page that is shown, or else of the samples."""
        panel = self.shown_panel
        if panel is None or not panel.walk(step):
            steps = {
                Step.NEXT: self.session.go_next,
                Step.PREVIOUS: self.session.go_previous,
                Step.FIRST: self.session.go_first,
                Step.LAST: self.session.go_last,
            }
            steps[step]()

    def reset_view(self) -> None:
        """Take back orbit, zoom and pan of what is shown."""
        panel = self.shown_panel
        if panel is None or not panel.reset_view():
            self.views.reset_view()

    def judge(self, verdict: Verdict, reason: RejectReason | None = None) -> None:
        """Judge what is selected where the user is."""
        panel = self.shown_panel
        if panel is None or not panel.judge(verdict, reason):
            judge_selected(self.session, verdict, reason)

    def offer_reasons(self) -> None:
        """Show the reasons for a rejection, to choose one."""
        self.parts.verdicts.offer_reasons(self)

    # Layout

    def set_grid(self, *, shown: bool) -> None:
        """Big thumbnails in place of the list and the views, or back."""
        if shown == self.samples_page.grid_shown:
            return
        if shown:
            self._complete()  # what is hidden has to have its width, to get it back
        self.samples_page.set_grid(shown=shown)

    def set_histograms(self, *, shown: bool) -> None:
        """The strip of histograms below the samples."""
        if shown or self._made is not None:
            self.parts.histograms.setVisible(shown)

    def fold_strips(self) -> None:
        """Fold the strips around the views, or unfold them."""
        self.parts  # noqa: B018 - asking makes them
        if self.samples_page.folding is not None:
            self.samples_page.folding.fold_all()

    def set_details(self, *, shown: bool) -> None:
        """The details on the right."""
        self.samples_page.set_details(shown=shown)

    def restore_layout(self) -> None:
        """The widths of last time, or the first ones."""
        self.samples_page.widths.restore(self._settings)

    def reset_layout(self) -> None:
        """The first widths."""
        self.samples_page.widths.reset()

    def save_layout(self) -> None:
        """Remember the widths."""
        self.samples_page.widths.save(self._settings)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a window made narrow the views get the room that list and details can spare."""
        super().resizeEvent(event)
        self.samples_page.adapt()

    def showEvent(self, event: QShowEvent) -> None:
        """The widths of last time may be those of a wider window."""
        super().showEvent(event)
        self.samples_page.adapt()

    # Opening and closing

    def restore_bookmark(self) -> None:
        """The filter, the order and the sample of last time, as far as they still exist."""
        bookmark = self._settings.review_place(self.session.project)
        if bookmark is None:
            return
        self.session.set_query(bookmark.query)
        if bookmark.sample_id in self.session.sample_ids:
            self.session.select(bookmark.sample_id)

    def close_project(self) -> None:
        """Stop what runs for this project and close its database; the page is of no use after."""
        self.changes.stop()
        self._late.close()
        self._painted.happened.disconnect(self._complete)
        self.save_layout()
        bookmark = ReviewBookmark(self.session.query, self.session.current_id)
        self._settings.set_review_place(self.session.project, bookmark)
        if self._made is not None:
            self._made.close()
        self._pages.close_panels()
        self.tools.close()

    @Slot()
    def _complete(self) -> None:
        if self._made is not None:
            return
        try:
            self.parts  # noqa: B018 - asking makes them
        except StudioError as error:
            self.failed.emit(report_of(error, during=f"Opening {self.session.project}"))

    @Slot(object)
    def _show_loaded(self, page: Page) -> None:
        """Make the panel that was waited for, unless another page is shown by now."""
        if self.shown_page is page and self.shown_panel is self._late.panel:
            self.show_page(page)

    @Slot()
    def _show_first_fits(self) -> None:
        """Where a page waited for fits, show it now that there are some; or no longer."""
        waits = self._pages.shows_nothing
        if self.shown_page in _PAGES_OF_FITS and waits == has_fits(self.session.counts()):
            self.show_page(self.shown_page)

    @Slot()
    def _on_state(self) -> None:
        if self._made is not None:
            self.samples_page.show_centre(
                self._made.correcting,
                has_sample=self.has_sample,
                in_front=self.shown_page is Page.SAMPLES,
            )
        self.state_changed.emit()
