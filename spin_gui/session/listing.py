"""Which samples are listed in which order, and which of them is current. Knows nothing of Qt."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from core.dictionary.search.query import SampleQuery

SampleIds = NDArray[np.int64]


class SelectionModel:
    """Keeps ids, current sample and its row together.

    The current sample need not be listed: one that left the list stays current, its row is -1, and
    ``anchor_row`` remembers where it stood.
    """

    def __init__(self, query: SampleQuery, ids: SampleIds) -> None:
        self.query = query
        self.ids = ids
        self.current_id: int | None = None
        self.current_row = -1
        self.anchor_row = 0
        self.place(int(ids[0]) if len(ids) else None)

    def __len__(self) -> int:
        return len(self.ids)

    def show(self, ids: SampleIds) -> bool:
        """List other samples; False where they are the same in the same order."""
        if np.array_equal(ids, self.ids):
            return False
        self.ids = ids
        self.place(self.current_id)
        return True

    def place(self, sample_id: int | None) -> None:
        """Make a sample current, listed or not."""
        self.current_id = sample_id
        self.current_row = -1 if sample_id is None else self.row_of(sample_id)
        if self.current_row >= 0:
            self.anchor_row = self.current_row
        self.anchor_row = min(self.anchor_row, max(len(self.ids) - 1, 0))

    def row_of(self, sample_id: int) -> int:
        """The row of a sample, -1 where it is not listed."""
        rows = np.flatnonzero(self.ids == sample_id)
        return int(rows[0]) if len(rows) else -1

    def next_row(self) -> int:
        """The row after the current one. From a sample that left: the row that took its place."""
        return self.current_row + 1 if self.current_row >= 0 else self.anchor_row

    def previous_row(self) -> int:
        """The row before."""
        return (self.current_row if self.current_row >= 0 else self.anchor_row) - 1

    def id_after(self, sample_id: int) -> int:
        """The sample below one as the list is now; at its end the sample itself."""
        row = self.row_of(sample_id)
        below = row + 1 if row >= 0 else self.anchor_row
        return int(self.ids[below]) if below < len(self.ids) else sample_id

    def neighbour_of(self, gone: SampleIds) -> int | None:
        """Who takes the place of the current sample when it goes with others.

        The next one below that stays, or else the next above; None where none stays.
        """
        stays = np.flatnonzero(~np.isin(self.ids, gone))
        if not len(stays):
            return None
        here = self.current_row if self.current_row >= 0 else self.anchor_row
        below = int(np.searchsorted(stays, here))
        return int(self.ids[stays[min(below, len(stays) - 1)]])

    def id_after_all(self, sample_ids: Collection[int]) -> int | None:
        """The sample below the last of many; where there is none, that last one itself."""
        among = np.isin(self.ids, np.fromiter(sample_ids, np.int64))
        rows = np.flatnonzero(among)
        if not len(rows):
            return self.current_id
        below = np.flatnonzero(~among[rows[-1] :])
        return int(self.ids[rows[-1] + (below[0] if len(below) else 0)])
