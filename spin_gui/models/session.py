"""One project on screen: which samples are listed, which one is current, and every edit of them.

Panels listen and ask; none of them keeps a selection of its own. All calls are made on the main
thread, with the dictionary object that belongs to it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from core.dictionary.records import (
    Fit,
    Prediction,
    Sample,
    SampleQuery,
    SampleRow,
    SortKey,
)
from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError
from core.records import Verdict
from spin_gui.models.record_cache import RecordCache
from spin_gui.models.undo_commands import (
    CurrentFitCommand,
    CurrentFitEdit,
    Landing,
    Place,
    VerdictCommand,
    VerdictEdit,
)

REMEMBERED_SAMPLES = 256
REST_AFTER_REFRESH = 20.0
"""While another process writes, asking anew takes at most a twentieth of the window's time."""

_TO_REVIEW = SampleQuery(verdicts=frozenset({Verdict.NONE}))

_WITHOUT_FIT = SampleQuery(only_without_fit=True)

_FIT_KINDS = ("current_fit", "first_fit", "prediction", "history")

_VERDICT_DONE = {
    Verdict.ACCEPTED: "Accept",
    Verdict.REJECTED: "Reject",
    Verdict.UNSURE: "Mark unsure",
    Verdict.NONE: "Clear verdict of",
}


@dataclass(frozen=True)
class ReviewCounts:
    """How far the review is.

    listed: samples that the query lets through; total: of all. The rest is counted of all samples:
    left_to_review: current fits without verdict; without_fit: samples that cannot be judged yet.
    """

    listed: int
    total: int
    left_to_review: int
    without_fit: int


