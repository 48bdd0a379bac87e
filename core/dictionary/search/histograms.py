"""How the numbers of the listed samples are spread, and what a range of one would leave.

Each histogram counts what every filter but its own lets through, so that it shows what lies outside
of its range, too, and a range can be widened again (as cross-filters do).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.sample_index import SampleIndex

HISTOGRAM_MEASURES = (
    SortKey.LOSS,
    SortKey.ERROR_2D,
    SortKey.ERROR_3D,
    SortKey.MAX_ABS_BETA,
    SortKey.DEPTH,
    SortKey.POSE_PRIOR,
    SortKey.DISAGREEMENT,
    SortKey.SUSPICION,
)

BINS = 40
_OUTERMOST_PERCENT = 0.5
"""The outer bins also hold what lies beyond them: a few broken fits would squeeze all others."""

_LOGARITHMIC = frozenset({SortKey.LOSS, SortKey.POSE_PRIOR})
_NO_BIN = BINS


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts of one measure.

    edges: ``(BINS + 1,)`` ascending; the first and the last bin are open outwards.
    counts: ``(BINS,)`` samples that every filter but the range of this measure lets through.
    logarithmic: the edges are evenly spaced in the logarithm. known: samples with a number at all.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    logarithmic: bool
    known: int


@dataclass(frozen=True, eq=False)
class _Bins:
    column: NDArray[np.float64]
    edges: NDArray[np.float64]
    bin_of: NDArray[np.uint8]


class Histograms:
    """Makes the histograms of one index; the bins of columns that did not change are kept.

    Edges are those of the whole project, so that bars keep their places while filters change.
    """

    def __init__(self) -> None:
        self._bins: dict[SortKey, _Bins] = {}

    def of(self, index: SampleIndex, query: SampleQuery) -> Mapping[SortKey, Histogram | None]:
        """One for each measure; None where no sample has that number."""
        others = index.mask_without_ranges(query)
        outside = {measure: ~index.in_range(measure, one) for measure, one in query.ranges}
        failed = np.zeros(len(index), np.uint8)
        for mask in outside.values():
            failed += mask
        histograms = {}
        for measure in HISTOGRAM_MEASURES:
            by_others = failed - outside[measure] if measure in outside else failed
            histograms[measure] = self._histogram(index, measure, others & (by_others == 0))
        return histograms

    def _histogram(
        self, index: SampleIndex, measure: SortKey, mask: NDArray[np.bool_]
    ) -> Histogram | None:
        bins = self._bins_of(index, measure)
        if bins is None:
            return None
        counts = np.bincount(bins.bin_of[mask], minlength=BINS + 1)[:BINS]
        return Histogram(
            edges=bins.edges,
            counts=counts.astype(np.int64),
            logarithmic=measure in _LOGARITHMIC,
            known=int(counts.sum()),
        )

    def _bins_of(self, index: SampleIndex, measure: SortKey) -> _Bins | None:
        column, cached = index.snapshot.numbers[measure.value], self._bins.get(measure)
        if cached is None or cached.column is not column:
            edges = _edges(column, logarithmic=measure in _LOGARITHMIC)
            if edges is None:
                return None
            bin_of = np.searchsorted(edges[1:-1], column, side="right").astype(np.uint8)
            bin_of[np.isnan(column)] = _NO_BIN
            cached = self._bins[measure] = _Bins(column, edges, bin_of)
        return cached


def _edges(column: NDArray[np.float64], *, logarithmic: bool) -> NDArray[np.float64] | None:
    values = column[~np.isnan(column)]
    if logarithmic:
        values = values[values > 0]
    if not len(values):
        return None
    low, high = np.percentile(values, [_OUTERMOST_PERCENT, 100 - _OUTERMOST_PERCENT])
    if not low < high:
        low, high = low - 0.5 * abs(low) - 1e-9, high + 0.5 * abs(high) + 1e-9
    if logarithmic and low > 0:
        return np.geomspace(low, high, BINS + 1)
    return np.linspace(low, high, BINS + 1)
