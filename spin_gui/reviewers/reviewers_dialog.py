"""Who judged what, and how far reviewers agree, as tables."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.reviewers.activity import ReviewerReport, kappa_text, share_text, title_of
from core.dictionary.reviewers.agreement import GIVEN_VERDICTS, PairAgreement
from core.types.counted_nouns import counted
from spin_gui.session.wording import local_time

NO_VERDICTS = "No verdicts yet. Each verdict is kept with the name of who gave it."
NO_PAIRS = (
    "No fit was judged by two reviewers without a look at each other's verdicts. Ask for second "
    "opinions, or merge the verdicts of a copy."
)
CASES_MEANING = (
    "Hidden cases, of which the right answer is known: how many were right, and what the share of "
    "right answers to all such cases may be."
)
KAPPA_MEANING = (
    "Cohen's κ: 1 where two always agree, 0 where they agree as often as by chance; in brackets "
    "its 95 % interval."
)


class ReviewersDialog(QDialog):
    """Shows a report; nothing is asked."""

    def __init__(self, report: ReviewerReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Reviewers")
        self.people = _people_table(report)
        self.pairs = _pairs_table(report)
        self.cases = _cases_table(report)
        self.disagreements = QLabel(_disagreements_text(report))
        layout = QVBoxLayout(self)
        if report.reviewers:
            layout.addWidget(self.people)
        else:
            layout.addWidget(_note(NO_VERDICTS))
        layout.addWidget(self.disagreements)
        if report.scores:
            layout.addWidget(_note(CASES_MEANING))
            layout.addWidget(self.cases)
        if report.pairs:
            layout.addWidget(_note(KAPPA_MEANING))
            layout.addWidget(self.pairs, 1)
        else:
            layout.addWidget(_note(NO_PAIRS))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.resize(760, 460)


def _people_table(report: ReviewerReport) -> QTableWidget:
    rows = [
        [each.title, *(str(count) for count in each.verdicts.values()), local_time(each.last_at)]
        for each in report.reviewers
    ]
    titles = ["Reviewer", *(str(verdict) for verdict in GIVEN_VERDICTS), "Last verdict"]
    return _table("Reviewers", titles, rows)


def _pairs_table(report: ReviewerReport) -> QTableWidget:
    rows = [
        [
            f"{title_of(pair.first)} · {title_of(pair.second)}",
            f"{pair.agreed} of {pair.count}",
            kappa_text(pair),
            _confusion_text(pair),
        ]
        for pair in report.pairs
    ]
    titles = ["Pair", "Same verdict", "κ", "Where they differ"]
    return _table("Agreement of pairs", titles, rows)


def _cases_table(report: ReviewerReport) -> QTableWidget:
    rows = [
        [
            title_of(score.reviewer),
            f"{score.right} of {score.total}",
            share_text(score.interval),
            "{} of {}".format(*score.errors_found) if score.errors else "none shown",
            str(score.missed),
            str(score.refused),
            str(score.unsure),
        ]
        for score in report.scores
    ]
    titles = [
        "Reviewer", "Right", "95 % interval", "Made errors found", "Wrongly accepted",
        "Wrongly rejected", "Unsure",
    ]  # fmt: skip
    table = _table("Hidden cases", titles, rows)
    for row, score in enumerate(report.scores):
        kinds = [f"{kind}: {hit} of {shown}" for kind, (hit, shown) in sorted(score.errors.items())]
        cell = table.item(row, 3)
        if cell is not None:
            cell.setToolTip("\n".join(kinds))
    return table


def _confusion_text(pair: PairAgreement) -> str:
    """The cells off the diagonal: ``3 accepted · rejected``."""
    cells = [
        f"{count} {first} · {second}"
        for (first, second), count in sorted(pair.table.items(), key=lambda cell: -cell[1])
        if first is not second and count
    ]
    return ", ".join(cells) or "nowhere"


def _disagreements_text(report: ReviewerReport) -> str:
    count = report.disagreements
    people = counted(count, "person is", "people are")
    return f"{people} unsure because reviewers disagree (filter: with:disagreement)."


def _table(name: str, titles: list[str], rows: list[list[str]]) -> QTableWidget:
    table = QTableWidget(len(rows), len(titles))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(titles)
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            table.setItem(row, column, QTableWidgetItem(text))
    table.resizeColumnsToContents()
    table.horizontalHeader().setStretchLastSection(True)
    return table


def _note(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label
