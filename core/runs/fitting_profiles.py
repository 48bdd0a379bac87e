"""The two ways of fitting: the paper's own, and the one that this program prefers.

docs/method.md, "SMPLify", states the objective that the numbers belong to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from core.errors import StudioError

PUBLISHED_SIGMA_PX = 100.0
"""σ of the robust error in the published code: nearly half of the crop, so almost every residual
pulls."""

NEAR_SIGMA_PX = 30.0
SHARP_SIGMA_PX = 15.0
"""Once a body is near its keypoints, a detector's gross errors stand out from honest ones.

At 100 px eight outliers in a hundred joints double the body's error; here they hardly count, and on
clean keypoints nothing is lost, not even from starts that are 40° off (docs/fitting.md).
"""


class Solver(StrEnum):
    """What minimises the objective of a stage."""

    ADAM = "adam"
    LEVENBERG_MARQUARDT = "levenberg-marquardt"


class TorsoRule(StrEnum):
    """Which joints the camera stage is fitted to, and what each of them counts."""

    ALL_OR_NOTHING = "all-or-nothing"
    """OpenPose's four if all are there, otherwise the annotated four; each joint counts 1."""
    PER_JOINT = "per-joint"
    """Each of the four from OpenPose, otherwise as annotated; each joint counts its confidence."""


@dataclass(frozen=True)
class ObjectiveWeights:
    """Weights of the objective's terms in px²: those of the published code, squared here."""

    pose_prior: float = 4.78**2
    angle_prior: float = 15.2**2
    shape_prior: float = 5.0**2


@dataclass(frozen=True)
class Descent:
    """Some iterations of the body stage with one σ of the robust error, in crop pixels."""

    iterations: int
    sigma_px: float = PUBLISHED_SIGMA_PX


@dataclass(frozen=True, kw_only=True)
class FittingProfile:
    """A way of fitting.

    camera_iterations: iterations of the camera stage.
    camera_sigma_px: σ of the camera stage's robust error, crop pixels; infinite for plain squares.
    camera_depth_weight: px²/m², what holds the depth at its start in the camera stage. With the
        published 100² a metre of depth costs as much as 100 px of one joint.
    body_depth_weight: the same in the body stage; None freezes the camera there, as the paper does.
    learning_rate: Adam's step; the other solver needs none.
    refinement: the body stage of a fit from an estimate.
    starting_yaws: how many directions a fit without an estimate starts from. Where it is more than
        one, ``search`` is the body stage of all starts and ``finish`` that of the best two.
    long_lens: whether bodies are fitted under the long lens, whatever took their pictures.

    Raises:
        StudioError: a descent is missing.
    """

    name: str
    solver: Solver
    torso_rule: TorsoRule
    camera_iterations: int
    camera_sigma_px: float = math.inf
    camera_depth_weight: float = 100.0**2
    body_depth_weight: float | None = None
    weights: ObjectiveWeights = field(default_factory=ObjectiveWeights)
    learning_rate: float = 1e-2
    refinement: tuple[Descent, ...]
    starting_yaws: int = 1
    search: tuple[Descent, ...] = ()
    finish: tuple[Descent, ...] = ()
    long_lens: bool = False

    def __post_init__(self) -> None:
        several = self.starting_yaws > 1
        if not self.refinement or (several and not (self.search and self.finish)):
            raise StudioError(
                f"The fitting profile {self.name!r} lacks a descent.",
                remedy="Give a refinement, and with several yaws a search and a finish.",
            )


PAPER = FittingProfile(
    name="paper",
    solver=Solver.ADAM,
    torso_rule=TorsoRule.ALL_OR_NOTHING,
    camera_iterations=50,
    refinement=(Descent(50),),
    long_lens=True,
)

STUDIO = FittingProfile(
    name="studio",
    solver=Solver.LEVENBERG_MARQUARDT,
    torso_rule=TorsoRule.PER_JOINT,
    camera_iterations=3,
    camera_sigma_px=PUBLISHED_SIGMA_PX,
    body_depth_weight=1.0,
    refinement=(Descent(2, NEAR_SIGMA_PX), Descent(2, SHARP_SIGMA_PX)),
    starting_yaws=4,
    search=(Descent(6),),
    finish=(Descent(3), Descent(3, NEAR_SIGMA_PX), Descent(4, SHARP_SIGMA_PX)),
)

_PROFILES = {profile.name: profile for profile in (PAPER, STUDIO)}


def profile_named(name: str) -> FittingProfile:
    """The profile ``paper`` or ``studio``.

    Raises:
        StudioError: there is no such profile.
    """
    if name not in _PROFILES:
        raise StudioError(
            f"There is no fitting profile {name!r}.",
            remedy=f"Choose one of {', '.join(sorted(_PROFILES))}.",
        )
    return _PROFILES[name]
