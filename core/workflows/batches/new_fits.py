"""A batch of fits as the dictionary is offered them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from core.engine.smplify.smplify import FitBatch
from core.types.fits import FitLosses, NewFit, ObjectiveTerms, Origin
from core.types.samples import Sample


def fit_losses(fits: FitBatch) -> list[FitLosses]:
    """The losses of each fit of a batch, read from its tensors once."""
    columns = [getattr(fits.losses, term.name).tolist() for term in fields(ObjectiveTerms)]
    names = [term.name for term in fields(ObjectiveTerms)]
    return [
        FitLosses(comparison=comparison, **dict(zip(names, terms, strict=True)))
        for comparison, *terms in zip(fits.comparison.tolist(), *columns, strict=True)
    ]


def new_fits(
    fits: FitBatch,
    samples: Sequence[Sample],
    *,
    origin: Origin,
    run_id: int,
    runner_up: bool = False,
) -> list[NewFit]:
    """Every fit of a batch, each beside the sample that it was fitted to."""
    return [
        NewFit(
            sample_id=sample.id,
            parameters=fits.parameters(index),
            losses=losses,
            origin=origin,
            run_id=run_id,
            runner_up=runner_up,
            annotation_revision=sample.corrections,
        )
        for index, (sample, losses) in enumerate(zip(samples, fit_losses(fits), strict=True))
    ]
