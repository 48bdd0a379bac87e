"""The training page: numbers, curves and pictures of a training, and how to steer it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.body.display_body import DisplayBody
from core.rendering.render_thread import RenderService
from spin_gui.session.glossary import meaning_of
from spin_gui.session.session import ProjectSession
from spin_gui.session.trainings import trainings
from spin_gui.training.batch_preview import ROWS, BatchPreviewPanel
from spin_gui.training.curve_plots import CurvePlots, ShownRun
from spin_gui.training.facts import TrainingFacts
from spin_gui.training.job import TrainingStart
from spin_gui.training.run_curves import RunCurves
from spin_gui.training.run_list import CurveStore, RunListPanel
from spin_gui.training.run_monitor import TrainingWatch
from spin_gui.training.steering import TrainingSteering
from spin_gui.widgets.empty_page import EmptyPage
from spin_gui.widgets.help_mark import with_help
from spin_gui.widgets.layouts import body_label, headline
from spin_gui.widgets.page import PageWidget

DRAW_INTERVAL_MS = 500
"""Curves are drawn twice a second: more is not read, and drawing is what the window pays for."""

NO_TRAINING = "No training yet"
WHAT_TRAINING_DOES = (
    "A training lets the regressor learn from the fits of this project, and improves the fits from "
    "what it predicts. It goes on while you review, and can be stopped and continued."
)

SIDE_WIDTH = 300
HEIGHT_FOR_CURVES_PX = 510
"""With captions and buttons; what a window is higher goes to the pictures."""


class TrainingPanel(PageWidget):
    """Listens to a ``TrainingWatch``; its parts only ask."""

    train_asked = Signal()
    continue_asked = Signal(int)
    pause_asked = Signal()
    stop_asked = Signal()
    discard_asked = Signal()
    review_asked = Signal()
    sample_asked = Signal(int)
    run_chosen = Signal()
    """Another run of the list, or none."""

    def __init__(
        self,
        session: ProjectSession,
        body: DisplayBody,
        rendering: RenderService,
        watch: TrainingWatch,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._session, self._watch = session, watch
        self._store = CurveStore(session.project, self)
        self.plots, self.runs = CurvePlots(), RunListPanel()
        self.preview = BatchPreviewPanel(body, rendering)
        self.steering, self.facts = TrainingSteering(), TrainingFacts()
        self.pages, self.nothing = QStackedWidget(), EmptyPage(NO_TRAINING, WHAT_TRAINING_DOES)
        self.nothing.add_button("Train…").clicked.connect(self.train_asked)
        self._arrange()
        self._draw = QTimer(self, singleShot=True, interval=DRAW_INTERVAL_MS)
        self._connect()
        self._on_state()

    def close_panel(self) -> None:
        """End its threads; it is of no use after."""
        self._draw.stop()
        self._store.close()
        self.preview.close_painting()

    @property
    def chosen_run_id(self) -> int | None:
        """The current row of the list of runs."""
        chosen = self.runs.chosen()
        return None if chosen is None else chosen.id

    def choose(self, run_id: int) -> None:
        """Make a run the chosen one of the list."""
        self.runs.choose(run_id)

    def curves_of(self, run_id: int) -> RunCurves | None:
        """What is known of a run's numbers."""
        return self._store.get(run_id)

    @Slot()
    def refresh_runs(self) -> None:
        """List the project's trainings again."""
        runs = trainings(self._session.project, self._session.dictionary.runs.all())
        running = self._running_id()
        for run in runs:
            if self._store.get(run.id) is None and run.id != running:
                self._store.request(run.id)
        done = {run.id: curves.last_iteration for run in runs if (curves := self._curves(run.id))}
        self.runs.show_runs(runs, done, running)
        self.pages.setCurrentIndex(int(not runs and not self._watch.training))
        self._show_curves()

    def showEvent(self, event: QShowEvent) -> None:
        """What was not drawn while it was hidden."""
        super().showEvent(event)
        self.refresh_runs()
        if self._watch.preview is not None:
            self.preview.show_preview(self._watch.preview)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures take what height the curves can spare."""
        super().resizeEvent(event)
        self.preview.set_tile_px((event.size().height() - HEIGHT_FOR_CURVES_PX) // len(ROWS))

    # Listening

    @Slot(object)
    def _on_started(self, start: TrainingStart) -> None:
        before = self._store.get(start.run_id)
        if before is not None and len(before):
            self._watch.continue_from(before)
        self._store.put(start.run_id, self._watch.curves)
        self.refresh_runs()
        self.runs.choose(start.run_id)
        self.facts.show_training(self._watch)
        self._on_state()

    @Slot()
    def _on_progressed(self) -> None:
        if self.isVisible() and not self._draw.isActive():
            self._draw.start()

    @Slot()
    def _draw_now(self) -> None:
        running = self._running_id()
        if running is not None:
            self.runs.set_progress(running, self._watch.curves.last_iteration)
        self.facts.show_training(self._watch)
        self._show_curves()

    @Slot(object)
    def _on_previewed(self, preview: object) -> None:
        # A hidden page draws nothing; the watch keeps the newest for when it is seen.
        if self.isVisible() and preview is not None and self._watch.preview is not None:
            self.preview.show_preview(self._watch.preview)

    @Slot()
    def _on_state(self) -> None:
        training = self._watch.training
        self.steering.show_state(self._watch)
        self.runs.set_idle(not training)
        if not training:
            if self._watch.start is not None:
                self._store.request(self._watch.start.run_id)
            self.refresh_runs()
        self.facts.show_training(self._watch)

    @Slot(int)
    def _on_curves(self, _run_id: int) -> None:
        """Curves were read: counts and lines follow."""
        runs = self.runs.runs
        done = {run.id: curves.last_iteration for run in runs if (curves := self._curves(run.id))}
        self.runs.show_runs(runs, done, self._running_id())
        self._show_curves()

    # Showing

    def _running_id(self) -> int | None:
        start = self._watch.start
        return start.run_id if self._watch.training and start is not None else None

    def _curves(self, run_id: int) -> RunCurves | None:
        return self._watch.curves if run_id == self._running_id() else self._store.get(run_id)

    @Slot()
    def _show_curves(self) -> None:
        shown = [
            ShownRun(run.id, run.place, curves)
            for run in self.runs.shown()
            if (curves := self._curves(run.id)) is not None
        ]
        self.plots.show_runs(shown)

    # Building

    def _arrange(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self._side())
        drawn = QWidget()
        right = QVBoxLayout(drawn)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(10)
        right.addWidget(self.plots, 1)
        right.addWidget(self.preview)
        for page in (drawn, self.nothing):
            self.pages.addWidget(page)
        middle.addWidget(self.pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(10)
        layout.addWidget(self.steering)
        layout.addLayout(middle, 1)

    def _side(self) -> QWidget:
        side = QFrame()
        side.setFixedWidth(SIDE_WIDTH)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.facts)
        layout.addSpacing(6)
        heading = headline("Runs", larger_by=1.0)
        layout.addWidget(with_help(heading, "Runs", meaning_of("run")))
        layout.addWidget(
            body_label("Checked runs are drawn over one another, each in its pattern.", quiet=True)
        )
        layout.addWidget(self.runs, 1)
        return side

    def _connect(self) -> None:
        watch = self._watch
        watch.started.connect(self._on_started)
        watch.progressed.connect(self._on_progressed)
        watch.previewed.connect(self._on_previewed)
        watch.state_changed.connect(self._on_state)
        self._draw.timeout.connect(self._draw_now)
        self._store.ready.connect(self._on_curves)
        self.runs.shown_changed.connect(self._show_curves)
        self.runs.continue_asked.connect(self.continue_asked)
        self.runs.list.currentItemChanged.connect(self.run_chosen)
        steering = self.steering
        steering.log_switch.toggled.connect(self.plots.set_log_scale)
        steering.smooth_switch.toggled.connect(self.plots.set_smooth)
        steering.train_asked.connect(self.train_asked)
        steering.pause_asked.connect(self.pause_asked)
        steering.stop_asked.connect(self.stop_asked)
        steering.discard_asked.connect(self.discard_asked)
        steering.review_asked.connect(self.review_asked)
        self.preview.sample_asked.connect(self.sample_asked)
