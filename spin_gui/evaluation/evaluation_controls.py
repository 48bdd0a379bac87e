"""The top of the evaluation: what is judged, against what, by which metric; and how it goes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.engine.evaluation.metrics import METRICS, TWO_D, Metric, metric_named
from core.engine.evaluation.project_bodies import ReferenceBodies
from core.progress import Progress
from spin_gui.jobs.job_panel import progress_text
from spin_gui.session.glossary import meaning_of
from spin_gui.widgets.fact_rows import Note
from spin_gui.widgets.help_mark import with_help

WHOLE, LISTED = "Whole project", "As listed"
TRUTH_TITLES = {ReferenceBodies.KNOWN: "Known truth", ReferenceBodies.ACCEPTED: "Accepted fits"}
_TRUTH_TIPS = (
    "Known truth: the true bodies that data sets bring. Accepted fits: what people accepted; "
    "that is agreement, not error"
)

MEANINGS = {
    "Against": f"{_TRUTH_TIPS}.",
    "Metric": " ".join(
        f"{word}: {meaning_of(word)}" for word in ("2D error", "3D error", "reconstruction error")
    ),
}
"""What stands behind the words in front of the choices."""


class EvaluationControls(QWidget):
    """Says what is chosen; the panel finds out and shows."""

    changed = Signal()
    again_asked = Signal()
    stop_asked = Signal()
    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._requested_key = METRICS[0].key
        self._known = True
        self.samples = _combo("Samples", "All samples, or those that the list's filter lets in")
        self.samples.addItems([WHOLE, LISTED])
        self.truth = _combo("Compared with", _TRUTH_TIPS)
        for truth, title in TRUTH_TITLES.items():
            self.truth.addItem(title, truth)
        self.metric_choice = _combo("Metric", "")
        for metric in METRICS:
            self.metric_choice.addItem(f"{metric.title} ({metric.unit})", metric.key)
            tip = f"{metric.meaning}."
            self.metric_choice.setItemData(
                self.metric_choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole
            )
        self.again_button = _button("Evaluate again", "Compute everything from the present data")
        self.export_button = _button("Export…", "Write these numbers as Markdown or CSV")
        self.stop_button = _button("Stop", "End the evaluation; what is known stays")
        self.note, self.bar, self.numbers = Note(), QProgressBar(), QLabel()
        self._arrange()
        self._connect()
        self.set_working(working=False)
        self._show_metric()

    @property
    def listed_only(self) -> bool:
        """Whether only the samples of the list count."""
        return self.samples.currentText() == LISTED

    @property
    def chosen_truth(self) -> ReferenceBodies:
        """What bodies are compared with."""
        return ReferenceBodies(self.truth.currentData())

    @property
    def chosen_metric(self) -> Metric:
        """The metric that is shown: the requested one, as long as it is available."""
        requested = metric_named(self._requested_key)
        return requested if self._known or not requested.needs_truth else metric_named(TWO_D)

    def set_truth_known(self, *, known: bool) -> None:
        """Without a truth only some metrics can be chosen."""
        self._known = known
        model = self.metric_choice.model()
        if isinstance(model, QStandardItemModel):
            for row, metric in enumerate(METRICS):
                model.item(row).setEnabled(known or not metric.needs_truth)
        self._show_metric()

    def set_working(self, *, working: bool) -> None:
        """Whether an evaluation runs."""
        for widget in (self.bar, self.numbers, self.stop_button):
            widget.setVisible(working)
        self.again_button.setEnabled(not working)
        if working:
            self.bar.setRange(0, 0)
            self.numbers.clear()

    @Slot(object)
    def show_progress(self, progress: Progress) -> None:
        """How far it is."""
        self.bar.setRange(0, max(progress.total, 0))
        self.bar.setValue(progress.done)
        parts = (progress.phase, progress_text(progress))
        self.numbers.setText(": ".join(part for part in parts if part))

    def _show_metric(self) -> None:
        metric = self.chosen_metric
        self.metric_choice.setCurrentIndex(METRICS.index(metric))
        self.metric_choice.setToolTip(f"{metric.meaning}.")

    @Slot()
    def _on_metric(self) -> None:
        self._requested_key = self.metric_choice.currentData()
        self._show_metric()
        self.changed.emit()

    def _connect(self) -> None:
        self.samples.activated.connect(self.changed)
        self.truth.activated.connect(self.changed)
        self.metric_choice.activated.connect(self._on_metric)
        self.again_button.clicked.connect(self.again_asked)
        self.stop_button.clicked.connect(self.stop_asked)
        self.export_button.clicked.connect(self.export_asked)

    def _arrange(self) -> None:
        self.bar.setFixedWidth(160)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the evaluation")
        self.numbers.setAccessibleName("Rate and time left")
        self.note.setAccessibleName("About this evaluation")
        choices, state = QHBoxLayout(), QHBoxLayout()
        choices.setSpacing(8)
        state.setSpacing(8)
        for name, combo in (
            ("Samples", self.samples),
            ("Against", self.truth),
            ("Metric", self.metric_choice),
        ):
            label = QLabel(name)
            label.setBuddy(combo)
            meaning = MEANINGS.get(name)
            choices.addWidget(label if meaning is None else with_help(label, name, meaning))
            choices.addWidget(combo)
            choices.addSpacing(8)
        choices.addStretch(1)
        choices.addWidget(self.again_button)
        choices.addWidget(self.export_button)
        state.addWidget(self.note, 1)
        for widget in (self.bar, self.numbers, self.stop_button):
            state.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(choices)
        layout.addLayout(state)


def _combo(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return box


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text.rstrip("…"))
    button.setToolTip(tip)
    return button
