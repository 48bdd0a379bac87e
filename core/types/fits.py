"""Fits: where they come from, what they cost, and what people say of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, Self, TypeVar

from core.types.bodies import BodyParameters


class Origin(StrEnum):
    """Where a fit comes from."""

    MEAN = "mean"
    LIFTER = "lifter"
    NETWORK = "network"
    IN_LOOP = "in-loop"
    REFIT = "refit"
    CORRECTED = "corrected"
    IMPORTED = "imported"
    GROUND_TRUTH = "ground truth"


class Verdict(StrEnum):
    """What a person said of a fit."""

    NONE = "none"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNSURE = "unsure"


class RejectReason(StrEnum):
    """What is most wrong with a rejected fit, as the person said who rejected it."""

    ORIENTATION = "orientation"
    LIMB = "limb"
    SIDES = "sides"
    DEPTH = "depth"
    SHAPE = "shape"
    PLACE = "place"
    KEYPOINTS = "keypoints"
    PERSON = "person"


class Summable(Protocol):
    """Numbers of one body, or a tensor with a number for each of several bodies."""

    def __add__(self, other: Self, /) -> Self:
        """The sum."""
        ...


TermT = TypeVar("TermT", bound=Summable)


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectiveTerms(Generic[TermT]):
    """The weighted terms of SMPLify's objective, px² of the crop.

    reprojection: sum over joints of confidence² · robust squared error. bone_directions: how far
        bones are from where a detector saw them point; 0 without a detector.
    depth: what holds the camera at its start; pull: towards a given estimate.
    """

    reprojection: TermT
    pose_prior: TermT
    angle_prior: TermT
    shape_prior: TermT
    bone_directions: TermT
    depth: TermT
    pull: TermT

    @property
    def total(self) -> TermT:
        """What the solver minimises: the sum of the weighted terms."""
        return (
            self.reprojection
            + self.pose_prior
            + self.angle_prior
            + self.shape_prior
            + self.bone_directions
            + self.depth
            + self.pull
        )


@dataclass(frozen=True, kw_only=True)
class FitLosses(ObjectiveTerms[float]):
    """The terms of the objective at one fit, and the number that fits are compared by.

    comparison: reprojection in the un-augmented crop with the camera solved again, divided by the
        sum of confidence²; px² per fully confident joint
        (docs/method.md, "The normalised reprojection loss"). Infinite where there is no keypoint to
        measure by: then it is not known.
    """

    bone_directions: float = 0.0
    depth: float = 0.0
    pull: float = 0.0
    comparison: float

    @property
    def is_measured(self) -> bool:
        """Whether there were keypoints to compare the fit by."""
        return math.isfinite(self.comparison)


@dataclass(frozen=True, kw_only=True, eq=False)
class NewFit:
    """A fit on offer to the dictionary."""

    sample_id: int
    parameters: BodyParameters
    losses: FitLosses
    origin: Origin
    run_id: int | None = None
    iteration: int | None = None
    runner_up: bool = False
    """A different body nearly as good: enters the history only, never current by itself."""
    annotation_revision: int | None = None
    """How many corrections the sample had when its keypoints were read; None where it is not known.

    The dictionary refuses a fit to keypoints, or in a crop, that a person has corrected since.
    """
    supersedes_fit_id: int | None = None
    """Id of a current fit that this one was found better than by more than 2D error: it takes the
    place of exactly that fit even where its comparison loss is higher."""
    group_id: int | None = None
    """The moment or subject whose pictures it was fitted to together; None for one by itself."""
    imported_body_id: int | None = None
    """The body of another method that it is, as it came; None for all others."""


class OfferOutcome(StrEnum):
    """What became of an offered fit."""

    BECAME_CURRENT = "became current"
    KEPT = "kept in history"
    LOCKED = "kept in history; the accepted fit stays"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A fit as stored; times are UTC in ISO 8601.

    pose_valid: the comparison loss is small enough to supervise the pose.
    shape_valid: no beta is extreme; the pose's validity does not depend on it.
    made_by: the person who made it by hand, from the fit ``made_from_fit_id``; None for SMPLify's.
    group_id: the moment or subject whose pictures it was fitted to together, or None.
    reject_reason: of a rejected fit, where one was given. imported_body_id: the body of another
    method that it is, as it came.
    """

    id: int
    sample_id: int
    parameters: BodyParameters
    losses: FitLosses
    origin: Origin
    run_id: int | None
    iteration: int | None
    created_at: str
    runner_up: bool
    pose_valid: bool
    shape_valid: bool
    verdict: Verdict
    verdict_at: str | None
    verdict_by: str | None
    is_current: bool
    made_by: str | None = None
    made_from_fit_id: int | None = None
    group_id: int | None = None
    reject_reason: RejectReason | None = None
    imported_body_id: int | None = None


