"""The numbers of the newest iteration, in words."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.progress import duration_text
from core.runs.training_configuration import TrainingConfiguration
from spin_gui.session.wording import number
from spin_gui.training.run_monitor import TrainingWatch
from spin_gui.widgets.fact_rows import FactRows
from spin_gui.widgets.layouts import body_label

FACTS = (
    "Iteration",
    "Speed",
    "Time left",
    "2D error",
    "Fits improved",
    "SMPLify",
    "Memory",
)


class TrainingFacts(QWidget):
    """One row a number, and what is trained below them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = FactRows(FACTS)
        self.about = body_label("", quiet=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.rows)
        layout.addWidget(self.about)

    def show_training(self, watch: TrainingWatch) -> None:
        """Show what is known of the training that runs, or ran last."""
        start = watch.start
        self.about.setVisible(start is not None)
        if start is not None:
            self.about.setText(f"{describe(start.configuration)}, on {start.device}.")
        for name, text in _facts_of(watch).items():
            self.rows.set_fact(name, text, text)


def _facts_of(watch: TrainingWatch) -> dict[str, str]:
    start, latest = watch.start, watch.latest
    facts = dict.fromkeys(FACTS, "")
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
    return facts


def describe(configuration: TrainingConfiguration) -> str:
    """A run in a few words: ``cpu-demo · resnet18 at 128 px``."""
    return f"{configuration.profile} · {configuration.backbone} at {configuration.input_size_px} px"


def _speed(rate_per_s: float) -> str:
    if rate_per_s <= 0:
        return ""
    if rate_per_s >= 1:
        return f"{rate_per_s:.1f} iterations per s"
    return f"{1 / rate_per_s:.1f} s an iteration"
