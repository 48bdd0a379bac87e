"""The list of samples as Qt sees it: a row is read when it is painted, in pages, and not before."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.types.fits import Verdict
from core.types.samples import SampleRow
from spin_gui.images.thumbnails import ThumbnailKey, ThumbnailProvider
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import describe_row

PAGE_ROWS = 64
REMEMBERED_ROWS = 4096
SPLICE_LIMIT = 512
"""Up to this many rows are exchanged in place, and the list keeps its scroll position.

So it does where rows only go, or only come, in up to this many runs of any length."""

_TOLD_ONE_BY_ONE = 64
"""Of more rows that changed, the views are told of the whole list: each is looked for in it."""

ROW_ROLE = int(Qt.ItemDataRole.UserRole)
SAMPLE_ID_ROLE = ROW_ROLE + 1
BIG_PICTURE_ROLE = ROW_ROLE + 2
"""The thumbnail for the grid."""

Index = QModelIndex | QPersistentModelIndex


class SampleListModel(QAbstractListModel):
    """The session's list of samples; rows are keyed by sample, so reordering costs no reading."""

    def __init__(
        self,
        session: ProjectSession,
        thumbnails: ThumbnailProvider | None = None,
        parent: QObject | None = None,
        *,
        big_pictures: ThumbnailProvider | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._thumbnails = session, thumbnails
        self._big_pictures = big_pictures
        self._ids: NDArray[np.int64] = session.sample_ids
        self._rows: OrderedDict[int, SampleRow] = OrderedDict()
        self.changing = False
        """Views move their current index while rows go; that is no choice of the user's."""
        session.ids_changed.connect(self._follow_ids)
        session.samples_changed.connect(self._forget)
        session.rows_stale.connect(self._forget_all)
        session.closing.connect(self._show_nothing)
        for provider in (thumbnails, big_pictures):
            if provider is not None:
                provider.ready.connect(self._on_thumbnail)
                provider.failed.connect(self._on_thumbnail)

    @property
    def ids(self) -> NDArray[np.int64]:
        """The listed samples, as the views see them now."""
        return self._ids

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """How many samples are listed."""
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        """Name, tooltip, picture, or the whole ``SampleRow`` for the delegate."""
        if not index.isValid() or not 0 <= index.row() < len(self._ids):
            return None
        if role == SAMPLE_ID_ROLE:
            return int(self._ids[index.row()])
        if role not in _ROLES:
            return None
        row = self.sample_row(index.row())
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DecorationRole:
            return None if self._thumbnails is None else self._thumbnails.pixmap(row)
        if role == BIG_PICTURE_ROLE:
            return None if self._big_pictures is None else self._big_pictures.pixmap(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        return describe_row(row, problem=self._problem(row))

    def sample_row(self, row: int) -> SampleRow:
        """What the list shows of one row; reads the page around it when it is not known yet."""
        sample_id = int(self._ids[row])
        known = self._rows.get(sample_id)
        if known is None:
            self._read_page(row)
            # Removed by another process a moment ago: the list is about to follow.
            known = self._rows.get(sample_id) or _gone_row(sample_id)
        return known

    def row_of(self, sample_id: int) -> int:
        """The row of a sample, or -1 where it is not listed."""
        rows = np.flatnonzero(self._ids == sample_id)
        return int(rows[0]) if len(rows) else -1

    def _problem(self, row: SampleRow) -> str:
        return "" if self._thumbnails is None else self._thumbnails.problem(row)

    def _read_page(self, row: int) -> None:
        first = row - row % PAGE_ROWS
        page = [int(sample_id) for sample_id in self._ids[first : first + PAGE_ROWS]]
        missing = [sample_id for sample_id in page if sample_id not in self._rows]
        for read in self._session.records.rows(missing):
            self._rows[read.id] = read
        while len(self._rows) > REMEMBERED_ROWS:
            self._rows.popitem(last=False)

    def _forget(self, sample_ids: set[int]) -> None:
        for sample_id in sample_ids:
            self._rows.pop(sample_id, None)
        if len(sample_ids) > _TOLD_ONE_BY_ONE:
            self._tell_all_changed()
            return
        for sample_id in sample_ids:
            self._tell_changed(sample_id)

    def _forget_all(self) -> None:
        self._rows.clear()
        self._tell_all_changed()

    def _tell_all_changed(self) -> None:
        if len(self._ids):
            self.dataChanged.emit(self.index(0), self.index(len(self._ids) - 1))

    def _show_nothing(self) -> None:
        """A window that is repainted while it closes must not read a closed dictionary."""
        self.changing = True
        self.beginResetModel()
        self._ids = np.empty(0, np.int64)
        self.endResetModel()
        self.changing = False

    def _on_thumbnail(self, key: ThumbnailKey) -> None:
        self._tell_changed(key.sample_id)

    def _tell_changed(self, sample_id: int) -> None:
        row = self.row_of(sample_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _follow_ids(self) -> None:
        """Take the session's list, as insertions and removals where they are few."""
        new = self._session.sample_ids
        first, old_end, new_end = changed_span(self._ids, new)
        self.changing = True
        if max(old_end, new_end) - first <= SPLICE_LIMIT:
            self._splice(new, first, old_end, new_end)
        elif not (self._let_go(new) or self._take_in(new)):
            self.beginResetModel()
            self._ids = new
            self.endResetModel()
        self.changing = False

    def _let_go(self, new: NDArray[np.int64]) -> bool:
        """Take rows out where the list only lost some, in few runs."""
        runs = missing_runs(self._ids, new)
        for first, end in reversed(runs or []):
            self.beginRemoveRows(QModelIndex(), first, end - 1)
            self._ids = np.delete(self._ids, slice(first, end))
            self.endRemoveRows()
        return runs is not None

    def _take_in(self, new: NDArray[np.int64]) -> bool:
        """Put rows in where the list only got some more, in few runs."""
        runs = missing_runs(new, self._ids)
        for first, end in runs or []:
            self.beginInsertRows(QModelIndex(), first, end - 1)
            self._ids = np.insert(self._ids, first, new[first:end])
            self.endInsertRows()
        return runs is not None

    def _splice(self, new: NDArray[np.int64], first: int, old_end: int, new_end: int) -> None:
        if old_end > first:
            self.beginRemoveRows(QModelIndex(), first, old_end - 1)
            self._ids = np.concatenate([self._ids[:first], self._ids[old_end:]])
            self.endRemoveRows()
        if new_end > first:
            self.beginInsertRows(QModelIndex(), first, new_end - 1)
            self._ids = new
            self.endInsertRows()


_ROLES = {
    ROW_ROLE,
    BIG_PICTURE_ROLE,
    int(Qt.ItemDataRole.DisplayRole),
    int(Qt.ItemDataRole.DecorationRole),
    int(Qt.ItemDataRole.ToolTipRole),
    int(Qt.ItemDataRole.AccessibleTextRole),
}


def missing_runs(
    longer: NDArray[np.int64], shorter: NDArray[np.int64]
) -> list[tuple[int, int]] | None:
    """The runs ``longer[first:end]`` without which it is ``shorter``.

    None where it is not the same otherwise, or where they are more than ``SPLICE_LIMIT``.
    """
    if len(longer) <= len(shorter):
        return None
    stays = np.isin(longer, shorter)
    if not np.array_equal(longer[stays], shorter):
        return None
    edges = np.flatnonzero(np.diff(np.concatenate([[True], stays, [True]]).astype(np.int8)))
    runs = [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]
    return runs if len(runs) <= SPLICE_LIMIT else None


def _gone_row(sample_id: int) -> SampleRow:
    return SampleRow(
        id=sample_id,
        name=f"removed ({sample_id})",
        picture_path=Path(),
        dataset="",
        verdict=Verdict.NONE,
        origin=None,
        loss=None,
        max_abs_beta=None,
        depth_m=None,
        flags=(),
        visible_keypoints=0,
        current_fit_id=None,
    )


def changed_span(old: NDArray[np.int64], new: NDArray[np.int64]) -> tuple[int, int, int]:
    """Where two lists differ: ``old[first:old_end]`` was replaced by ``new[first:new_end]``."""
    shorter = min(len(old), len(new))
    different = np.flatnonzero(old[:shorter] != new[:shorter])
    first = int(different[0]) if len(different) else shorter
    tail = shorter - first
    if tail:
        from_end = np.flatnonzero(old[len(old) - tail :][::-1] != new[len(new) - tail :][::-1])
        tail = int(from_end[0]) if len(from_end) else tail
    return first, len(old) - tail, len(new) - tail
