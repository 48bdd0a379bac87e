"""Rows in the order of a column: made once, and kept right where little changed."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from core.dictionary.search.column_cache import Rows

_ROW = np.int32
"""Half of what NumPy's own indexes take: with a score of orders of two million people 150 MB."""

MERGED_UP_TO = 500
"""Changed rows that are put into their places one by one; more are sorted with all others."""


def ascending(column: NDArray[np.generic]) -> Rows:
    """Rows by value, ties by row; NaN, which stands for a missing value, last."""
    return as_rows(np.argsort(column, kind="stable"))


def as_rows(rows: NDArray[np.intp]) -> Rows:
    """The same rows in the type that orders are kept in."""
    return rows.astype(_ROW)


def all_rows(count: int) -> Rows:
    """Every row in its own order."""
    return np.arange(count, dtype=_ROW)


def merged(order: Rows, before: NDArray[np.generic], now: NDArray[np.generic]) -> Rows | None:
    """The order of a column that changed in a few rows; None where they are too many.

    Args:
        order: ``(N,)`` what ``ascending`` made of the column as it was.
        before: ``(N,)`` the column as it was.
        now: ``(N,)`` the column as it is.
    """
    is_changed = (before != now) & ((before == before) | (now == now))
    changed = np.flatnonzero(is_changed)
    if len(changed) > MERGED_UP_TO:
        return None
    kept = order[~is_changed[order]]

    def place(row: int) -> tuple[bool, float, int]:
        value = float(now[row])
        return (True, 0.0, row) if np.isnan(value) else (False, value, row)

    moved = sorted(changed.tolist(), key=place)
    places = [bisect_left(kept, place(row), key=place) for row in moved]
    return np.insert(kept, places, moved)
