"""What a regressor predicts of a sample."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.bodies import BodyParameters


@dataclass(frozen=True, kw_only=True, eq=False)
class NewPrediction:
    """The regressor's output for a sample, to be stored in place of the one before.

    imported_body_id: of a set read from another method's file, the body as it came.
    """

    sample_id: int
    parameters: BodyParameters
    run_id: int | None = None
    iteration: int | None = None
    imported_body_id: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """The latest output of the regressor for a sample; never mixed with fits."""

    sample_id: int
    parameters: BodyParameters
    run_id: int | None
    iteration: int | None
    created_at: str
