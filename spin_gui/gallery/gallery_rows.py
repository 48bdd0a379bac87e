"""The failure gallery's list: flagged samples, the worst first, read as they come into sight.

A row is a sample with its fit, its prediction and the reasons of its flags. Only what is looked at
is read; thousands of rows cost an array of ids.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from core.dictionary.assessment.assessments import RaisedFlag
from core.dictionary.assessment.verdict_agreement import VerdictShares
from core.dictionary.search.query import SampleQuery
from core.dictionary.storage.ids import SampleIds
from core.types.fits import Fit, Verdict
from core.types.flags import FlagName, flag_words
from core.types.predictions import Prediction
from core.types.samples import Sample, SampleRow
from spin_gui.gallery.gallery_columns import columns_shown
from spin_gui.session.camera_wording import distance_text
from spin_gui.session.error_scale import graded_text
from spin_gui.session.removed_people import GONE
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import VERDICT_TITLES, comment_words, number, origin_title

GALLERY_ROW_ROLE = int(Qt.ItemDataRole.UserRole)
READ_AT_ONCE = 12
REMEMBERED_ROWS = 240

Index = QModelIndex | QPersistentModelIndex
_NOT_REVIEWED = frozenset({Verdict.NONE})


@dataclass(frozen=True, eq=False)
class GalleryRow:
    """All that a row shows; fit and prediction are None where there are none."""

    row: SampleRow
    sample: Sample
    fit: Fit | None
    prediction: Prediction | None
    flags: tuple[RaisedFlag, ...]


class GalleryModel(QAbstractTableModel):
    """One column; a cell hands out its ``GalleryRow`` under ``GALLERY_ROW_ROLE``.

    Who was removed since the list was read has none.
    """

    columns_changed = Signal()
    """``columns`` are others: predictions came, or the last one went."""
    people_gone = Signal()
    """The list has people who are not there any more; it is to be read again."""

    def __init__(self, session: ProjectSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.kind: FlagName | None = None
        self.only_not_reviewed = False
        self.ids: SampleIds = np.empty(0, np.int64)
        self.counts: dict[FlagName, int] = {}
        self.judged: dict[str, VerdictShares] = {}
        self.total = 0
        self.columns = columns_shown(with_predictions=False)
        self._rows: OrderedDict[int, GalleryRow] = OrderedDict()
        self._gone: set[int] = set()

    # What is listed

    @property
    def query(self) -> SampleQuery:
        """Which samples are looked among."""
        everything = SampleQuery()
        verdicts = _NOT_REVIEWED if self.only_not_reviewed else everything.verdicts
        return replace(everything, verdicts=verdicts)

    def read(self) -> bool:
        """Ask the dictionary for the list and the counts; returns whether the list changed."""
        dictionary = self._session.dictionary
        self.counts = dictionary.flags.counts(self.query)
        self.judged = dictionary.verdicts.agreement().by_flag
        everything = dictionary.flags.sample_ids((), self.query)
        self.total = len(everything)
        kinds = () if self.kind is None else (self.kind,)
        ids = dictionary.flags.sample_ids(kinds, self.query) if kinds else everything
        self._rows.clear()
        self._gone.clear()
        self._choose_columns()
        if np.array_equal(ids, self.ids):
            return False
        self.beginResetModel()
        self.ids = ids
        self.endResetModel()
        return True

    def _choose_columns(self) -> None:
        there = self._session.dictionary.predictions.are_there()
        columns = columns_shown(with_predictions=there)
        if columns != self.columns:
            self.columns = columns
            self.columns_changed.emit()

    def forget(self, sample_ids: set[int]) -> None:
        """Read these samples again when they are looked at again."""
        for sample_id in sample_ids:
            self._rows.pop(sample_id, None)

    def clear(self) -> None:
        """Show nothing: the dictionary closes."""
        self.beginResetModel()
        self.ids = np.empty(0, np.int64)
        self._rows.clear()
        self.endResetModel()

    def row_of(self, sample_id: int) -> int:
        """The row of a sample, or -1."""
        rows = np.flatnonzero(self.ids == sample_id)
        return int(rows[0]) if len(rows) else -1

    def gallery_row(self, row: int) -> GalleryRow | None:
        """What a row shows, read with its neighbours where it is not known; None: it is gone."""
        sample_id = int(self.ids[row])
        if sample_id not in self._rows and sample_id not in self._gone:
            self._read_around(row)
        if sample_id in self._rows:
            self._rows.move_to_end(sample_id)
        return self._rows.get(sample_id)

    def gallery_rows(self, rows: Iterable[int]) -> list[GalleryRow]:
        """The same of many, without those that are gone."""
        return [shown for row in rows if (shown := self.gallery_row(row)) is not None]

    # Qt's questions

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """How many samples are listed."""
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """One."""
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """The row itself, or its words."""
        if not index.isValid() or role not in _ROLES:
            return None
        shown = self.gallery_row(index.row())
        if role == GALLERY_ROW_ROLE:
            return shown
        if shown is None:
            return GONE
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.row.name
        return describe(shown, self.kind)

    def _read_around(self, row: int) -> None:
        first = row - row % READ_AT_ONCE
        ids = [int(sample_id) for sample_id in self.ids[first : first + READ_AT_ONCE]]
        missing = [sample_id for sample_id in ids if sample_id not in self._rows]
        dictionary = self._session.dictionary
        there = dictionary.search.rows_there(missing)
        samples = {sample.id: sample for sample in dictionary.samples.still_there(missing)}
        fits, predictions = dictionary.fits.current(missing), dictionary.predictions.latest(missing)
        flags = dictionary.flags.by_sample(missing)
        for listed in there:
            sample = samples.get(listed.id)
            if sample is None:
                continue  # removed between the two questions
            self._rows[sample.id] = GalleryRow(
                row=listed,
                sample=sample,
                fit=fits.get(sample.id),
                prediction=predictions.get(sample.id),
                flags=tuple(flags.get(sample.id, ())),
            )
        gone = {sample_id for sample_id in missing if sample_id not in self._rows}
        if gone:
            self._gone |= gone
            self.people_gone.emit()
        while len(self._rows) > REMEMBERED_ROWS:
            self._rows.popitem(last=False)


_ROLES = {
    GALLERY_ROW_ROLE,
    int(Qt.ItemDataRole.DisplayRole),
    int(Qt.ItemDataRole.ToolTipRole),
    int(Qt.ItemDataRole.AccessibleTextRole),
}


def reasons(shown: GalleryRow, first: FlagName | None) -> list[str]:
    """Why the sample is here, in words: the chosen kind first."""
    ordered = sorted(shown.flags, key=lambda flag: (flag.name != first, flag.name))
    return [_reason(flag) for flag in ordered]


def facts(shown: GalleryRow) -> str:
    """The numbers of the fit."""
    fit = shown.fit
    if fit is None:
        return "no fit yet"
    largest = number(float(np.abs(fit.parameters.betas).max()))
    distance = distance_text(fit.parameters, shown.sample)
    error = graded_text(fit.losses.comparison)
    return f"error {error} · |β| {largest} · {distance} · {origin_title(fit.origin)}"


def describe(shown: GalleryRow, first: FlagName | None) -> str:
    """A row in a few lines, for tooltips and screen readers."""
    verdict = VERDICT_TITLES[shown.row.verdict]
    said = [comment_words(shown.row.comments)] if shown.row.comments else []
    head = f"{shown.row.name} – {verdict}"
    return "\n".join([head, *said, *reasons(shown, first), facts(shown)])


def _reason(flag: RaisedFlag) -> str:
    words = flag_words(flag.name)
    return f"{words.title}: {flag.reason or words.meaning}"
