"""How well one number orders people by another, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import spearmanr

DRAWS = 1000
SEED = 0


def spearman(first: ArrayLike, second: ArrayLike) -> float:
    """Spearman's rank correlation of two ``(N,)``; NaN where one of them is constant."""
    one, other = np.asarray(first), np.asarray(second)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(spearmanr(one, other).statistic)


def bootstrapped(
    value: Callable[[NDArray[np.int64]], float], groups: Sequence[object]
) -> tuple[float, float]:
    """The 5 and 95 % quantiles of a value over draws, with replacement, of whole groups.

    Args:
        value: of rows, which may be there several times.
        groups: of each row the group it is drawn with: people of one moment are no two samples.
    """
    keys = list(dict.fromkeys(groups))
    rows = [np.flatnonzero([group == key for group in groups]) for key in keys]
    rng = np.random.default_rng(SEED)
    values = [
        value(np.concatenate([rows[group] for group in rng.integers(len(keys), size=len(keys))]))
        for _ in range(DRAWS)
    ]
    low, high = np.nanquantile(values, [0.05, 0.95])
    return float(low), float(high)