@dataclass(frozen=True)
class OfferResult:
    """The fit's id in the history, None where it was refused, and why it ended so."""

    fit_id: int | None
    outcome: OfferOutcome
    reason: str = ""


@dataclass(frozen=True)
class VerdictChange:
    """Verdicts and reasons by fit id before and after.

    after: what the fits bear now; it may differ from what was given where another reviewer said
    something else. opinion_keys: fit, reviewer and time of each opinion that was stored; an undo
    takes these back. case_answers: fit and answer of each hidden known case; its verdict does not
    change.
    """

    before: dict[int, Verdict]
    after: dict[int, Verdict]
    reasons_before: dict[int, RejectReason | None] = field(default_factory=dict)
    reasons_after: dict[int, RejectReason | None] = field(default_factory=dict)
    opinion_keys: tuple[tuple[int, str, str], ...] = ()
    case_answers: tuple[tuple[int, int], ...] = ()

    @property
    def changed(self) -> frozenset[int]:
        """The fits that bear another verdict or reason, or got the opinion of one more reviewer."""
        answered = frozenset(fit_id for fit_id, _answer in self.case_answers)
        judged = frozenset(fit_id for fit_id, _reviewer, _at in self.opinion_keys)
        return (
            answered
            | judged
            | frozenset(
                fit_id
                for fit_id, verdict in self.after.items()
                if (verdict, self.reasons_after.get(fit_id))
                != (self.before[fit_id], self.reasons_before.get(fit_id))
            )
        )


ORIGIN_TITLES = {
    Origin.MEAN: "mean pose",
    Origin.LIFTER: "lifted pose",
    Origin.NETWORK: "network",
    Origin.IN_LOOP: "training",
    Origin.REFIT: "refit",
    Origin.CORRECTED: "corrected",
    Origin.IMPORTED: "imported",
    Origin.GROUND_TRUTH: "ground truth",
}
"""An origin in a word or two, which may follow "from"."""

ORIGIN_MEANINGS = {
    Origin.MEAN: "SMPLify started from the mean pose, an average standing person",
    Origin.LIFTER: "SMPLify started from the lifted pose: the 3D pose that a small network "
    "estimates from the 2D keypoints alone",
    Origin.NETWORK: "SMPLify started from the body that a network estimates from the keypoints and "
    "from what the detector saw; in a training run, the regressor's prediction itself",
    Origin.IN_LOOP: "made while training, in the loop: SMPLify started from the "
    "regressor's prediction",
    Origin.REFIT: "fitted again, from one start or several",
    Origin.CORRECTED: "a body that a person changed by hand and kept",
    Origin.IMPORTED: "read from another program's file",
    Origin.GROUND_TRUTH: "the true body, as the data set states it",
}
"""An origin explained, as half a sentence."""


def error_px(loss_px2: float) -> float:
    """The error of a fit with this comparison loss, px of the crop; below 0 counts as 0.

    The one number that is shown for it: how far the joints lie from the keypoints.
    """
    return math.sqrt(max(loss_px2, 0.0))


UNKNOWN_ERROR = "unknown"
"""The error of a fit that there is no keypoint to measure by."""


def error_words(loss_px2: float) -> str:
    """``3.9 px``, or that it is unknown."""
    return f"{error_px(loss_px2):.1f} px" if math.isfinite(loss_px2) else UNKNOWN_ERROR


def loss_of_error(error: float) -> float:
    """The comparison loss in px² of a fit with this error.

    Without the digits that only the square of a decimal number has; below 0 counts as 0.
    """
    return float(f"{max(error, 0.0) ** 2:.8g}")
