"""One open project on the screen: the list at once, everything else as soon as it was painted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from core.errors import StudioError
from core.types.fits import Verdict
from spin_gui.samples.list_panel import SampleListPanel
from spin_gui.session.verdict_edits import judge_selected
from spin_gui.widgets.empty_page import EmptyPage
from spin_gui.widgets.error_reports import report_of
from spin_gui.widgets.page import Page, PageWidget, Step
from spin_gui.window.first_paint import FirstPaint
from spin_gui.window.project_tools import ProjectTools
from spin_gui.window.restored_view import ReviewBookmark
from spin_gui.window.settings import WindowSettings

if TYPE_CHECKING:
    from spin_gui.correcting.controller import CorrectionController
    from spin_gui.jobs.background_flagger import BackgroundFlagger
    from spin_gui.jobs.engine_process import EngineProcess
    from spin_gui.samples.details import DetailsPanel
    from spin_gui.samples.fit_notice import FitNotice
    from spin_gui.samples.histogram_strip import HistogramStrip
    from spin_gui.training.panel import CockpitPanel
    from spin_gui.training.run_monitor import TrainingWatch
    from spin_gui.viewer.fit_views import FitViewsPanel
    from spin_gui.viewer.missing_picture import MissingPictureNotice
    from spin_gui.window.sample_parts import SampleParts

NOTICE_INTERVAL_MS = 1000
"""How soon the window sees what a job or another process wrote."""

SIDE_WIDTHS = (290, 320)
NARROW_SIDE_WIDTHS = (236, 300)
NARROW_BELOW = 1300
"""List and details at first; in a narrow window the views need what they can get."""

NOTHING_TO_SHOW = "Import annotations (Ctrl+I), or change search and filter of the list."

_LAYOUT_PARTS = {False: "side widths", True: "side widths of a narrow window"}
"""A narrow window's widths are no measure for a wide one, so each is remembered for itself."""


