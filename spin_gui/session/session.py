"""One project on screen: which samples are listed, which one is current, and what changes them.

Panels listen and ask; none of them keeps a selection of its own. All calls are made on the main
thread, with the dictionary object that belongs to it. What is listed is kept by
``SelectionModel``, what is known of samples by ``SampleRecords``. Edits are functions of modules
above this one, one module for each kind; they end with ``after_edit``.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from core.dictionary.search.query import LikeRule, SampleQuery
from core.dictionary.store import Dictionary
from spin_gui.session.alike_samples import LOOKING, AlikeSamples, alike_text
from spin_gui.session.audit_queue import AuditQueue
from spin_gui.session.external_changes import ExternalChanges
from spin_gui.session.listing import SampleIds, SelectionModel
from spin_gui.session.navigation_history import NavigationHistory
from spin_gui.session.review_counts import ReviewCounts
from spin_gui.session.review_speed import ReviewSpeed
from spin_gui.session.sample_catalogue import SampleCatalogue
from spin_gui.session.sample_records import SampleRecords
from spin_gui.session.undo_commands import UndoStack

REMOVED_ELSEWHERE = (
    "This person was removed in another window or by a command; the list was read again."
)
_TOLD_ONE_BY_ONE = 1000
"""Of more samples that change at once, panels read everything again."""

_NOTHING_SELECTED: SampleIds = np.empty(0, np.int64)


class ProjectSession(QObject):
    """Owns the current sample, the query and the undo stack of one open project."""

    ids_changed = Signal()
    """The listed samples or their order changed; ``sample_ids`` holds the new ones."""
    query_changed = Signal()
    """Other filters or another order, even where the same samples are listed."""
    current_changed = Signal(object)
    """The current sample: its id, or None."""
    selection_changed = Signal()
    """Several samples are selected, or other ones, or no longer several."""
    samples_changed = Signal(object)
    """A set of ids of samples whose fits or verdicts changed."""
    rows_stale = Signal()
    """Another process wrote: any row may show old values and is to be read again."""
    counts_changed = Signal()
    saved = Signal(str)
    """What was just written to disk, for the status bar."""
    noticed = Signal(str)
    """Why nothing was written, for the status bar."""
    closing = Signal()
    """The dictionary is about to close; listeners ask for nothing any more."""

    def __init__(self, project: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.dictionary = Dictionary.open(project)
        self.project = self.dictionary.project
        self.undo_stack = UndoStack(self, self.follow_removals)
        self.records = SampleRecords(self.dictionary)
        query = SampleQuery()
        self.catalogue = SampleCatalogue(self.dictionary, self)
        self.audit = AuditQueue(self.dictionary)
        self.alike = AlikeSamples(self.dictionary, self)
        self.listing = SelectionModel(query, self.catalogue.ids(query))
        self.pace = ReviewSpeed()
        self.selected_ids: SampleIds = _NOTHING_SELECTED
        """Several samples that the next verdict is for; empty while it is for the current one."""
        self._queries = NavigationHistory(query)
        self._visited = NavigationHistory(self.listing.current_id)
        self._left_at: dict[SampleQuery, int] = {}
        self._counts: ReviewCounts | None = None
        self._external = ExternalChanges(self.dictionary)
        self.alike.found.connect(self._show_alike)
        self.alike.failed.connect(self.noticed)

    # Which samples are listed

    @property
    def query(self) -> SampleQuery:
        """The filters and the order of the list."""
        return self.listing.query

    @property
    def sample_ids(self) -> SampleIds:
        """``(N,)`` ids of the listed samples, in their order."""
        return self.listing.ids

    def set_query(self, query: SampleQuery, *, passing: bool = False) -> None:
        """List other samples, or in another order; the current one stays current if listed.

        passing: one of many while something is dragged; going back leads past it.
        """
        self._queries.visit(query, passing=passing)
        self._list(query, passing=passing)

    def open_view(self, query: SampleQuery) -> None:
        """List a view or a queue, and go on at the sample where it was left."""
        left_at = self._left_at.get(query)
        self.set_query(query)
        if left_at is not None and self.listing.row_of(left_at) >= 0:
            self.select(left_at)
        else:
            self.go_first()

    def list_alike(self, *, mirrored: bool = False, near_copies: bool = False) -> None:
        """List the samples like the current one, once they are found; see ``LikeRule``."""
        if self.current_id is None:
            self.noticed.emit("No sample is selected.")
        elif self.alike.look_for(LikeRule(self.current_id, mirrored, near_copies)):
            self.noticed.emit(LOOKING)

    @Slot(object)
    def _show_alike(self, query: SampleQuery) -> None:
        self.open_view(query)
        if query.like is not None:
            self.noticed.emit(alike_text(self.dictionary, query.like))

    def query_back(self) -> None:
        """The filters and the order of before."""
        self._list(self._queries.back())

    def query_forward(self) -> None:
        """Forward again."""
        self._list(self._queries.forward())

    def refresh(self) -> None:
        """Ask the dictionary again. The current sample stays, even where it left the list."""
        self.refresh_list()
        self.update_counts()
        if self.current_id is not None and not self.dictionary.samples.exists(self.current_id):
            self.select_row(min(self.listing.anchor_row, len(self.sample_ids) - 1))
            if not len(self.sample_ids):
                self.select(None)  # the last one was removed elsewhere
        if self.current_id is None:
            self._select_first()

    def counts(self) -> ReviewCounts:
        """How many samples are listed and how many fits wait for a verdict."""
        if self._counts is None:
            self._counts = self.catalogue.counts(listed=len(self.sample_ids))
        return self._counts

    # Which sample is current

    @property
    def current_id(self) -> int | None:
        """The sample on screen; it need not be listed."""
        return self.listing.current_id

    @property
    def current_row(self) -> int:
        """Its row in the list, or -1."""
        return self.listing.current_row

    def select(self, sample_id: int | None) -> None:
        """Make a sample current; it need not be listed. None shows nothing.

        Where it was removed meanwhile the list is read again, and the present one stays.
        """
        if not self._is_there(sample_id):
            self.follow_removals()
        elif sample_id != self.current_id:
            self._visited.visit(sample_id)
            self._show(sample_id)

    def visit_back(self) -> None:
        """The sample that was looked at before, listed or not; one that was removed is passed."""
        while self._visited.can_go_back:
            if self._is_there(self._visited.back()):
                break
        self._show_visited()

    def visit_forward(self) -> None:
        """Forward again."""
        while self._visited.can_go_forward:
            if self._is_there(self._visited.forward()):
                break
        self._show_visited()

    def set_selected(self, sample_ids: Collection[int]) -> None:
        """Select several samples for the next verdict; one or none: the current one alone."""
        several = len(sample_ids) > 1
        wanted = np.array([*sample_ids], np.int64) if several else _NOTHING_SELECTED
        if not np.array_equal(wanted, self.selected_ids):
            self.selected_ids = wanted
            self.selection_changed.emit()

    def select_row(self, row: int) -> None:
        """Make the sample of a row of the list current; rows outside of it are ignored."""
        if 0 <= row < len(self.sample_ids):
            self.select(int(self.sample_ids[row]))

    def go_next(self) -> None:
        """The next row. From a sample that left the list: the row that took its place."""
        self.select_row(self.listing.next_row())

    def go_previous(self) -> None:
        """The row before."""
        self.select_row(self.listing.previous_row())

    def go_first(self) -> None:
        """The first row of the list."""
        self.select_row(0)

    def go_last(self) -> None:
        """The last row of the list."""
        self.select_row(len(self.sample_ids) - 1)

    # Edits

    def after_edit(self, sample_ids: set[int], message: str) -> None:
        """After an edit reached the disk: forget what it changed, refresh the list, tell panels."""
        self.records.forget_fits(sample_ids)
        self.samples_changed.emit(sample_ids)
        self.refresh_list()
        self.update_counts()
        self.saved.emit(message)

    def leave(self, going: SampleIds) -> None:
        """Before people are removed: the one who is shown gives way to a neighbour in the list."""
        self.set_selected([])
        if self.current_id is not None and self.current_id in going:
            self.select(self.listing.neighbour_of(going))

    def after_removal(self, gone: SampleIds, message: str) -> None:
        """After people were removed, whom ``leave`` was told of."""
        self.records.forget_samples(gone.tolist())
        self._after_many(gone, message)

    def after_putting_back(self, people: SampleIds, message: str) -> None:
        """After people came back."""
        self.records.forget_samples(people.tolist())
        self._after_many(people, message)

    def _after_many(self, sample_ids: SampleIds, message: str) -> None:
        if len(sample_ids) <= _TOLD_ONE_BY_ONE:
            self.after_edit(set(sample_ids.tolist()), message)
            return
        self.take_in_changes()
        self.saved.emit(message)

    # What others write

    def notice_external_changes(self) -> None:
        """Take in what another process or job wrote; the selection does not move.

        Raises:
            ProjectGoneError: the project was moved, deleted or replaced.
            DictionaryError: it cannot be read.
        """
        if self._external.happened():
            with self._external.refreshing():
                self.take_in_changes()

    def follow_removals(self) -> bool:
        """After a person was asked for who is not there: read the list again.

        False where no one was removed: it was a mistake to ask.
        """
        former = len(self.sample_ids), self.current_id
        self.take_in_changes()
        if former == (len(self.sample_ids), self.current_id) and not self.dictionary.removals.all():
            return False
        self.noticed.emit(REMOVED_ELSEWHERE)
        return True

    def take_in_changes(self) -> None:
        """Read again whatever may have changed, and tell which remembered samples did."""
        self.catalogue.update_hidden()
        changed = self.records.forget_changed()
        self.rows_stale.emit()
        self.refresh()
        if changed:
            self.samples_changed.emit(changed)

    def close(self) -> None:
        """Close the dictionary; the session is of no use after."""
        self.closing.emit()
        self.undo_stack.clear()
        self.alike.close()
        self.catalogue.close()
        self.dictionary.close()

    # For the edits

    def refresh_list(self) -> None:
        """Ask the dictionary again which samples are listed."""
        ids = self.catalogue.ids(self.query)
        self._show_ids(self.audit.mixed(self.query, ids))

    def update_counts(self) -> None:
        """Count again when next asked for counts."""
        self._counts = None
        self.counts_changed.emit()

    # Inside

    def _is_there(self, sample_id: int | None) -> bool:
        return sample_id is None or self.dictionary.samples.exists(sample_id)

    def _show_visited(self) -> None:
        if self._is_there(self._visited.here):
            self._show(self._visited.here)

    def _list(self, query: SampleQuery, *, passing: bool = False) -> None:
        if query == self.query:
            return
        if self.current_id is not None and not passing:
            self._left_at[self.query] = self.current_id
        self.listing.query = query
        self.refresh_list()
        self.query_changed.emit()
        if self.current_row < 0:
            self._select_first()

    def _show(self, sample_id: int | None) -> None:
        if sample_id != self.current_id:
            self.listing.place(sample_id)
            self.audit.note_shown(sample_id)
            self.current_changed.emit(sample_id)

    def _show_ids(self, sample_ids: SampleIds) -> None:
        if self.listing.show(sample_ids):
            self._counts = None
            self.ids_changed.emit()
            self.counts_changed.emit()

    def _select_first(self) -> None:
        self.select(int(self.sample_ids[0]) if len(self.sample_ids) else None)
