"""The cockpit: how the training goes, in numbers, curves and pictures, and how to steer it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.body.display_body import DisplayBody
from core.progress import duration_text
from core.rendering.render_thread import RenderService
from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingState
from spin_gui.session.session import ProjectSession
from spin_gui.session.trainings import trainings
from spin_gui.session.wording import number
from spin_gui.training.batch_preview import ROWS, BatchPreviewPanel
from spin_gui.training.curve_plots import CurvePlots, ShownRun
from spin_gui.training.job import TrainingStart
from spin_gui.training.run_curves import RunCurves
from spin_gui.training.run_list import CurveStore, RunListPanel
from spin_gui.training.run_monitor import TrainingWatch
from spin_gui.widgets.fact_rows import FactRows
from spin_gui.widgets.layouts import body_label, headline
from spin_gui.widgets.page import PageWidget

DRAW_INTERVAL_MS = 500
"""Curves are drawn twice a second: more is not read, and drawing is what the window pays for."""

SIDE_WIDTH = 300
HEIGHT_FOR_CURVES_PX = 510
"""With captions and buttons; what a window is higher goes to the pictures."""

FACTS = (
    "Iteration",
    "Speed",
    "Time left",
    "2D error",
    "Fits improved",
    "SMPLify",
    "Memory",
)

STATE_TITLES = {
    TrainingState.PREPARING: "Preparing…",
    TrainingState.RUNNING: "Training",
    TrainingState.PAUSED: "Paused",
    TrainingState.STOPPING: "Stopping…",
    TrainingState.CANCELLING: "Stopping…",
    TrainingState.FINISHED: "Finished, now predicting",
    TrainingState.STOPPED: "Stopped",
    TrainingState.CANCELLED: "Discarded",
    TrainingState.FAILED: "Failed",
}


STEERABLE = frozenset({TrainingState.PREPARING, TrainingState.RUNNING, TrainingState.PAUSED, None})
"""Afterwards it ends by itself, or predicts."""


class CockpitPanel(PageWidget):
    """Listens to a ``TrainingWatch``; its buttons only ask."""

    train_asked = Signal()
    continue_asked = Signal(int)
    pause_asked = Signal()
    stop_asked = Signal()
    discard_asked = Signal()
    review_asked = Signal()
    sample_asked = Signal(int)

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
        self.facts = FactRows(FACTS)
        self.about = body_label("", quiet=True)
        self._build_buttons()
        self._arrange()
        self._draw = QTimer(self, singleShot=True, interval=DRAW_INTERVAL_MS)
        self._connect()
        self._on_state()

    def close_panel(self) -> None:
        """End its threads; it is of no use after."""
        self._draw.stop()
        self._store.close()
        self.preview.close_painting()

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
        self._show_facts()
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
        self._show_facts()
        self._show_curves()

    @Slot(object)
    def _on_previewed(self, preview: object) -> None:
        # A hidden page draws nothing; the watch keeps the newest for when it is seen.
        if self.isVisible() and preview is not None and self._watch.preview is not None:
            self.preview.show_preview(self._watch.preview)

    @Slot()
    def _on_state(self) -> None:
        state, training = self._watch.state, self._watch.training
        ending = state not in STEERABLE
        self.state.setText(
            _headline(self._watch.start, state) if training else "No training is running"
        )
        self.pause_button.setText("Go on" if state is TrainingState.PAUSED else "Pause")
        self.pause_button.setAccessibleName(self.pause_button.text())
        for button in (self.pause_button, self.stop_button, self.discard_button):
            button.setVisible(training)
            button.setEnabled(training and not ending)
        discarding = state is TrainingState.CANCELLING
        stopping = state is TrainingState.STOPPING
        self.stop_button.setText("Stopping…" if stopping else "Stop and keep")
        self.discard_button.setText("Discarding…" if discarding else "Cancel and discard…")
        self.train_button.setVisible(not training)
        self.runs.set_idle(not training)
        if not training:
            if self._watch.start is not None:
                self._store.request(self._watch.start.run_id)
            self.refresh_runs()
        self._show_facts()

    @Slot(int)
    def _on_curves(self, _run_id: int) -> None:
        self.refresh_runs_soon()

    def refresh_runs_soon(self) -> None:
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

    def _show_facts(self) -> None:
        start, latest, watch = self._watch.start, self._watch.latest, self._watch
        facts = dict.fromkeys(FACTS, "")
        self.about.setVisible(start is not None)
        if start is not None:
            self.about.setText(f"{describe(start.configuration)}, on {start.device}.")
        if start is not None:
            total = start.configuration.iterations
            facts["Iteration"] = f"{watch.curves.last_iteration} of {total}"
        if latest is not None:
            facts["Speed"] = _speed(watch.rate_per_s)
            eta = watch.eta_s if watch.training else None
            facts["Time left"] = duration_text(eta) if eta is not None else ""
            facts["2D error"] = f"{number(latest.error_2d_px)} px"
            facts["Fits improved"] = f"{latest.share_improved:.0%} of the newest batch"
            share = latest.fit_seconds / latest.step_seconds if latest.step_seconds > 0 else 0.0
            facts["SMPLify"] = f"{share:.0%} of the time"
            facts["Memory"] = f"{number(latest.memory_mb)} MB" if latest.memory_mb else ""
        for name, text in facts.items():
            self.facts.set_fact(name, text, text)

    # Building

    def _build_buttons(self) -> None:
        self.state = headline("", larger_by=1.15)
        self.state.setAccessibleName("State of the training")
        self.train_button = QPushButton("Train…")
        self.pause_button = QPushButton("Pause")
        self.stop_button = QPushButton("Stop and keep")
        self.discard_button = QPushButton("Cancel and discard…")
        self.review_button = QPushButton("Back to the samples")
        self.log_switch, self.smooth_switch = QCheckBox("Log scale"), QCheckBox("Smooth")
        for switch in (self.log_switch, self.smooth_switch):
            switch.setChecked(True)
        for control, help_text in (
            (self.train_button, "Choose a profile and begin"),
            (self.pause_button, "Hold the training after its iteration, or let it go on"),
            (self.stop_button, "End after this iteration; everything is kept, it can go on later"),
            (self.discard_button, "End and take back every fit that this run made"),
            (self.review_button, "The training goes on meanwhile"),
            (self.log_switch, "Logarithmic scale for the losses"),
            (self.smooth_switch, "Means over some twenty iterations in place of single batches"),
        ):
            control.setToolTip(help_text)
            control.setAccessibleName(control.text().rstrip("…"))
            control.setAccessibleDescription(help_text)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state.setWordWrap(False)
        top.addWidget(self.state, 1)
        for control in (
            self.log_switch,
            self.smooth_switch,
            self.train_button,
            self.pause_button,
            self.stop_button,
            self.discard_button,
            self.review_button,
        ):
            top.addWidget(control)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addWidget(self._side())
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.plots, 1)
        right.addWidget(self.preview)
        middle.addLayout(right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addLayout(middle, 1)

    def _side(self) -> QWidget:
        side = QFrame()
        side.setFixedWidth(SIDE_WIDTH)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.facts)
        layout.addWidget(self.about)
        layout.addSpacing(6)
        layout.addWidget(headline("Runs", larger_by=1.0))
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
        self.log_switch.toggled.connect(self.plots.set_log_scale)
        self.smooth_switch.toggled.connect(self.plots.set_smooth)
        self.train_button.clicked.connect(self.train_asked)
        self.pause_button.clicked.connect(self.pause_asked)
        self.stop_button.clicked.connect(self.stop_asked)
        self.discard_button.clicked.connect(self.discard_asked)
        self.review_button.clicked.connect(self.review_asked)
        self.preview.sample_asked.connect(self.sample_asked)


def _headline(start: TrainingStart | None, state: TrainingState | None) -> str:
    words = STATE_TITLES.get(state, "") if state is not None else ""
    if start is None:
        return words
    return f"Run {start.run_id} · {words}"


def describe(configuration: TrainingConfiguration) -> str:
    """A run in a few words: ``cpu-demo · resnet18 at 128 px``."""
    return f"{configuration.profile} · {configuration.backbone} at {configuration.input_size_px} px"


def _speed(rate_per_s: float) -> str:
    if rate_per_s <= 0:
        return ""
    if rate_per_s >= 1:
        return f"{rate_per_s:.1f} iterations per s"
    return f"{1 / rate_per_s:.1f} s an iteration"
