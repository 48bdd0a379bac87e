"""Asks how to fit."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from spin_gui.dialogs.layouts import MARGIN, SPACING, body_label, fit_height, headline, ok_cancel
from spin_gui.dialogs.question import QuestionDialog
from spin_gui.jobs.job import FitChoice


@dataclass(frozen=True)
class _ProfileWords:
    name: str
    title: str
    words: str


PROFILES = (
    _ProfileWords(
        "studio",
        "Studio – fast and careful (recommended)",
        "Starts from the mean pose turned several ways, solves by Levenberg–Marquardt with a free "
        "camera, and keeps the second-best body where it is a different one.",
    ),
    _ProfileWords(
        "paper",
        "Paper – as published, for comparison",
        "One start from the mean pose, two stages of at most 50 Adam steps. Slower, and people "
        "seen from behind often come out turned round.",
    ),
)


class FitDialog(QuestionDialog):
    """Which profile; says how many samples wait for their first fit."""

    def __init__(self, waiting: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Fit samples")
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline(waiting_text(waiting)))
        for number, profile in enumerate(PROFILES):
            layout.addLayout(self._build_choice(number, profile))
        layout.addWidget(
            body_label(
                "Fits that people accepted are not touched, and every former fit stays in the "
                "history. You can go on working and stop at any time; what is done is kept.",
                quiet=True,
            )
        )
        layout.addStretch(1)
        box, self.fit_button = ok_cancel("Fit")
        self.fit_button.setEnabled(waiting > 0)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout.addWidget(box)
        fit_height(self, 540)

    def choice(self) -> FitChoice:
        """What was chosen."""
        return FitChoice(profile=PROFILES[self._group.checkedId()].name)

    def _build_choice(self, number: int, profile: _ProfileWords) -> QVBoxLayout:
        button = QRadioButton(profile.title)
        button.setAccessibleName(profile.title)
        button.setAccessibleDescription(profile.words)
        button.setChecked(number == 0)
        self._group.addButton(button, number)
        words = body_label(profile.words, quiet=True)
        words.setContentsMargins(24, 0, 0, 0)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(button)
        column.addWidget(words)
        return column


def waiting_text(waiting: int) -> str:
    """The headline: how much there is to do."""
    if waiting == 0:
        return "Every sample with enough keypoints has its first fit."
    return f"{waiting} sample{'s wait' if waiting != 1 else ' waits'} for a first fit."
