"""The numbers of a run as arrays that grow, ready to be drawn."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from core.runs.observers import IterationMetrics

FloatColumn = NDArray[np.float64]

LOSS_PARTS = ("total", "keypoints_2d", "keypoints_3d", "pose", "betas", "camera")
"""In the order of the legend; what else a run reports comes after."""

NUMBERS = ("error_2d_px", "share_improved", "share_valid", "fit_seconds", "step_seconds")
SMOOTHED_OVER = 20
"""Iterations; one batch is far too few people for its own mean to mean much."""

LEAST_SHARE = 1e-4

_FIRST_ROOM = 256


class RunCurves:
    """One run's metrics by name; iterations ascend."""

    def __init__(self, metrics: Iterable[IterationMetrics] = ()) -> None:
        self._count = 0
        self._columns: dict[str, FloatColumn] = {"iteration": np.empty(_FIRST_ROOM)}
        self.add(metrics)

    def __len__(self) -> int:
        return self._count

    @property
    def last_iteration(self) -> int:
        """0 before the first."""
        return int(self.iterations[-1]) if self._count else 0

    @property
    def iterations(self) -> FloatColumn:
        """``(n,)``."""
        return self._columns["iteration"][: self._count]

    @property
    def loss_parts(self) -> list[str]:
        """The parts that count: one that is never a ten-thousandth of the total is left out.

        On a log scale it would leave a line's width to all the others.
        """
        found = [name.removeprefix("loss/") for name in self._columns if name.startswith("loss/")]
        ordered = [name for name in LOSS_PARTS if name in found]
        ordered += sorted(set(found) - set(ordered))
        sizes = {name: np.abs(np.nan_to_num(self.loss(name))) for name in ordered}
        least = LEAST_SHARE * max((size.max(initial=0) for size in sizes.values()), default=0)
        return [name for name in ordered if sizes[name].max(initial=0) > least]

    def loss(self, part: str) -> FloatColumn:
        """``(n,)`` one weighted part of the loss; NaN where it was not reported."""
        return self.number(f"loss/{part}")

    def number(self, name: str) -> FloatColumn:
        """``(n,)`` one of ``NUMBERS``; NaN where it is unknown."""
        column = self._columns.get(name)
        return np.full(self._count, np.nan) if column is None else column[: self._count]

    def add(self, metrics: Iterable[IterationMetrics]) -> None:
        """Append; an iteration that is there already (a resume goes back) replaces what follows."""
        for metric in metrics:
            if self._count and metric.iteration <= self.last_iteration:
                self._count = int(np.searchsorted(self.iterations, metric.iteration))
            values = {"iteration": float(metric.iteration)}
            values |= {name: float(getattr(metric, name)) for name in NUMBERS}
            values |= {f"loss/{name}": float(value) for name, value in metric.losses.items()}
            self._append(values)

    def _append(self, values: dict[str, float]) -> None:
        room = len(self._columns["iteration"])
        if self._count == room:
            self._columns = {
                name: np.concatenate([column, np.full(room, np.nan)])
                for name, column in self._columns.items()
            }
        for name in values.keys() - self._columns.keys():
            self._columns[name] = np.full(len(self._columns["iteration"]), np.nan)
        for name, column in self._columns.items():
            column[self._count] = values.get(name, np.nan)
        self._count += 1


def smoothed(values: FloatColumn, *, over: int = SMOOTHED_OVER) -> FloatColumn:
    """``(n,)`` mean of each value and those before it, ``over`` at most; unknown ones are skipped.

    It never looks ahead, so that a point that is drawn stays where it is.
    """
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - over, 0)
    inside = counts[ends] - counts[starts]
    means = (sums[ends] - sums[starts]) / np.maximum(inside, 1)
    return np.where(inside > 0, means, np.nan)
