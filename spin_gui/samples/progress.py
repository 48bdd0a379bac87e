"""How far the review is, how fast it goes, and how verdicts agree with the suspicions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.assessment.verdict_agreement import (
    SUSPICIOUS,
    Agreement,
    SuspicionBand,
    VerdictShares,
)
from core.types.fits import RejectReason, Verdict
from core.types.flags import flag_words
from core.types.reject_reasons import REASON_TITLES
from spin_gui.samples.random_checks import checks_text
from spin_gui.session.review_speed import ReviewSpeed
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import MISSING, count_text
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box, headline

_REFRESH_MS = 2000
_COLUMNS = (
    "Flag", "Rejected", "Corrected", "Accepted", "Unsure", "Open", "Wrong of decided", "Between"
)  # fmt: skip


class ProgressDialog(QDialog):
    """Stays open beside the review, and counts again after every verdict."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Review progress")
        self._session = session
        self.left = QLabel()
        self.left.setAccessibleName("What is left to review")
        self.pace = QLabel()
        self.pace.setAccessibleName("Pace")
        self.precision = body_label("")
        self.precision.setAccessibleName("How suspicion agrees with verdicts")
        self.checks = body_label("")
        self.checks.setAccessibleName("What random checks tell")
        self.reasons = body_label("")
        self.reasons.setAccessibleName("Reasons of rejections")
        self.table = self._build_table()
        self._arrange()
        self._again = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._again.timeout.connect(self._refresh)
        session.counts_changed.connect(self._soon)
        session.query_changed.connect(self._soon)
        session.closing.connect(self._end)
        self._refresh()

    def _build_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setAccessibleName("Verdicts by flag")
        table.setHorizontalHeaderLabels(list(_COLUMNS))
        table.verticalHeader().hide()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        return table

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline("Left to review"))
        layout.addWidget(self.left)
        layout.addWidget(self.pace)
        layout.addWidget(headline("Random checks"))
        layout.addWidget(self.checks)
        layout.addWidget(headline("Verdicts and flags"))
        layout.addWidget(self.precision)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.reasons)
        layout.addWidget(
            body_label(
                "A fit that was judged and then replaced, or that a person corrected, counts by "
                "the flags that it had; a corrected one was wrong. Between: "
                "what the share of all such fits may be with 95 % confidence, were those judged "
                "drawn at random.",
                quiet=True,
            )
        )
        layout.addWidget(close_box(self))
        self.resize(760, 680)

    @Slot()
    def _soon(self) -> None:
        # The table at most every two seconds: it reads all flags.
        if not self._again.isActive():
            self._again.start()
        self._show_left()

    @Slot()
    def _refresh(self) -> None:
        self._show_left()
        agreement = self._session.dictionary.verdicts.agreement()
        self.precision.setText(precision_text(agreement))
        audits = self._session.dictionary.audits
        self.checks.setText(checks_text(self._session, audits.latest()))
        reasons = reasons_text(self._session.dictionary.verdicts.reject_reasons())
        self.reasons.setText(reasons)
        self.reasons.setVisible(bool(reasons))
        rows = sorted(agreement.by_flag.items(), key=lambda pair: -pair[1].wrong)
        listed = [(flag_words(flag).title, shares) for flag, shares in rows]
        listed.append(("No flag", agreement.unflagged))
        listed += [(band_title(band), band.shares) for band in agreement.bands]
        self.table.setRowCount(len(listed))
        for row, (title, shares) in enumerate(listed):
            self._fill(row, title, shares)

    @Slot()
    def _end(self) -> None:
        self._again.stop()
        self.reject()

    def _show_left(self) -> None:
        session = self._session
        counts, listed = session.counts(), listed_left(session)
        with_fit = counts.total - counts.without_fit
        self.left.setText(
            f"{count_text(listed)} of {count_text(counts.listed)} listed, "
            f"{count_text(counts.left_to_review)} of {count_text(with_fit)} in the whole project"
        )
        self.pace.setText(pace_text(session.pace, listed=listed, left=counts.left_to_review))

    def _fill(self, row: int, title: str, shares: VerdictShares) -> None:
        numbers = (shares.rejected, shares.corrected, shares.accepted, shares.unsure, shares.open)
        texts = [
            title,
            *map(count_text, numbers),
            _percent(shares.wrong_share),
            _between(shares),
        ]
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)


def listed_left(session: ProjectSession) -> int:
    """How many of the listed samples wait for a verdict."""
    query = session.query
    if query.verdicts and Verdict.NONE not in query.verdicts:
        return 0
    waiting = replace(query, verdicts=frozenset({Verdict.NONE}))
    return len(session.catalogue.ids(waiting))


def pace_text(pace: ReviewSpeed, *, listed: int, left: int) -> str:
    """Verdicts a minute, and how long the rest takes at that pace."""
    per_minute = pace.per_minute
    if per_minute is None:
        return "The pace of this sitting is known after two verdicts."
    text = f"{pace.verdicts} verdicts in this sitting, {per_minute:.1f} a minute"
    for what, count in (("the listed ones", listed), ("all", left)):
        seconds = pace.seconds_for(count)
        if count and seconds is not None:
            text += f"; {what} take {duration_text(seconds)} more"
    return text + "."


def duration_text(seconds: float) -> str:
    """Roughly: minutes, then hours."""
    minutes = seconds / 60
    if minutes < 1:
        return "less than a minute"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def reasons_text(reasons: Mapping[RejectReason, int]) -> str:
    """Why fits were rejected, the most frequent reason first; empty where no reason was given."""
    ranked = sorted(reasons.items(), key=lambda pair: -pair[1])
    said = "; ".join(f"{REASON_TITLES[reason]} {count_text(count)}" for reason, count in ranked)
    return f"Rejected because: {said}." if said else ""


def precision_text(agreement: Agreement) -> str:
    """How often the program's suspicion was right so far."""
    decided = agreement.suspicious.decided
    if not decided:
        fits = f"No fit with a suspicion of {SUSPICIOUS:g} or more"
        return f"{fits} was accepted, rejected or corrected yet."
    return (
        f"Of {count_text(decided)} decided fits with a suspicion of {SUSPICIOUS:g} or more, "
        f"{_percent(agreement.precision)} were rejected or corrected; of all such, "
        f"{_percent(agreement.recall)} were that suspicious."
    )


def band_title(band: SuspicionBand) -> str:
    """The fits of a band, and how many of them the program expects to be wrong."""
    return (
        f"Suspicion {100 * band.low:.0f} to {100 * band.high:.0f} %, "
        f"expected {100 * band.expected:.0f} %"
    )


def _between(shares: VerdictShares) -> str:
    low, high = shares.interval
    return f"{100 * low:.0f} to {100 * high:.0f} %" if shares.decided else MISSING


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{100 * share:.0f} %"
