"""Every kind of bodies that a project holds, and the bodies they are judged by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.fits import Fit, Verdict
from core.types.predictions import Prediction
from core.types.samples import Sample

PREDICTIONS, INITIAL_FITS, CURRENT_FITS = "predictions", "initial fits", "current fits"


class ReferenceBodies(StrEnum):
    """What bodies are compared with."""

    KNOWN = "known truth"
    """The samples' true bodies."""
    ACCEPTED = "accepted fits"
    """Current fits that people accepted: agreement with them, not an error."""


@dataclass(frozen=True, eq=False)
class ProjectBodies:
    """Some samples with all of their bodies.

    truths: by sample id, of the samples that have one. by_kind: the bodies of each kind by sample
    id; a kind may have none. current_fits: by sample id. prediction_runs: whose regressors made the
    latest predictions; None is one of no run.
    """

    samples: tuple[Sample, ...]
    truths: Mapping[int, BodyParameters]
    by_kind: Mapping[str, Mapping[int, BodyParameters]]
    current_fits: Mapping[int, Fit]
    prediction_runs: frozenset[int | None]


def set_name(name: str) -> str:
    """How an evaluation calls the bodies of a prediction set."""
    return f"set: {name}"


def read_bodies(
    dictionary: Dictionary, ids: Sequence[int], truth: ReferenceBodies
) -> ProjectBodies:
    """Everything the dictionary holds of these samples."""
    samples = dictionary.samples.get_many(ids)
    current = dictionary.fits.current(ids)
    first = {
        sample_id: fit
        for sample_id in ids
        if (fit := dictionary.fits.first_of(sample_id)) is not None
    }
    predictions = dictionary.predictions.latest(ids)
    sets = dictionary.prediction_sets
    by_kind = {
        PREDICTIONS: _parameters(predictions),
        **{
            set_name(prediction_set.name): sets.bodies(prediction_set.id, ids)
            for prediction_set in sets.all()
        },
        INITIAL_FITS: _parameters(first),
        CURRENT_FITS: _parameters(current),
    }
    return ProjectBodies(
        tuple(samples),
        _truths(samples, current, truth),
        by_kind,
        current,
        frozenset(prediction.run_id for prediction in predictions.values()),
    )


def _truths(
    samples: Sequence[Sample], current: Mapping[int, Fit], truth: ReferenceBodies
) -> dict[int, BodyParameters]:
    if truth is ReferenceBodies.ACCEPTED:
        accepted = {key: fit for key, fit in current.items() if fit.verdict is Verdict.ACCEPTED}
        return _parameters(accepted)
    return {
        sample.id: sample.ground_truth.parameters
        for sample in samples
        if sample.ground_truth.parameters is not None
    }


def _parameters(rows: Mapping[int, Fit | Prediction]) -> dict[int, BodyParameters]:
    return {sample_id: row.parameters for sample_id, row in rows.items()}
