"""The two ways of fitting: the seed paper's own, and the one this program prefers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import StudioError


class Solver(StrEnum):
    """How a stage's objective is brought down."""

    ADAM = "adam"
    LEVENBERG_MARQUARDT = "levenberg-marquardt"


class TorsoRule(StrEnum):
    """Which joints the camera stage uses, and what each of them counts."""

    ALL_OR_NOTHING = "all-or-nothing"
    """OpenPose's four if all are there, otherwise the annotated four; each visible one counts 1."""
    PER_JOINT = "per-joint"
    """OpenPose's where it is there, otherwise the annotated one; weighted by confidence."""


@dataclass(frozen=True)
class ObjectiveWeights:
    """Weights of the objective's terms in px² (facts of SPIN, 3.3)."""

    pose_prior: float = 4.78**2
    angle_prior: float = 15.2**2
    shape_prior: float = 5.0**2


@dataclass(frozen=True, kw_only=True)
class FittingProfile:
    """A way of fitting.

    sigma_px: where the robust error saturates.
    camera_depth_weight: px²/m² that hold the depth at its start in the camera stage.
    body_depth_weight: the same in the body stage; None freezes the camera there, as the paper does.
    starting_yaws: how many directions a fit without estimate starts from.
    search_iterations, finalists: so many body iterations for all starts, then only the best go on.
    """

    name: str
    solver: Solver
    torso_rule: TorsoRule
    camera_iterations: int
    body_iterations: int
    learning_rate: float = 1e-2
    sigma_px: float = 100.0
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)
    camera_depth_weight: float = 100.0**2
    body_depth_weight: float | None = None
    starting_yaws: int = 1
    search_iterations: int = 0
    finish_iterations: int = 0
    finalists: int = 1


PAPER = FittingProfile(
    name="paper",
    solver=Solver.ADAM,
    torso_rule=TorsoRule.ALL_OR_NOTHING,
    camera_iterations=50,
    body_iterations=50,
)

STUDIO = FittingProfile(
    name="studio",
    solver=Solver.LEVENBERG_MARQUARDT,
    torso_rule=TorsoRule.PER_JOINT,
    camera_iterations=3,
    body_iterations=5,
    body_depth_weight=1.0,
    starting_yaws=4,
    search_iterations=6,
    finish_iterations=14,
    finalists=2,
)

_PROFILES = {profile.name: profile for profile in (PAPER, STUDIO)}


def profile_named(name: str) -> FittingProfile:
    """The profile ``paper`` or ``studio``; raises ``StudioError`` for another name."""
    if name not in _PROFILES:
        raise StudioError(
            f"There is no fitting profile {name!r}.",
            remedy=f"Choose one of {', '.join(sorted(_PROFILES))}.",
        )
    return _PROFILES[name]