class ProjectPage(QWidget):
    """List, views and details beside each other.

    The list is there at once. All else is made when it is asked for, or a moment after the list was
    first painted; ``completed`` tells of it.
    """

    state_changed = Signal()
    """Another action may be enabled."""
    completed = Signal()
    failed = Signal(object)
    """An ``ErrorReport``: the project cannot be read any more, or not shown whole."""
    place_made = Signal(object, object)
    """A ``Page`` and its panel, made when it is shown first: some need a plotting library."""

    def __init__(
        self,
        tools: ProjectTools,
        settings: WindowSettings,
        watch: Callable[[], TrainingWatch],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.tools, self._settings, self._watch = tools, settings, watch
        self.session = tools.session
        self._made: SampleParts | None = None
        self.samples = SampleListPanel(
            tools.session, tools.thumbnails, big_pictures=tools.big_pictures
        )
        self.place = Page.SAMPLES
        self._place_panels: dict[Page, PageWidget] = {}
        self._centre, self._details_side = QStackedWidget(), QStackedWidget()
        self._splitter = self._build_splitter()
        self._narrow = False
        self._sides = {False: SIDE_WIDTHS, True: NARROW_SIDE_WIDTHS}
        self._list_width = SIDE_WIDTHS[0]
        self._samples_page = self._build_samples_page()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._samples_page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self._log_problem = ""
        self._notice = QTimer(self, interval=NOTICE_INTERVAL_MS)
        self._notice.timeout.connect(self._notice_changes)
        self._notice.start()
        for signal in (self.session.current_changed, self.session.samples_changed):
            signal.connect(self._on_state)
        self.session.undo_stack.indexChanged.connect(self._on_state)
        for thumbnails in (tools.thumbnails, tools.big_pictures):
            # Pictures may have been found again, by this window or another process.
            self.session.rows_stale.connect(thumbnails.forget_failures)
        self._painted = FirstPaint(self.samples.shown_view.viewport())
        self._painted.happened.connect(self._complete)
        self._on_state()

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
            self._lay_out(self._made)
            self._on_state()
            self.completed.emit()
        return self._made

    @property
    def views(self) -> FitViewsPanel:
        """The sample from the camera, the top and the side."""
        return self.parts.views

    @property
    def details(self) -> DetailsPanel:
        """What is known of the sample."""
        return self.parts.details

    @property
    def histograms(self) -> HistogramStrip:
        """The strip below."""
        return self.parts.histograms

    @property
    def notice(self) -> FitNotice:
        """What happened to the fit that is looked at."""
        return self.parts.notice

    @property
    def missing_picture(self) -> MissingPictureNotice:
        """That the picture is not at its place."""
        return self.parts.missing_picture

    @property
    def correcting(self) -> CorrectionController:
        """Everything that corrects samples."""
        return self.parts.correcting

    @property
    def engine(self) -> EngineProcess:
        """What needs PyTorch, in a process of its own."""
        return self.parts.engine

    @property
    def flags(self) -> BackgroundFlagger:
        """Keeps the flags up to date."""
        return self.parts.flags

    @property
    def has_sample(self) -> bool:
        """Whether a sample is shown."""
        return self.session.current_id is not None

    @property
    def cockpit(self) -> CockpitPanel | None:
        """The training's panel, once it was shown."""
        return cast("CockpitPanel | None", self._place_panels.get(Page.TRAINING))

    def show_place(self, place: Page) -> None:
        """One of the places in the window; the others stay as they were left."""
        self.place = place
        if place is Page.SAMPLES:
            self._pages.setCurrentWidget(self._samples_page)
            self.samples.focus_list()
        else:
            panel = self._place_panels.get(place) or self._add_place(place)
            self._pages.setCurrentWidget(panel)
            panel.setFocus()
        self.state_changed.emit()

    @property
    def place_panel(self) -> PageWidget | None:
        """The panel of the place that is shown; None for the samples."""
        return self._place_panels.get(self.place)

    def walk(self, step: Step) -> None:
        """From sample to sample: in the list of the place that is shown, or else of the samples."""
        panel = self.place_panel
        if panel is None or not panel.walk(step):
            getattr(self.session, f"go_{step}")()

    def reset_view(self) -> None:
        """Take back orbit, zoom and pan of what is shown."""
        panel = self.place_panel
        if panel is None or not panel.reset_view():
            self.views.reset_view()

    def judge(self, verdict: Verdict) -> None:
        """Judge what is selected where the user is."""
        panel = self.place_panel
        if panel is None or not panel.judge(verdict):
            judge_selected(self.session, verdict)

    def set_grid(self, *, shown: bool) -> None:
        """Big thumbnails in place of the list and the views, or back."""
        if shown == self._centre.isHidden():
            return
        if shown:
            self._complete()  # what is hidden has to have its width, to get it back
            self._list_width = self._splitter.sizes()[0] or self._list_width
        self._centre.setVisible(not shown)
        self._splitter.setStretchFactor(0, int(shown))
        if not shown:
            self._set_sides(self._list_width, self._splitter.sizes()[2])
        self.samples.set_grid(shown=shown)

    def set_histograms(self, *, shown: bool) -> None:
        """The strip of histograms below the samples."""
        if shown or self._made is not None:
            self.histograms.setVisible(shown)

    def set_details(self, *, shown: bool) -> None:
        """The details on the right."""
        self._details_side.setVisible(shown)

    def _add_place(self, place: Page) -> PageWidget:
        panel = self._make_place(place)
        self._place_panels[place] = panel
        self._pages.addWidget(panel)
        self.place_made.emit(place, panel)
        return panel

    def restore_layout(self) -> None:
        """The widths of last time, or the first ones."""
        for narrow, part in _LAYOUT_PARTS.items():
            self._sides[narrow] = _widths(self._settings.layout(part)) or self._sides[narrow]
        self._narrow = self.window().width() < NARROW_BELOW
        self._set_sides(*self._sides[self._narrow])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a window made narrow the views get the room that list and details can spare."""
        super().resizeEvent(event)
        self._adapt_sides()

    def showEvent(self, event: QShowEvent) -> None:
        """The widths of last time may be those of a wider window."""
        super().showEvent(event)
        self._adapt_sides()

    def reset_layout(self) -> None:
        """The first widths."""
        self._sides = {False: SIDE_WIDTHS, True: NARROW_SIDE_WIDTHS}
        self._narrow = self.window().width() < NARROW_BELOW
        self._set_sides(*self._sides[self._narrow])

    def restore_place(self) -> None:
        """The filter, the order and the sample of last time, as far as they still exist."""
        place = self._settings.review_place(self.session.project)
        if place is None:
            return
        self.session.set_query(place.query)
        if place.sample_id in self.session.sample_ids:
            self.session.select(place.sample_id)

    def save_layout(self) -> None:
        """Remember the widths."""
        self._note_sides()
        for narrow, part in _LAYOUT_PARTS.items():
            text = " ".join(map(str, self._sides[narrow]))
            self._settings.set_layout(part, QByteArray(text.encode()))

    def close_project(self) -> None:
        """Stop what runs for this project and close its database; the page is of no use after."""
        self._notice.stop()
        self._painted.happened.disconnect(self._complete)
        self.save_layout()
        place = ReviewBookmark(self.session.query, self.session.current_id)
        self._settings.set_review_place(self.session.project, place)
        if self._made is not None:
            self._made.close()
        for panel in self._place_panels.values():
            panel.close_place()
        self.tools.close()

    @Slot()
    def _complete(self) -> None:
        if self._made is not None:
            return
        try:
            self.parts  # noqa: B018 - asking makes them
        except StudioError as error:
            self.failed.emit(report_of(error, during=f"Opening {self.session.project}"))

    @Slot()
    def _notice_changes(self) -> None:
        """A database that cannot be read is told of once, not every second."""
        try:
            self.session.notice_external_changes()
            self._tell_log_problem()
        except StudioError as error:
            self._notice.stop()
            self.failed.emit(report_of(error, during=f"Looking at {self.session.project}"))

    def _tell_log_problem(self) -> None:
        """Once for each: the edits are saved, and their second copy is not."""
        problem = self.session.dictionary.log_problem
        if problem and problem != self._log_problem:
            self.session.noticed.emit(problem)
        self._log_problem = problem

    def _adapt_sides(self) -> None:
        """Other widths once when the window becomes narrow, and the former when it is wide."""
        if not self.isVisible():
            return  # the splitter has no sizes yet
        narrow = self.width() < NARROW_BELOW
        if narrow != self._narrow:
            self._note_sides()
            self._narrow = narrow
            self._set_sides(*self._sides[narrow])

    def _note_sides(self) -> None:
        """What is hidden, or was never laid out, keeps the width it had."""
        left, centre, right = self._splitter.sizes()
        if self.isVisible() and centre:
            known = self._sides[self._narrow]
            self._sides[self._narrow] = (left or known[0], right or known[1])

    def _set_sides(self, left: int, right: int) -> None:
        self._splitter.setSizes([left, self._splitter.width() - left - right, right])

    def _make_place(self, place: Page) -> PageWidget:
        """The panel of a place other than the samples."""
        # Late, see ``place_made``.
        if place is Page.TRAINING:
            from spin_gui.training.panel import CockpitPanel  # noqa: PLC0415

            return CockpitPanel(self.session, self.tools.body, self.tools.rendering, self._watch())
        if place is Page.GALLERY:
            from spin_gui.gallery.gallery import GalleryPanel  # noqa: PLC0415

            return GalleryPanel(self.session, self.tools.body, self.tools.rendering, self.engine)
        if place is Page.COMPARE:
            from spin_gui.compare.compare import ComparePanel  # noqa: PLC0415

            return ComparePanel(self.session, self.tools.body, self.tools.rendering)
        if place is Page.EVALUATION:
            from spin_gui.evaluation.panel import EvaluationPanel  # noqa: PLC0415

            return EvaluationPanel(self.session)
        raise StudioError(f"The window has no place '{place}'.")

    def _build_samples_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._splitter, 1)
        return page

    def _lay_out(self, parts: SampleParts) -> None:
        """Put what was made after the list where it belongs; widths stay."""
        self._note_sides()
        for widget in (
            parts.seen,
            EmptyPage("No sample to show", NOTHING_TO_SHOW),
            parts.correcting.editor,
        ):
            self._centre.addWidget(widget)
        self._details_side.addWidget(parts.details)
        self._set_sides(*self._sides[self._narrow])
        parts.histograms.setVisible(False)
        column = cast("QVBoxLayout", self._samples_page.layout())
        column.addWidget(parts.histograms)
        parts.correcting.state_changed.connect(self._on_state)

    def _build_splitter(self) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(5)
        for stretch, panel in ((0, self.samples), (1, self._centre), (0, self._details_side)):
            splitter.addWidget(panel)
            splitter.setStretchFactor(splitter.count() - 1, stretch)
        return splitter

    def _on_state(self) -> None:
        if self._made is not None:
            self._show_centre(self._made.correcting)
        self.state_changed.emit()

    def _show_centre(self, correcting: CorrectionController) -> None:
        was_editing = self._centre.currentWidget() is correcting.editor
        editing = correcting.editing
        self._centre.setCurrentIndex(2 if editing else 0 if self.has_sample else 1)
        if editing and not was_editing:
            correcting.editor.show_current()
            correcting.editor.canvas.setFocus()
        elif was_editing and not editing and self.place is Page.SAMPLES:
            self.samples.focus_list()


def _widths(stored: QByteArray | None) -> tuple[int, int] | None:
    """Of the list and the details; None where nothing usable is stored."""
    words = b"" if stored is None else bytes(stored.data())
    numbers = [int(word) for word in words.split() if word.isdigit()]
    return (numbers[0], numbers[1]) if len(numbers) == 2 and min(numbers) > 0 else None
