"""Fits the logistic models and chooses thresholds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.engine.failure_detection.logistic_models import (
    FARTHEST_SPREADS,
    HiddenUnit,
    LogisticModel,
)

RIDGE = 0.01
"""Half the weight of the squared coefficients in the mean loss: enough that features that say the
same share what they say."""
LINEAR_RIDGE = 0.02
"""The same of ``fit_linear``, in the units of the target squared for features of one spread."""

ERROR_RIDGE = 0.03
"""The same of ``fit_by_errors``, whose loss is the squared error of a logarithm."""

HIDDEN_UNITS, NETWORKS = 32, 3
_EPOCHS, _BATCH = 10, 256
_LEARNING_RATE = 1e-2
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
    means, spreads, rows = _standard_rows(features, names)
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
        means=means,
        spreads=spreads,
        weights=tuple(weights[:-1].tolist()),
        bias=float(weights[-1]),
    )


def fit_linear(
    features: Mapping[str, Tensor],
    names: Sequence[str],
    target: Tensor,
    *,
    ridge: float = LINEAR_RIDGE,
) -> LogisticModel:
    """A linear regression of ``target`` ``(N,)``; what ``logit`` of the model says is the target.

    Args:
        features: ``(N,)`` by name; NaN where unknown.
        names: which of them.
        target: ``(N,)``, of any unit.
        ridge: see ``LINEAR_RIDGE``.
    """
    means, spreads, rows = _standard_rows(features, names)
    penalty = torch.full((rows.shape[1],), ridge, dtype=torch.float64)
    penalty[-1] = 1e-9
    curvature = rows.T @ rows / len(rows) + torch.diag(penalty)
    weights = torch.linalg.solve(curvature, rows.T @ target.double() / len(rows))
    return LogisticModel(
        features=tuple(names),
        means=means,
        spreads=spreads,
        weights=tuple(weights[:-1].tolist()),
        bias=float(weights[-1]),
    )


def _standard_rows(
    features: Mapping[str, Tensor], names: Sequence[str]
) -> tuple[tuple[float, ...], tuple[float, ...], Tensor]:
    """Means and spreads of the features, and rows ``(N, F + 1)`` of z with a one at the end."""
    values = torch.stack([features[name].double() for name in names], dim=1)
    means = values.nanmean(0).nan_to_num(nan=0.0)
    spreads = ((values - means) ** 2).nanmean(0).sqrt().nan_to_num(nan=1.0)
    spreads = torch.where(spreads > _LEAST_SPREAD, spreads, 1.0)
    standard = ((values - means) / spreads).nan_to_num(nan=0.0)
    standard = standard.clamp(-FARTHEST_SPREADS, FARTHEST_SPREADS)
    rows = torch.cat([standard, torch.ones_like(standard[:, :1])], dim=1)
    return tuple(means.tolist()), tuple(spreads.tolist()), rows


def fit_by_errors(
    features: Mapping[str, Tensor],
    names: Sequence[str],
    errors: Tensor,
    wrong: Tensor,
    *,
    floor: float,
    with_units: bool = False,
    ridge: float = ERROR_RIDGE,
) -> LogisticModel:
    """A model that orders fits by how far off they probably are.

    How far right fits are off tells as much as which ones are wrong, of which there are few. So a
    regression of log(error + floor) comes first, e, and the logit is a + b e, with a and b by
    Newton's method on the likelihood of ``wrong``.

    Args:
        features: ``(N,)`` by name; NaN where unknown.
        names: which of them.
        errors: ``(N,)``, of any unit.
        wrong: ``(N,)`` bool.
        floor: errors below it count as about alike; of the errors' unit.
        with_units: whether hidden units are part of the regression, or a sum is enough.
        ridge: as in ``fit_logistic``.
    """
    target = (errors.double() + floor).log()
    expected = fit_linear(features, names, target, ridge=ridge)
    if with_units:
        squared = torch.nn.functional.mse_loss
        expected = _with_units(expected, features, target.float(), squared, decay=1e-2)
    said = expected.logit({name: features[name].float() for name in names}).double()
    link = fit_logistic({"expected": said}, ("expected",), wrong, ridge=1e-6)
    return _scaled(expected, link)


def _scaled(expected: LogisticModel, link: LogisticModel) -> LogisticModel:
    """The model of a + b e, of a model of e and a logistic regression upon it."""
    slope = link.weights[0] / link.spreads[0]
    return replace(
        expected,
        weights=tuple(slope * weight for weight in expected.weights),
        bias=link.bias + slope * (expected.bias - link.means[0]),
        units=tuple(replace(unit, outer=slope * unit.outer) for unit in expected.units),
    )


def with_hidden_units(
    model: LogisticModel, features: Mapping[str, Tensor], wrong: Tensor
) -> LogisticModel:
    """The model with hidden units beside its weights, all trained together by Adam.

    The mean of ``NETWORKS`` trainings from different draws, each with ``HIDDEN_UNITS`` of its own:
    a mean is better than any of them. The same data gives the same units.
    """
    likelihood = torch.nn.functional.binary_cross_entropy_with_logits
    return _with_units(model, features, wrong.float(), likelihood, decay=3e-2)


def _with_units(
    model: LogisticModel,
    features: Mapping[str, Tensor],
    target: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
    *,
    decay: float,
) -> LogisticModel:
    rows = model.standardised({name: features[name].float() for name in model.features})
    trained = [
        _trained(model, rows, target, loss, decay=decay, seed=seed) for seed in range(NETWORKS)
    ]
    means = [torch.stack(parts).mean(0) for parts in zip(*(t[:2] for t in trained), strict=True)]
    units = [
        HiddenUnit(float(out) / NETWORKS, float(first), tuple(row))
        for _, _, outer, biases, inner in trained
        for out, first, row in zip(outer, biases, inner.tolist(), strict=True)
    ]
    return replace(
        model, weights=tuple(means[0].tolist()), bias=float(means[1]), units=tuple(units)
    )


def _trained(
    model: LogisticModel,
    rows: Tensor,
    target: Tensor,
    loss: Callable[[Tensor, Tensor], Tensor],
    *,
    decay: float,
    seed: int,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Weights ``(F,)``, bias, and of U units outer weights, biases ``(U,)`` and weights (U, F)."""
    generator, count = torch.Generator().manual_seed(seed), len(model.features)
    parameters = [
        torch.tensor(model.weights),
        torch.tensor(model.bias),
        torch.zeros(HIDDEN_UNITS),
        torch.randn(HIDDEN_UNITS, generator=generator),
        torch.randn(HIDDEN_UNITS, count, generator=generator) / count**0.5,
    ]
    weights, bias, outer, inner_bias, inner = (part.requires_grad_() for part in parameters)
    optimiser = torch.optim.AdamW(parameters, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, _LEARNING_RATE, total_steps=_EPOCHS * -(-len(rows) // _BATCH)
    )
    with torch.enable_grad():
        for _ in range(_EPOCHS):
            for batch in torch.randperm(len(rows), generator=generator).split(_BATCH):
                hidden = torch.tanh(rows[batch] @ inner.T + inner_bias) @ outer
                error = loss(rows[batch] @ weights + bias + hidden, target[batch])
                optimiser.zero_grad()
                error.backward()
                optimiser.step()
                schedule.step()
    return (
        weights.detach(),
        bias.detach(),
        outer.detach(),
        inner_bias.detach(),
        inner.detach(),
    )


def best_threshold(scores: Tensor, wrong: Tensor, *, precision: float = 1.0) -> float:
    """The score from which raising a flag gives the best F.

    ``F = (1 + b²) P R / (b² P + R)`` with precision P, recall R and b one over ``precision``: F1
    where both count alike.

    Args:
        scores: ``(N,)``.
        wrong: ``(N,)`` bool.
        precision: how much more precision counts than recall.
    """
    order = scores.argsort(descending=True)
    hits = wrong[order].double().cumsum(0)
    raised = torch.arange(1, len(order) + 1, dtype=torch.float64)
    squared = 1 / precision**2
    f = (1 + squared) * hits / (raised + squared * wrong.sum())
    return float(scores[order][int(f.argmax())])
