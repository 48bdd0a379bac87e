"""What lists are sorted and filtered by, of all samples, as arrays in memory.

SQLite stays the truth. A snapshot is read once, in about a second for 300 000 samples, and kept
right by reading what the log of changes names. Rows are in the order of sample ids, so that a
stable sort breaks ties as ``ORDER BY column, id`` does. docs/decisions/ has what was measured.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dictionary.search.query import MEASURES
from core.dictionary.search.query_sql import SORT_COLUMNS
from core.dictionary.storage.change_log import changed_samples, newest_change
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list

FloatColumn = NDArray[np.float64]
Rows = NDArray[np.signedinteger[Any]]
Mask = NDArray[np.bool_]

READ_AGAIN_ABOVE = 20_000
"""Logged changes, some 100 ms; more would be felt on the main thread."""

FIT = "fit"
RUN = "run"
CORRECTIONS = "corrections"
FITTED = "fitted"

_SECONDS = (
    "CAST(strftime('%s', substr(current_created_at, 1, 19)) AS REAL) "
    "+ CAST(substr(current_created_at, 20, 7) AS REAL)"
)
"""When the current fit was stored, in seconds since 1970 with the fraction: exact to 1 µs.

SQLite sees the whole seconds only: given the fraction, it rounds to milliseconds before it takes
the second, so that 13.9995 s would become second 14, and 14.9995 with its fraction.
"""
_NUMBERS: Mapping[str, str] = {
    **{measure.value: SORT_COLUMNS[measure] for measure in MEASURES},
    FIT: "current_fit_id",
    RUN: "current_run_id",
    CORRECTIONS: "corrections",
    FITTED: _SECONDS,
}
"""The column of ``samples``, or what is made of it, behind each array of numbers."""

_WORDS = ("current_verdict", "current_origin", "dataset")

_NULL = "1e999"
"""Stands for NULL on the way through ``np.fromiter``, which takes numbers only: infinity."""

_COLUMNS = ", ".join(["id", *(f"coalesce({column}, {_NULL})" for column in _NUMBERS.values())])
_SELECT_NUMBERS = "SELECT {} FROM samples {} ORDER BY id"
_AFTER = "WHERE id > ?"
_READ_TOGETHER = 100_000
"""Samples at a time, 14 MB: what is in memory while a project is read is little more than what is
kept of it."""
_AMONG = "WHERE id IN (SELECT value FROM json_each(?))"
_WORDS_AMONG = f"SELECT {', '.join(_WORDS)} FROM samples {_AMONG} ORDER BY id"  # noqa: S608
_FLAGS = "SELECT name, group_concat(sample_id, ' ') FROM flags GROUP BY name"
_FLAGS_AMONG = (
    "SELECT name, sample_id FROM flags WHERE sample_id IN (SELECT value FROM json_each(?))"
)
_LINE = "char(10)"


@dataclass(frozen=True, eq=False)
class ColumnCache:
    """All samples at one moment; ``caught_up`` makes the next one.

    ids: ``(N,)`` ascending. numbers: by name of a measure, ``fit``, ``run``, ``corrections`` or
    ``fitted`` (s), ``(N,)`` with NaN for NULL. words: by column and word, a mask ``(N,)`` of the
    samples that hold it; flags: of those that bear the flag. names: every name in one text of
    lower-case bytes, one a line; ``name_starts`` is where each begins. change: the newest that is
    taken in.
    """

    ids: NDArray[np.int64]
    numbers: Mapping[str, FloatColumn]
    words: Mapping[str, Mapping[str, Mask]]
    flags: Mapping[str, Mask]
    names: bytes
    name_starts: NDArray[np.int64]
    change: int

    @classmethod
    def read(cls, connection: Connection) -> ColumnCache:
        """Everything, as of one moment."""
        with connection.reading():
            change = newest_change(connection)
            ids, numbers = _read_numbers(connection)
            names, starts = _read_names(connection)
            return cls(
                ids=ids,
                numbers=numbers,
                words={column: _masks(ids, _listed_words(connection, column)) for column in _WORDS},
                flags=_masks(ids, connection.execute(_FLAGS)),
                names=names,
                name_starts=starts,
                change=change,
            )

    def __len__(self) -> int:
        return len(self.ids)

    def caught_up(
        self, connection: Connection, *, also: Collection[int] = ()
    ) -> ColumnCache | None:
        """With what was written since; itself where nothing was.

        None where so much was written that reading everything again is quicker.

        Args:
            connection: of the dictionary.
            also: samples that show otherwise although nothing was written.
        """
        with connection.reading():
            change = newest_change(connection)
            if change == self.change and not also:
                return self
            changed = changed_samples(connection, after=self.change, at_most=READ_AGAIN_ABOVE)
            if changed is None or len(also) > READ_AGAIN_ABOVE:
                return None
            changed = sorted({*changed, *also})
            ids, numbers = _read_numbers(connection, id_list(changed))
            base = _with_ids(self, connection, changed, ids)
            return _with_values(base, connection, ids, numbers, change)

    def rows_of(self, sample_ids: Iterable[int] | NDArray[np.int64]) -> Rows:
        """The rows of samples; unknown ones are left out."""
        ids = np.asarray(
            sample_ids if isinstance(sample_ids, np.ndarray) else list(sample_ids), dtype=np.int64
        )
        rows = np.searchsorted(self.ids, ids)
        is_there = rows < len(self.ids)
        is_there[is_there] = self.ids[rows[is_there]] == ids[is_there]
        return rows[is_there]

    @property
    def has_fit(self) -> Mask:
        """``(N,)`` which samples have a current fit."""
        return ~np.isnan(self.numbers[FIT])


def _with_ids(
    snapshot: ColumnCache, connection: Connection, changed: Sequence[int], stored: NDArray[np.int64]
) -> ColumnCache:
    """With rows for changed samples that are new, without those that are gone."""
    gone = np.setdiff1d(np.array(changed, np.int64), stored)
    ids = np.union1d(np.setdiff1d(snapshot.ids, gone), stored)
    if np.array_equal(ids, snapshot.ids):
        return snapshot
    kept = np.isin(snapshot.ids, ids)
    rows = np.searchsorted(ids, snapshot.ids[kept])
    names, starts = _read_names(connection)

    def moved_mask(mask: Mask) -> Mask:
        return _moved(mask[kept], rows, np.zeros(len(ids), np.bool_))

    return replace(
        snapshot,
        ids=ids,
        numbers={
            name: _moved(column[kept], rows, np.full(len(ids), np.nan))
            for name, column in snapshot.numbers.items()
        },
        words={
            column: {word: moved_mask(mask) for word, mask in masks.items()}
            for column, masks in snapshot.words.items()
        },
        flags={name: moved_mask(mask) for name, mask in snapshot.flags.items()},
        names=names,
        name_starts=starts,
    )


def _with_values(
    snapshot: ColumnCache,
    connection: Connection,
    ids: NDArray[np.int64],
    numbers: Mapping[str, FloatColumn],
    change: int,
) -> ColumnCache:
    rows = np.searchsorted(snapshot.ids, ids)
    words = _word_masks_among(connection, ids)
    flags = _flag_masks_among(connection, ids)
    return replace(
        snapshot,
        numbers={
            name: _changed_column(column, rows, numbers[name])
            for name, column in snapshot.numbers.items()
        },
        words={
            column: _changed_masks(masks, len(snapshot), rows, words[column])
            for column, masks in snapshot.words.items()
        },
        flags=_changed_masks(snapshot.flags, len(snapshot), rows, flags),
        change=change,
    )


def _read_numbers(
    connection: Connection, among: str | None = None
) -> tuple[NDArray[np.int64], dict[str, FloatColumn]]:
    """Ids and number columns, all or of some samples."""
    if among is not None:
        return _columns_of(connection.numbers(_SELECT_NUMBERS.format(_COLUMNS, _AMONG), (among,)))
    sql = f"{_SELECT_NUMBERS.format(_COLUMNS, _AFTER)} LIMIT {_READ_TOGETHER}"
    parts = [_columns_of(connection.numbers(sql, (-1,)))]
    while len(parts[-1][0]) == _READ_TOGETHER:
        parts.append(_columns_of(connection.numbers(sql, (int(parts[-1][0][-1]),))))
    ids = np.concatenate([part_ids for part_ids, _columns in parts])
    joined = {}
    for name in _NUMBERS:
        joined[name] = np.concatenate([columns.pop(name) for _ids, columns in parts])
    return ids, joined


def _columns_of(table: NDArray[np.float64]) -> tuple[NDArray[np.int64], dict[str, FloatColumn]]:
    """Ids and number columns of rows as they were read."""
    table[np.isinf(table)] = np.nan
    columns = {name: table[:, position].copy() for position, name in enumerate(_NUMBERS, start=1)}
    return table[:, 0].astype(np.int64), columns


def _read_names(connection: Connection) -> tuple[bytes, NDArray[np.int64]]:
    text = connection.scalar(
        f"SELECT group_concat(name, {_LINE}) FROM "  # noqa: S608 - own words
        f"(SELECT replace(name, {_LINE}, ' ') AS name FROM samples ORDER BY id)"
    )
    # Like SQLite's LIKE: upper and lower case are alike in ASCII only.
    names = b"" if text is None else text.encode().lower()
    lines = np.flatnonzero(np.frombuffer(names, np.uint8) == ord("\n"))
    return names, np.concatenate([[0], lines + 1]).astype(np.int64)


def _listed_words(connection: Connection, column: str) -> list[tuple[Any, ...]]:
    """Each word of a column with the ids that hold it, as one text: see ``queries``."""
    return connection.execute(
        f"SELECT {column}, group_concat(id, ' ') FROM samples GROUP BY {column}"  # noqa: S608
    )


def _word_masks_among(connection: Connection, ids: NDArray[np.int64]) -> dict[str, dict[str, Mask]]:
    """The words of some samples: masks over ``ids`` by column and word.

    Without GROUP BY, for which SQLite would walk whole indexes.
    """
    rows = connection.execute(_WORDS_AMONG, (id_list(ids),))
    held = {
        column: np.array([row[position] for row in rows]) for position, column in enumerate(_WORDS)
    }
    return {
        column: {word: words == word for word in set(words) - {None}}
        for column, words in held.items()
    }


def _flag_masks_among(connection: Connection, ids: NDArray[np.int64]) -> dict[str, Mask]:
    """The flags of some samples, from the arrays in memory."""
    masks: dict[str, Mask] = {}
    for name, sample_id in connection.execute(_FLAGS_AMONG, (id_list(ids),)):
        mask = masks.setdefault(name, np.zeros(len(ids), np.bool_))
        mask[np.searchsorted(ids, sample_id)] = True
    return masks


def _masks(ids: NDArray[np.int64], listed: Iterable[tuple[Any, ...]]) -> dict[str, Mask]:
    masks = {}
    for word, text in listed:
        if word is None:
            continue
        mask = np.zeros(len(ids), np.bool_)
        mask[np.searchsorted(ids, np.fromstring(text, dtype=np.int64, sep=" "))] = True
        masks[word] = mask
    return masks


def _changed_column(column: FloatColumn, rows: Rows, values: FloatColumn) -> FloatColumn:
    """The column with new values; itself where they are the old ones, so that orders stay."""
    if np.array_equal(column[rows], values, equal_nan=True):
        return column
    changed = column.copy()
    changed[rows] = values
    return changed


def _changed_masks(
    masks: Mapping[str, Mask], length: int, rows: Rows, now: Mapping[str, Mask]
) -> dict[str, Mask]:
    """Masks of this many samples with new values in some rows."""
    changed = {}
    for word in {*masks, *now}:
        before = masks.get(word)
        mask = np.zeros(length, np.bool_) if before is None else before.copy()
        mask[rows] = now.get(word, False)
        changed[word] = mask
    return changed


def _moved(values: NDArray[Any], rows: Rows, into: NDArray[Any]) -> NDArray[Any]:
    into[rows] = values
    return into
