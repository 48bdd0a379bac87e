"""How sure a share is that was counted: intervals for binomial and hypergeometric counts.

Formulas and sources: docs/method.md, "What verdicts tell of the fits without one".
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95


def wilson_interval(
    successes: int, trials: int, *, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson, J. Am. Stat. Assoc. 22, 1927).

    With z the normal quantile and p = k / n:
    ``(p + z² / 2n ± z √(p (1 − p) / n + z² / 4n²)) / (1 + z² / n)``.
    Without a trial nothing is known: 0 to 1.

    Raises:
        ValueError: more successes than trials, or a negative number.
    """
    _check(0 <= successes <= trials, f"{successes} of {trials} is no share")
    if not trials:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, squared = successes / trials, z * z / trials
    middle = share + squared / 2
    half = z * ((share * (1 - share) + squared / 4) / trials) ** 0.5
    low, high = (middle - half) / (1 + squared), (middle + half) / (1 + squared)
    # Rounding alone keeps the ends of 0 and of all from being exact.
    return (low if successes else 0.0), (high if successes < trials else 1.0)


def hypergeometric_interval(
    successes: int, drawn: int, population: int, *, confidence: float = CONFIDENCE
) -> tuple[int, int]:
    """How many of a population are successes, of which ``drawn`` at random showed some.

    The exact interval for draws without replacement, Clopper and Pearson's with the hypergeometric
    in place of the binomial distribution (Clopper & Pearson, Biometrika 26, 1934): all totals K
    for which neither ``P(X ≥ k | K)`` nor ``P(X ≤ k | K)`` is below half of what is left of the
    confidence. Both probabilities are monotone in K, so that bisection finds the ends.

    Raises:
        ValueError: more successes than draws, or more draws than there are.
    """
    _check(
        0 <= successes <= drawn <= population,
        f"{successes} of {drawn} of {population} is no sample",
    )
    tail = (1 - confidence) / 2
    logs = _log_factorials(population)
    least, most = successes, population - (drawn - successes)

    def log_tail(total: int, first: int, last: int) -> float:
        return _log_probability(logs, total, drawn, first, last)

    low = _first(least, most, lambda total: log_tail(total, successes, drawn) > np.log(tail))
    above = _first(least, most, lambda total: log_tail(total, 0, successes) <= np.log(tail))
    high = above if log_tail(above, 0, successes) > np.log(tail) else above - 1
    return low, max(high, low)


def _log_probability(
    logs: NDArray[np.float64], total: int, drawn: int, first: int, last: int
) -> float:
    """``log P(first ≤ X ≤ last)`` where ``total`` of the population are successes."""
    rest = len(logs) - 1 - total
    first, last = max(first, drawn - rest, 0), min(last, drawn, total)
    if first > last:
        return -np.inf
    counts = np.arange(first, last + 1)

    def log_choose(number: int, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        ways: NDArray[np.float64] = logs[number] - logs[chosen] - logs[number - chosen]
        return ways

    ways = log_choose(total, counts) + log_choose(rest, drawn - counts)
    all_ways = log_choose(len(logs) - 1, np.array([drawn]))[0]
    return float(np.logaddexp.reduce(ways - all_ways))


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number for which something holds that stays so; ``high`` where it never does."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _log_factorials(largest: int) -> NDArray[np.float64]:
    """``log n!`` of 0 to ``largest``."""
    logs: NDArray[np.float64] = np.log(np.arange(1, largest + 1))
    return np.concatenate([np.zeros(1), np.cumsum(logs)])


def _check(holds: bool, problem: str) -> None:  # noqa: FBT001 - a condition
    if not holds:
        raise ValueError(problem)
