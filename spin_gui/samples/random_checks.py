"""Random checks: begin them, end them, and see what they tell of the fits without verdict."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.assessment.audits import LARGEST_SEED
from core.errors import StudioError
from core.types.audits import DEFAULT_SHARE, Audit, estimate_text
from spin_gui.session.audit_edits import begin_checks, end_checks
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box, headline

WHAT_IT_IS = (
    "Reviewing the most suspicious fits first tells nothing of the others. Random checks mix fits "
    "that are drawn at random among those without verdict into the two queues (Q and I). What you "
    "say of them tells how many wrong fits are left. Which ones they are is not said: judge them "
    "as all others, and give Unsure where you cannot tell."
)
NOT_BEGUN = "No random checks yet."
SHARES = ((3, "1 in 3"), (5, "1 in 5"), (10, "1 in 10"), (20, "1 in 20"), (50, "1 in 50"))
_WIDTH = 520


class RandomChecksDialog(QDialog):
    """Stays open next to the review, and follows it."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Random checks")
        self._session = session
        self.state = body_label("")
        self.state.setAccessibleName("What the random checks tell")
        self.share = _shares()
        self.seed = QLineEdit(placeholderText="drawn")
        self.seed.setAccessibleName("Seed of the draw")
        self.seed.setToolTip("The same number draws the same fits again; empty: any")
        self.begin = _button("Begin")
        self.end = _button("End")
        self._arrange()
        self.begin.clicked.connect(self._begin)
        self.end.clicked.connect(self._end)
        session.counts_changed.connect(self._show_state)
        session.closing.connect(self.reject)
        self._show_state()

    @Slot()
    def _begin(self) -> None:
        try:
            begin_checks(self._session, seed=self._seed(), share=float(self.share.currentData()))
        except StudioError as error:
            self.state.setText(str(error))

    @Slot()
    def _end(self) -> None:
        end_checks(self._session)

    def _seed(self) -> int:
        typed = self.seed.text().strip()
        if not typed:
            return secrets.randbelow(LARGEST_SEED + 1)
        if not (typed.isascii() and typed.isdecimal() and int(typed) <= LARGEST_SEED):
            raise StudioError(
                f"{typed} is no seed.", remedy=f"Type a whole number up to {LARGEST_SEED}."
            )
        return int(typed)

    @Slot()
    def _show_state(self) -> None:
        audits = self._session.dictionary.audits
        latest = audits.latest()
        running = latest is not None and latest.ended_at is None
        self.begin.setText("Begin again" if running else "Begin")
        self.end.setEnabled(running)
        self.state.setText(checks_text(self._session, latest))
        for button in (self.begin, self.end):
            button.setEnabled(button.isEnabled() and not self._session.dictionary.file.read_only)

    def _arrange(self) -> None:
        form = QFormLayout()
        form.addRow("Random in the queue", self.share)
        form.addRow("Seed", self.seed)
        buttons = QHBoxLayout()
        buttons.addWidget(self.begin)
        buttons.addWidget(self.end)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline("How many wrong fits are left?"))
        layout.addWidget(body_label(WHAT_IT_IS))
        layout.addLayout(form)
        layout.addLayout(buttons)
        layout.addWidget(self.state)
        layout.addStretch(1)
        layout.addWidget(close_box(self))
        self.resize(_WIDTH, 440)


def checks_text(session: ProjectSession, audit: Audit | None) -> str:
    """What random checks tell so far, and how they were drawn."""
    if audit is None:
        return NOT_BEGUN
    state = "mixed into the queues" if audit.ended_at is None else "ended"
    estimate = session.dictionary.audits.estimate(audit)
    return (
        f"{estimate_text(estimate)}\n{100 * audit.share:.0f} % random, seed {audit.seed}, {state}."
    )


def _shares() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("How many of the queue are random")
    for number, title in SHARES:
        box.addItem(title, 1 / number)
    box.setCurrentIndex([number for number, _ in SHARES].index(round(1 / DEFAULT_SHARE)))
    return box


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(f"{text} random checks")
    button.setAutoDefault(False)
    return button