class ProjectSession(QObject):
    """Owns the current sample, the query and the undo stack of one open project."""

    ids_changed = Signal()
    """The listed samples or their order changed; ``sample_ids`` holds the new ones."""
    query_changed = Signal()
    """Other filters or another order, even where the same samples are listed."""
    current_changed = Signal(object)
    """The current sample: its id, or None."""
    samples_changed = Signal(object)
    """A set of ids of samples whose fits or verdicts changed."""
    rows_stale = Signal()
    """Another process wrote: any row may show old values and is to be read afresh."""
    counts_changed = Signal()
    saved = Signal(str)
    """What was just written to disk, for the status bar."""
    noticed = Signal(str)
    """Why nothing was written, for the status bar."""
    closing = Signal()
    """The dictionary is about to close; whoever listens asks for nothing any more."""

    def __init__(self, project: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dictionary = Dictionary.open(project)
        self.project = self.dictionary.project
        self.undo_stack = QUndoStack(self)
        self.query = SampleQuery()
        self.sample_ids: NDArray[np.int64] = self.dictionary.sample_ids(self.query)
        self._cache = RecordCache(max_samples=REMEMBERED_SAMPLES)
        self._counts: ReviewCounts | None = None
        self._external_counter = self.dictionary.external_change_counter()
        self._refresh_not_before = 0.0
        self._anchor_row = 0
        self.current_id: int | None = None
        self.current_row = -1
        if len(self.sample_ids):
            self._place_current(int(self.sample_ids[0]))

    # Which samples are listed

    def set_query(self, query: SampleQuery) -> None:
        """List other samples, or in another order; the current one stays current if listed."""
        if query == self.query:
            return
        self.query = query
        self._list_afresh()
        self.query_changed.emit()
        if self.current_row < 0:
            self._select_first()

    def refresh(self) -> None:
        """Ask the dictionary again. The current sample stays, even where it left the list."""
        self._list_afresh()
        self._counts_moved()
        if self.current_id is None:
            self._select_first()

    def counts(self) -> ReviewCounts:
        """How many samples are listed and how many fits wait for a verdict."""
        if self._counts is None:
            self._counts = ReviewCounts(
                listed=len(self.sample_ids),
                total=self.dictionary.count(SampleQuery()),
                left_to_review=self.dictionary.count(_TO_REVIEW),
                without_fit=self.dictionary.count(_WITHOUT_FIT),
            )
        return self._counts

    # Which sample is current

    def select(self, sample_id: int | None) -> None:
        """Make a sample current; it need not be listed. None shows nothing."""
        if sample_id != self.current_id:
            self._place_current(sample_id)
            self.current_changed.emit(self.current_id)

    def select_row(self, row: int) -> None:
        """Make the sample of a row of the list current; rows outside of it are ignored."""
        if 0 <= row < len(self.sample_ids):
            self.select(int(self.sample_ids[row]))

    def go_next(self) -> None:
        """The next row. From a sample that left the list: the row that took its place."""
        self.select_row(self.current_row + 1 if self.current_row >= 0 else self._anchor_row)

    def go_previous(self) -> None:
        """The row before."""
        row = self.current_row if self.current_row >= 0 else self._anchor_row
        self.select_row(row - 1)

    def go_first(self) -> None:
        """The first row of the list."""
        self.select_row(0)

    def go_last(self) -> None:
        """The last row of the list."""
        self.select_row(len(self.sample_ids) - 1)

    # What is known of a sample

    def sample(self, sample_id: int) -> Sample:
        """The sample's box and keypoints."""
        return self._cache.get("sample", sample_id, self.dictionary.sample)

    def current_fit(self, sample_id: int) -> Fit | None:
        """The fit the dictionary holds to be the best."""
        return self._cache.get("current_fit", sample_id, self.dictionary.current_fit)

    def first_fit(self, sample_id: int) -> Fit | None:
        """The first SMPLify fit of the sample."""
        return self._cache.get("first_fit", sample_id, self.dictionary.first_fit)

    def prediction(self, sample_id: int) -> Prediction | None:
        """The regressor's latest output."""
        return self._cache.get("prediction", sample_id, self.dictionary.prediction)

    def history(self, sample_id: int) -> list[Fit]:
        """Every fit the sample ever had, newest first."""
        return self._cache.get("history", sample_id, self.dictionary.history)

    def row(self, sample_id: int) -> SampleRow:
        """Name, flags and verdict of one sample, as the list shows them; never from a cache."""
        rows = self.dictionary.rows([sample_id])
        if not rows:
            raise NoSuchRecordError(f"The project has no sample {sample_id}.")
        return rows[0]

    # Edits

    def set_verdict(self, verdict: Verdict) -> None:
        """Judge the fit shown for the current sample, then go to the next row of the list."""
        if self.current_id is None:
            self.noticed.emit("No sample is selected.")
            return
        fit = self.current_fit(self.current_id)
        if fit is None:
            self.noticed.emit("There was no fit to judge: went on to the next sample.")
            self._go_on_to(self._id_after_current())
            return
        edit_text = f"{_VERDICT_DONE[verdict]} {self.row(self.current_id).name}"
        next_id = self._id_after_current()
        if fit.verdict != verdict:
            self._write_verdict(fit, verdict, edit_text, next_id)
        self._go_on_to(next_id)

    def make_current(self, fit_id: int) -> None:
        """Let another fit of the current sample's history be its current one."""
        if self.current_id is None:
            return
        sample_id = self.current_id
        name = self.row(sample_id).name
        before = self.dictionary.make_current(sample_id, fit_id)
        if before == fit_id:
            return
        text = f"Change the current fit of {name}"
        self._after_fit_change(sample_id, text)
        if before is not None:
            edit = CurrentFitEdit(sample_id, before=before, after=fit_id)
            self.undo_stack.push(CurrentFitCommand(text, edit, self._restore_current_fit))

    def notice_external_changes(self) -> None:
        """Take in what another process or job wrote; the selection does not move."""
        if time.monotonic() < self._refresh_not_before:
            return
        counter = self.dictionary.external_change_counter()
        if counter == self._external_counter:
            return
        self._external_counter = counter
        started = time.monotonic()
        self.take_in_changes()
        ended = time.monotonic()
        self._refresh_not_before = ended + REST_AFTER_REFRESH * (ended - started)

    def take_in_changes(self) -> None:
        """Read again whatever may have changed, and tell which remembered samples did."""
        changed = self._forget_changed()
        self.rows_stale.emit()
        self.refresh()
        if changed:
            self.samples_changed.emit(changed)

    def close(self) -> None:
        """Close the dictionary; the session is of no use after."""
        self.closing.emit()
        self.undo_stack.clear()
        self.dictionary.close()

    # Inside

    def _write_verdict(self, fit: Fit, verdict: Verdict, text: str, next_id: int) -> None:
        # By fit, not by sample: the loop may have replaced the fit that the user looked at.
        change = self.dictionary.set_fit_verdicts({fit.id: verdict})
        place = self._place_of_current()
        self._verdict_changed(fit.sample_id)
        edit = VerdictEdit(fit.sample_id, next_id, change.before, change.after, place)
        self.undo_stack.push(VerdictCommand(text, edit, self._restore_verdicts))
        self.saved.emit(f"{text} – saved")

    def _restore_verdicts(
        self, verdicts: Mapping[int, Verdict], landing: Landing, text: str
    ) -> None:
        self.dictionary.restore_verdicts(verdicts)
        self._verdict_changed(landing.sample_id, landing.place)
        if landing.next_id is None:
            self.select(landing.sample_id)
        else:
            self._go_on_to(landing.next_id)
        self.saved.emit(f"{text} – saved")

    def _restore_current_fit(self, sample_id: int, fit_id: int, text: str) -> None:
        self.dictionary.make_current(sample_id, fit_id)
        self.select(sample_id)
        self._after_fit_change(sample_id, text)

    def _after_fit_change(self, sample_id: int, text: str) -> None:
        self._forget_fits({sample_id})
        self.samples_changed.emit({sample_id})
        self._list_afresh()
        self._counts_moved()
        self.saved.emit(f"{text} – saved")

    def _verdict_changed(self, sample_id: int, place: Place | None = None) -> None:
        self._forget_fits({sample_id})
        self.samples_changed.emit({sample_id})
        fit = self.current_fit(sample_id)
        listed = np.flatnonzero(self.sample_ids == sample_id)
        verdicts = self.query.verdicts
        belongs = not verdicts or (fit is not None and fit.verdict in verdicts)
        # A verdict does not change the order of the others: where it can be helped, 300 000 rows
        # are not sorted again.
        if self.query.sort == SortKey.VERDICT:
            self._list_afresh()
        elif not belongs:
            self._show_ids(np.delete(self.sample_ids, listed))
        elif not len(listed) and place is not None and self._still_there(place):
            self._show_ids(np.insert(self.sample_ids, place.row, sample_id))
        elif not len(listed):
            self._list_afresh()
        self._counts_moved()

    def _place_of_current(self) -> Place | None:
        row = self.current_row
        if row < 0:
            return None
        above_id = int(self.sample_ids[row - 1]) if row else None
        return Place(self.query, row, above_id)

    def _still_there(self, place: Place) -> bool:
        """Whether the list around a place is the one it was taken from."""
        if place.query != self.query or place.row > len(self.sample_ids):
            return False
        return place.row == 0 or int(self.sample_ids[place.row - 1]) == place.above_id

    def _id_after_current(self) -> int:
        """The next listed sample as the user sees the list now; at its end the sample itself."""
        row = self.current_row + 1 if self.current_row >= 0 else self._anchor_row
        return int(self.sample_ids[row]) if row < len(self.sample_ids) else self._current()

    def _go_on_to(self, sample_id: int) -> None:
        """Select the next sample; where the list ended with one that left it, the new last row."""
        ended = sample_id == self.current_id and self.current_row < 0
        if ended and len(self.sample_ids):
            self.go_last()
        else:
            self.select(sample_id)

    def _list_afresh(self) -> None:
        self._show_ids(self.dictionary.sample_ids(self.query))

    def _show_ids(self, sample_ids: NDArray[np.int64]) -> None:
        if np.array_equal(sample_ids, self.sample_ids):
            return
        self.sample_ids = sample_ids
        self._place_current(self.current_id)
        self._counts = None
        self.ids_changed.emit()
        self.counts_changed.emit()

    def _place_current(self, sample_id: int | None) -> None:
        """Keep id and row together; the anchor remembers where a sample stood that left."""
        self.current_id = sample_id
        self.current_row = -1
        if sample_id is not None:
            rows = np.flatnonzero(self.sample_ids == sample_id)
            self.current_row = int(rows[0]) if len(rows) else -1
        if self.current_row >= 0:
            self._anchor_row = self.current_row
        self._anchor_row = min(self._anchor_row, max(len(self.sample_ids) - 1, 0))

    def _select_first(self) -> None:
        self.select(int(self.sample_ids[0]) if len(self.sample_ids) else None)

    def _current(self) -> int:
        if self.current_id is None:
            raise NoSuchRecordError("No sample is selected.", remedy="Select one in the list.")
        return self.current_id

    def _counts_moved(self) -> None:
        self._counts = None
        self.counts_changed.emit()

    def _forget_fits(self, sample_ids: set[int]) -> None:
        self._cache.forget(sample_ids, kinds=_FIT_KINDS)

    def _forget_changed(self) -> set[int]:
        """Forget all fits; the ids of samples whose current fit, verdict or prediction changed."""
        fits = self._cache.peek("current_fit")
        predictions = self._cache.peek("prediction")
        self._forget_fits(set(self._cache.sample_ids()))
        fits_now = self.dictionary.current_fits(list(fits))
        changed = {
            sample_id
            for sample_id, fit in fits.items()
            if _identity(fit) != _identity(fits_now.get(sample_id))
        }
        return changed | {
            sample_id
            for sample_id, prediction in predictions.items()
            if _identity(prediction) != _identity(self.prediction(sample_id))
        }


def _identity(record: object) -> tuple[object, ...] | None:
    """Equal for records that look the same on screen."""
    if isinstance(record, Fit):
        return record.id, record.verdict
    if isinstance(record, Prediction):
        return record.created_at, record.run_id, record.iteration
    return None
