"""Errors that are made on purpose in accepted fits, to see whether reviewers find them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, RejectReason


class ErrorKind(StrEnum):
    """How a right body was made wrong."""

    LIMB_MIRRORED = "limb mirrored"
    LIMB_TURNED = "limb turned"
    BODY_TURNED = "body turned"
    SIDES_EXCHANGED = "sides exchanged"
    EXTREME_SHAPE = "extreme shape"
    BODY_MOVED = "body moved"


KIND_MEANINGS = {
    ErrorKind.LIMB_MIRRORED: "an arm or leg points toward the camera instead of away, or away",
    ErrorKind.LIMB_TURNED: "an arm or leg points in another direction",
    ErrorKind.BODY_TURNED: "the whole body faces another way",
    ErrorKind.SIDES_EXCHANGED: "front is back: the right limbs lie on the left ones",
    ErrorKind.EXTREME_SHAPE: "the shape is one that hardly anybody has",
    ErrorKind.BODY_MOVED: "the body lies beside the person",
}
"""Each kind as people read it."""

REASON_OF_KIND = {
    ErrorKind.LIMB_MIRRORED: RejectReason.DEPTH,
    ErrorKind.LIMB_TURNED: RejectReason.LIMB,
    ErrorKind.BODY_TURNED: RejectReason.ORIENTATION,
    ErrorKind.SIDES_EXCHANGED: RejectReason.SIDES,
    ErrorKind.EXTREME_SHAPE: RejectReason.SHAPE,
    ErrorKind.BODY_MOVED: RejectReason.PLACE,
}
"""Why a reviewer who names a reason would reject it."""


@dataclass(frozen=True, kw_only=True)
class ErrorFlag:
    """A flag that the program raises of a made error, as it would of a fit."""

    name: str
    score: float
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class MadeError:
    """One accepted fit with an error, and all that a list or a panel shows of a fit.

    sample_id, fit_id: of the accepted fit. suspicion, informativeness, disagreement_deg,
    error_2d_px, error_3d_mm: as of an assessment (``core.dictionary.assessment``).
    touch_gains_mm: (49,), as there.
    """

    sample_id: int
    fit_id: int
    kind: ErrorKind
    parameters: BodyParameters
    losses: FitLosses
    suspicion: float
    informativeness: float
    disagreement_deg: float | None = None
    error_2d_px: float | None = None
    error_3d_mm: float | None = None
    flags: tuple[ErrorFlag, ...] = ()
    touch_gains_mm: FloatArray | None = None
