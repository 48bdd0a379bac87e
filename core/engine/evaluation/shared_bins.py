"""How values of several groups are spread, over bins that all groups share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatColumn = NDArray[np.float64]

BINS = 24
SHOWN_QUANTILE = 0.97
"""Beyond it lie single people, for whom the others would be crowded into a few bins."""


def common_edges(
    groups: Sequence[FloatColumn], *, limit: float | None = None, bins: int = BINS
) -> FloatColumn:
    """``(bins + 1,)`` edges from 0 on; the last bin also takes whatever lies beyond.

    Args:
        groups: values of each group, not negative; those that are not finite do not count.
        limit: the largest value there can be (100 for percentages); None ends where all but a few
            values lie.
        bins: how many.
    """
    if limit is not None:
        return np.linspace(0.0, limit, bins + 1)
    pooled = np.concatenate([np.empty(0), *groups])
    finite = pooled[np.isfinite(pooled)]
    end = float(np.quantile(finite, SHOWN_QUANTILE)) if len(finite) else 0.0
    return np.linspace(0.0, end if end > 0 else 1.0, bins + 1)


def shares(values: FloatColumn, edges: FloatColumn) -> FloatColumn:
    """``(bins,)`` share of the finite values in each bin; zeros where there are none."""
    finite = values[np.isfinite(values)]
    counts = np.bincount(bin_of(finite, edges), minlength=len(edges) - 1)
    return counts / max(len(finite), 1)


def bin_of(values: FloatColumn, edges: FloatColumn) -> NDArray[np.int64]:
    """``(N,)`` the bin of each finite value; what lies outside belongs to the nearest."""
    bins = np.searchsorted(edges, values, side="right") - 1
    return np.clip(bins, 0, len(edges) - 2).astype(np.int64)
