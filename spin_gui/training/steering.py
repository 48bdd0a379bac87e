"""How the training stands, and the buttons that steer it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from core.runs.training_control import TrainingState
from spin_gui.training.job import TrainingStart
from spin_gui.training.run_monitor import TrainingWatch
from spin_gui.widgets.layouts import headline

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


class TrainingSteering(QWidget):
    """Its buttons only ask."""

    train_asked = Signal()
    pause_asked = Signal()
    stop_asked = Signal()
    discard_asked = Signal()
    review_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build_controls()
        self._arrange()
        self.train_button.clicked.connect(self.train_asked)
        self.pause_button.clicked.connect(self.pause_asked)
        self.stop_button.clicked.connect(self.stop_asked)
        self.discard_button.clicked.connect(self.discard_asked)
        self.review_button.clicked.connect(self.review_asked)

    def show_state(self, watch: TrainingWatch) -> None:
        """Offer what can be done with the training as it stands."""
        state, training = watch.state, watch.training
        self.state.setText(_headline(watch.start, state) if training else "No training is running")
        self.pause_button.setText("Go on" if state is TrainingState.PAUSED else "Pause")
        self.pause_button.setAccessibleName(self.pause_button.text())
        for button in (self.pause_button, self.stop_button, self.discard_button):
            button.setVisible(training)
            button.setEnabled(training and state in STEERABLE)
        discarding = state is TrainingState.CANCELLING
        stopping = state is TrainingState.STOPPING
        self.stop_button.setText("Stopping…" if stopping else "Stop and keep")
        self.discard_button.setText("Discarding…" if discarding else "Cancel and discard…")
        self.train_button.setVisible(not training)

    def _build_controls(self) -> None:
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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.state.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.state.setWordWrap(False)
        row.addWidget(self.state, 1)
        for control in (
            self.log_switch,
            self.smooth_switch,
            self.train_button,
            self.pause_button,
            self.stop_button,
            self.discard_button,
            self.review_button,
        ):
            row.addWidget(control)


def _headline(start: TrainingStart | None, state: TrainingState | None) -> str:
    words = STATE_TITLES.get(state, "") if state is not None else ""
    if start is None:
        return words
    return f"Run {start.run_id} · {words}"
