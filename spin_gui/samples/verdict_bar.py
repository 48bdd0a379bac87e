"""The bar below the samples, always in the same place: verdicts, undo, what remains, the pace."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QWidget

from core.types.fits import RejectReason, Verdict
from core.types.reject_reasons import REASON_TITLES
from spin_gui.samples.progress import duration_text
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import count_text
from spin_gui.widgets.command_button import CommandButton
from spin_gui.widgets.verdict_marks import verdict_icon

SPACING, MARGIN, UNDO_APART = 8, 10, 16
UNDO, REJECT, REASON = "edit.undo", "review.reject", "review.reject_reason"
VERDICT_TITLES_BY_ACTION = {
    "review.accept": ("Accept", Verdict.ACCEPTED),
    "review.reject": ("Reject", Verdict.REJECTED),
    "review.unsure": ("Unsure", Verdict.UNSURE),
    "review.clear": ("Clear", Verdict.NONE),
}
"""The commands with a button, in the order of the bar: what it says, and the verdict it gives."""


class VerdictBar(QFrame):
    """Shows the verdict of the sample on screen by the button that is down."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Verdict")
        self.setObjectName("verdict bar")
        self._session = session
        self.buttons: dict[str, CommandButton] = {}
        for action_id, (title, verdict) in VERDICT_TITLES_BY_ACTION.items():
            button = CommandButton(title)
            button.setIcon(verdict_icon(verdict))
            button.setCheckable(verdict is not Verdict.NONE)
            button.clicked.connect(self._show_verdict)  # a click alone puts no button down
            self.buttons[action_id] = button
        self.buttons[UNDO] = CommandButton("Undo")
        self.reasons = QMenu("Why is it rejected?", self)
        self.reasons.setAccessibleName("Reasons for a rejection")
        self.why = CommandButton("Why…")
        self.why.setAccessibleName("Reject and say why")
        self.selected = _label("For how many samples the next verdict is")
        self.remaining = _label("What remains to review")
        self.pace = _label("Pace of this sitting")
        self._lay_out()
        for signal in (session.current_changed, session.samples_changed, session.rows_stale):
            signal.connect(self._show_verdict)
        session.counts_changed.connect(self._show_counts)
        session.selection_changed.connect(self._show_selection)
        self._show_verdict()
        self._show_counts()
        self._show_selection()

    def follow(self, actions: Mapping[str, QAction]) -> None:
        """The commands behind the buttons, by their ids."""
        for action_id, button in self.buttons.items():
            button.follow(actions[action_id])
        self.why.follow(actions[REASON])
        for number, reason in enumerate(RejectReason, start=1):
            chosen = self.reasons.addAction(f"&{number}   {_capitalized(REASON_TITLES[reason])}")
            chosen.triggered.connect(actions[f"review.reject_{reason}"].trigger)
        self._show_verdict()

    def offer_reasons(self, page: QWidget) -> None:
        """Open the list of reasons: above its button, or in the middle of a page that hides it."""
        size = self.reasons.sizeHint()
        if self.why.isVisible():
            corner = self.why.mapToGlobal(QPoint(0, -size.height()))
        else:
            middle = page.rect().center() - QPoint(size.width() // 2, size.height() // 2)
            corner = page.mapToGlobal(middle)
        self.reasons.popup(corner)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the buttons stay and the pace goes first."""
        super().resizeEvent(event)
        self._make_room()

    @Slot()
    def _show_verdict(self) -> None:
        current = self._session.current_id
        fit = None if current is None else self._session.records.current_fit(current)
        for action_id, (_title, verdict) in VERDICT_TITLES_BY_ACTION.items():
            self.buttons[action_id].setChecked(fit is not None and fit.verdict is verdict)

    @Slot()
    def _show_counts(self) -> None:
        session = self._session
        counts, pace = session.counts(), session.pace
        left, per_minute = counts.left_to_review, pace.per_minute
        judged = counts.total - counts.without_fit - left
        done = "all reviewed" if judged else "nothing to review yet"
        self.remaining.setText(f"{count_text(left)} to review" if left else done)
        self.pace.setText("" if per_minute is None else f"{per_minute:.0f} a minute")
        seconds = pace.seconds_for(left)
        if left and seconds is not None:
            self.pace.setText(f"{self.pace.text()} · {duration_text(seconds)} more")
        self._make_room()

    @Slot()
    def _show_selection(self) -> None:
        count = len(self._session.selected_ids)
        self.selected.setText(f"for {count_text(count)} samples" if count else "")

    def _make_room(self) -> None:
        buttons = sum(
            button.sizeHint().width() + SPACING for button in (self.why, *self.buttons.values())
        )
        room = (self.width() - buttons - UNDO_APART) // 2 - MARGIN
        for label in (self.remaining, self.pace):
            room -= label.sizeHint().width() + SPACING
            label.setVisible(room >= 0)

    def _lay_out(self) -> None:
        """The buttons in the middle, whatever stands at their sides: they never move."""
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 5, MARGIN, 5)
        row.setSpacing(SPACING)
        row.addWidget(_side(self.selected), 1)
        for action_id, button in self.buttons.items():
            if action_id == UNDO:
                row.addSpacing(UNDO_APART)
            row.addWidget(button)
            if action_id == REJECT:
                row.addWidget(self.why)
        row.addWidget(_side(self.remaining, self.pace), 1)


def _side(*labels: QLabel) -> QWidget:
    """Takes what room there is, and asks for none, so that both sides are equally wide."""
    side = QWidget()
    side.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    row = QHBoxLayout(side)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2 * SPACING)
    row.addStretch(1)
    for label in labels:
        row.addWidget(label)
    return side


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setAccessibleName(name)
    return label
