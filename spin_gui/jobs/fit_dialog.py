"""Asks how to fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from spin_gui.jobs.job import FitChoice
from spin_gui.session.glossary import meaning_of
from spin_gui.widgets.help_mark import with_help
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, fit_height, headline, ok_cancel
from spin_gui.widgets.question import QuestionDialog


@dataclass(frozen=True)
class _Option:
    name: str
    title: str
    words: str


STARTS = (
    _Option(
        "network",
        "From an estimated body",
        "Recommended. A network first estimates the body from the keypoints and, where the "
        "detector has looked at the picture, from what it saw; “Studio” keeps loosely near to that "
        "estimate, closest where it is most certain.",
    ),
    _Option(
        "lifter",
        "From a lifted body",
        "A small network first estimates (“lifts”) the 3D pose and the direction from the 2D "
        "keypoints alone; “Studio” keeps near to that estimate.",
    ),
    _Option(
        "mean",
        "From the mean pose",
        "From an average standing pose in four directions; the best fit is kept, and the "
        "second-best where it is a different body. With “Paper”, one direction.",
    ),
)

TERMS = {"Start": "start", "Method": "studio"}
"""Under which words the glossary explains the headings."""

PROFILES = (
    _Option(
        "studio",
        "Studio – fast and careful (recommended)",
        "Solves by Levenberg–Marquardt with a free camera and lets gross keypoint errors go.",
    ),
    _Option(
        "paper",
        "Paper – as published, for comparison",
        "Two stages of at most 50 Adam steps. Slower, and from the mean pose people seen from "
        "behind often come out turned round.",
    ),
)


@dataclass(frozen=True)
class WaitingForFit:
    """Of one start: samples to fit, and those left alone because their fit is accepted."""

    samples: int
    accepted: int = 0


class FitDialog(QuestionDialog):
    """Where fits start and which profile; says how many samples wait for a fit from there.

    Estimated bodies are proposed: fits from there are the better ones (docs/measurements.md).
    """

    def __init__(self, waiting: Mapping[str, WaitingForFit], parent: QWidget | None = None) -> None:
        """Take how many samples have no fit yet from each of ``STARTS``, by name."""
        super().__init__(parent)
        self.setWindowTitle("Fit samples")
        self._waiting = waiting
        self.starts, self.profiles = QButtonGroup(self), QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        self._headline = headline("")
        layout.addWidget(self._headline)
        for title, group, options in (
            ("Start", self.starts, STARTS),
            ("Method", self.profiles, PROFILES),
        ):
            layout.addLayout(_choices(title, group, options))
        layout.addWidget(
            body_label(
                "Fits that people accepted are not touched, and every former fit stays in the "
                "history. You can go on working and stop at any time; what is done is kept.",
                quiet=True,
            )
        )
        layout.addStretch(1)
        box, self.fit_button = ok_cancel("Fit")
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout.addWidget(box)
        self.starts.idClicked.connect(self._show_waiting)
        self.starts.button(self._first_with_work()).setChecked(True)
        self._show_waiting()
        fit_height(self, 540)

    def choice(self) -> FitChoice:
        """What was chosen."""
        return FitChoice(
            profile=PROFILES[self.profiles.checkedId()].name,
            init=STARTS[self.starts.checkedId()].name,
        )

    def _first_with_work(self) -> int:
        """The number of the start to propose: the best one that any sample waits for."""
        waiting = (number for number, one in enumerate(STARTS) if self._waiting[one.name].samples)
        return next(waiting, 0)

    @Slot()
    def _show_waiting(self) -> None:
        start = STARTS[self.starts.checkedId()]
        waiting = self._waiting[start.name]
        self._headline.setText(waiting_text(waiting, start.title.lower()))
        self.fit_button.setEnabled(waiting.samples > 0)


def _choices(title: str, group: QButtonGroup, options: Sequence[_Option]) -> QVBoxLayout:
    """A small heading, and a radio button with an explanation for each option."""
    column = QVBoxLayout()
    column.setSpacing(6)
    heading = headline(title, larger_by=1.0)
    column.addWidget(with_help(heading, title, meaning_of(TERMS[title])))
    for number, option in enumerate(options):
        button = QRadioButton(option.title)
        button.setAccessibleName(option.title)
        button.setAccessibleDescription(option.words)
        button.setChecked(number == 0)
        group.addButton(button, number)
        words = body_label(option.words, quiet=True)
        words.setContentsMargins(24, 0, 0, 0)
        column.addWidget(button)
        column.addWidget(words)
    return column


def waiting_text(waiting: WaitingForFit, start: str) -> str:
    """The headline: how much there is to do, such as ``3 samples have no fit from … yet.``."""
    left_alone = ""
    if waiting.accepted:
        fits = "fit is" if waiting.accepted == 1 else "fits are"
        left_alone = f" {waiting.accepted} accepted {fits} left alone."
    if waiting.samples == 0:
        every = "Every other sample" if waiting.accepted else "Every sample"
        return f"{every} with enough keypoints has a fit {start}.{left_alone}"
    have = "sample has" if waiting.samples == 1 else "samples have"
    return f"{waiting.samples} {have} no fit {start} yet.{left_alone}"
