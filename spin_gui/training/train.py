"""Asks how to train and on what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import text_of_query
from core.errors import StudioError
from core.runs.data_selection import DataSelection
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from spin_gui.jobs.torch_loading import load_torch_ahead, worker_threads
from spin_gui.session.glossary import meaning_of
from spin_gui.training.computing_device import CPU, computing_device, is_torch_loaded
from spin_gui.training.configuration_form import ConfigurationForm
from spin_gui.training.training_estimate import TrainingPace, Work, estimate_text
from spin_gui.widgets.help_mark import with_help
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, headline, ok_cancel
from spin_gui.widgets.question import QuestionDialog

WIDTH, HEIGHT, HEIGHT_WITH_VALUES = 760, 470, 800
ASK_TORCH_MS = 250


@dataclass(frozen=True)
class _Profile:
    name: str
    title: str
    words: str


PROFILES = (
    _Profile(
        "cpu",
        "CPU – for a machine without a GPU",
        "A small head behind the frozen detector, which looks at each picture once. From the "
        "shipped head; made people are replayed so that it forgets nothing.",
    ),
    _Profile(
        "studio",
        "Studio – for a GPU (recommended there)",
        "ResNet-50 at 224 px; fits made during training keep near to the prediction, closest "
        "where it has proved right. Needs ImageNet weights, or a checkpoint.",
    ),
    _Profile(
        "paper",
        "Paper – as published, for comparison",
        "The seed paper's numbers: ResNet-50, 300 000 iterations, SMPLify with Adam, 3D ground "
        "truth where it exists.",
    ),
)


class TrainDialog(QuestionDialog):
    """Profile, data, and every value with its meaning behind a button."""

    def __init__(
        self,
        query: SampleQuery,
        *,
        listed: int,
        total: int,
        paces: Mapping[Work, TrainingPace] = MappingProxyType({}),
        parent: QWidget | None = None,
    ) -> None:
        """Take the list's filter, how many of how many samples it lets through, earlier paces."""
        super().__init__(parent)
        self.setWindowTitle("Train")
        self._query, self._listed, self._total = query, listed, total
        self._paces = paces
        self.profiles, self.data = QButtonGroup(self), QButtonGroup(self)
        self.form = ConfigurationForm()
        self.values_button = QPushButton("All values…")
        self.problem = body_label("")
        self.device = body_label("", quiet=True)
        self.estimate = body_label("", quiet=True)
        self._scroll = QScrollArea()
        self._build()
        load_torch_ahead()
        self._ask_torch = QTimer(self, interval=ASK_TORCH_MS)
        self._ask_torch.timeout.connect(self._show_device)
        self._ask_torch.start()
        first = 0 if computing_device() == CPU else 1
        self.profiles.button(first).setChecked(True)
        self._take_profile()

    def choice(self) -> TrainingConfiguration | None:
        """The configuration; None, and why on the dialog, where a value is impossible."""
        # Late: PyTorch is loading since the dialog opened.
        from core.engine.training.device import choose_device  # noqa: PLC0415

        base = profile_configuration(PROFILES[self.profiles.checkedId()].name)
        selection = DataSelection.of(self._query) if self.data.checkedId() else DataSelection()
        try:
            chosen = replace(base, **self.form.values(), where=selection)
            choose_device(chosen.device)
        except StudioError as error:
            self.problem.setText(str(error))
            self.problem.show()
            return None
        return chosen

    @Slot()
    def _take_profile(self) -> None:
        profile = profile_configuration(PROFILES[self.profiles.checkedId()].name)
        self.form.show_configuration(profile)
        self._show_device()
        self._show_estimate()
        self.problem.hide()

    @Slot()
    def _show_device(self) -> None:
        """Where it would run: by the driver's list until PyTorch, which is loading, can tell."""
        self.device.setText(device_words())
        if is_torch_loaded():
            self._ask_torch.stop()

    @Slot()
    def _show_estimate(self) -> None:
        """How long what is filled in would take; impossible values are told at the start."""
        base = profile_configuration(PROFILES[self.profiles.checkedId()].name)
        try:
            filled_in = replace(base, **self.form.values())
        except StudioError:
            return
        on_cpu = computing_device() == CPU or filled_in.device == "cpu"
        self.estimate.setText(estimate_text(filled_in, self._paces, on_cpu=on_cpu))

    @Slot(bool)
    def _show_values(self, shown: bool) -> None:  # noqa: FBT001 - a slot of a switch
        self._scroll.setVisible(shown)
        self.resize(self.width(), HEIGHT_WITH_VALUES if shown else HEIGHT)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline("Train the regressor, and improve the fits with its predictions"))
        for title, term, choices in (
            ("Method", "training", self._build_profiles()),
            ("Data", "what training uses", self._build_data()),
        ):
            heading = headline(title, larger_by=1.0)
            layout.addWidget(with_help(heading, title, meaning_of(term)))
            layout.addLayout(choices)
        layout.addWidget(self.device)
        layout.addWidget(self.estimate)
        layout.addWidget(self._build_values(), 1)
        layout.addWidget(self.problem)
        layout.addStretch(0)
        box, self.start_button = ok_cancel("Train")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        self.start_button.setEnabled(self._total > 0)
        last = QHBoxLayout()
        last.addWidget(self.values_button)
        last.addWidget(box, 1)
        layout.addLayout(last)
        self.values_button.setCheckable(True)
        self.values_button.setAutoDefault(False)
        self.values_button.setAccessibleName("Show all values")
        self.values_button.toggled.connect(self._show_values)
        self.profiles.idClicked.connect(self._take_profile)
        for name in ("iterations", "batch_size", "input_size_px"):
            cast("QSpinBox", self.form.editor(name)).valueChanged.connect(self._show_estimate)
        self.setMinimumWidth(WIDTH)
        self.resize(WIDTH, HEIGHT)

    def _build_profiles(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        for number, profile in enumerate(PROFILES):
            button = QRadioButton(profile.title)
            button.setAccessibleName(profile.title)
            button.setAccessibleDescription(profile.words)
            self.profiles.addButton(button, number)
            words = body_label(profile.words, quiet=True)
            words.setContentsMargins(24, 0, 0, 4)
            column.addWidget(button)
            column.addWidget(words)
        return column

    def _build_data(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        filter_text = text_of_query(self._query)
        for number, text in enumerate(
            (
                f"All {self._total} samples of the project",
                f"Only the {self._listed} that the list shows now"
                + (f": {filter_text}" if filter_text else " (no filter is set)"),
            )
        ):
            button = QRadioButton(text)
            button.setAccessibleName(text)
            self.data.addButton(button, number)
            column.addWidget(button)
        is_filtered = bool(filter_text) and self._listed > 0
        self.data.button(1).setEnabled(is_filtered)
        self.data.button(1 if is_filtered else 0).setChecked(True)
        return column

    def _build_values(self) -> QScrollArea:
        self._scroll.setWidget(self.form)
        self._scroll.setWidgetResizable(True)
        self._scroll.setAccessibleName("All values of the training")
        self._scroll.hide()
        return self._scroll


def device_words() -> str:
    """What ``auto`` means on this machine."""
    device = computing_device()
    if device != CPU:
        return f"Runs on {device}."
    threads = worker_threads()
    cores = "one core computes" if threads == 1 else f"{threads} cores compute"
    return f"Runs on the CPU: {cores}, and one is left to the window."
