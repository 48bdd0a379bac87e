"""Fits the logistic models and chooses thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from core.fitting.flags.calibration import FARTHEST_SPREADS, LogisticModel

RIDGE = 0.01
"""Half the weight of the squared coefficients in the mean loss: enough that features that say the
same share what they say."""
_NEWTON_STEPS = 40
_LEAST_SPREAD = 1e-4


def fit_logistic(
    features: Mapping[str, Tensor], names: Sequence[str], wrong: Tensor, *, ridge: float = RIDGE
) -> LogisticModel:
    """Newton's method on the penalised likelihood.

    Args:
        features: ``(N,)`` by name; NaN where unknown.
        names: which of them.
        wrong: ``(N,)`` bool.
        ridge: see ``RIDGE``.
    """
    values = torch.stack([features[name].double() for name in names], dim=1)
    means = values.nanmean(0).nan_to_num(nan=0.0)
    spreads = ((values - means) ** 2).nanmean(0).sqrt().nan_to_num(nan=1.0)
    spreads = torch.where(spreads > _LEAST_SPREAD, spreads, 1.0)
    standard = ((values - means) / spreads).nan_to_num(nan=0.0)
    standard = standard.clamp(-FARTHEST_SPREADS, FARTHEST_SPREADS)
    rows = torch.cat([standard, torch.ones_like(standard[:, :1])], dim=1)
    penalty = torch.full((rows.shape[1],), ridge, dtype=torch.float64)
    penalty[-1] = 1e-9
    weights = torch.zeros_like(penalty)
    for _ in range(_NEWTON_STEPS):
        share = torch.sigmoid(rows @ weights)
        gradient = rows.T @ (share - wrong.double()) / len(rows) + penalty * weights
        curvature = (rows * (share * (1 - share))[:, None]).T @ rows / len(rows)
        step = torch.linalg.solve(curvature + torch.diag(penalty), gradient)
        weights = weights - step
        if float(step.abs().max()) < 1e-9:
            break
    return LogisticModel(
        features=tuple(names),
        means=tuple(means.tolist()),
        spreads=tuple(spreads.tolist()),
        weights=tuple(weights[:-1].tolist()),
        bias=float(weights[-1]),
    )


def best_threshold(scores: Tensor, wrong: Tensor) -> float:
    """The score from which raising a flag gives the best F1; ``(N,)`` scores, ``(N,)`` bool."""
    order = scores.argsort(descending=True)
    hits = wrong[order].double().cumsum(0)
    raised = torch.arange(1, len(order) + 1, dtype=torch.float64)
    f1 = 2 * hits / (raised + wrong.sum())
    return float(scores[order][int(f1.argmax())])
