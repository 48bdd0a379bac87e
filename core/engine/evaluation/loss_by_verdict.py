"""The losses of current fits by what people said of them: known in every project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types.fits import Fit, Verdict


@dataclass(frozen=True, eq=False)
class JudgedLosses:
    """Comparison losses (px² a joint) of N current fits, with their verdicts."""

    sample_ids: NDArray[np.int64]
    losses: NDArray[np.float64]
    verdicts: tuple[Verdict, ...]

    @classmethod
    def of(cls, current_fits: Mapping[int, Fit]) -> JudgedLosses:
        """Those of current fits by sample id; fits whose loss is not known are left out."""
        known = {one: fit for one, fit in current_fits.items() if fit.losses.is_measured}
        return cls(
            np.array(list(known), dtype=np.int64),
            np.array([fit.losses.comparison for fit in known.values()], dtype=np.float64),
            tuple(fit.verdict for fit in known.values()),
        )

    @classmethod
    def joined(cls, parts: Sequence[JudgedLosses]) -> JudgedLosses:
        """The fits of all parts, one after the other."""
        return cls(
            np.concatenate([np.empty(0, np.int64), *(part.sample_ids for part in parts)]),
            np.concatenate([np.empty(0), *(part.losses for part in parts)]),
            tuple(verdict for part in parts for verdict in part.verdicts),
        )

    def with_verdict(self, verdict: Verdict) -> JudgedLosses:
        """Only the fits with this verdict."""
        rows = np.array([each_verdict is verdict for each_verdict in self.verdicts], dtype=bool)
        count = int(rows.sum())
        return JudgedLosses(self.sample_ids[rows], self.losses[rows], (verdict,) * count)
