"""What scores and reasons are made of: every kind's features of one batch."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.camera_depth import depth_features, depth_logarithms
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.failure_detection.intersection import penetrations
from core.engine.failure_detection.limb_orientation import limbs_away_deg, part_features
from core.engine.failure_detection.orientation import orientation_features, turned_deg
from core.engine.failure_detection.picture_opinions import (
    picture_body_features,
    picture_part_features,
)
from core.engine.failure_detection.plausibility import beyond_range_deg, pose_energy_ratio
from core.engine.failure_detection.posed_inputs import PosedInputs, pose_inputs
from core.engine.failure_detection.posture import posture_features, posture_part_features
from core.engine.failure_detection.rules import distance_from_alternatives_mm, largest_beta
from core.engine.smplify.pose_prior import PosePrior


@dataclass(frozen=True, eq=False)
class Measures:
    """Everything that scores and reasons are made of, before any calibration.

    picture, posture, orientation, depth: features (B,) by name; parts: features (B, 8);
    depth_logarithms: see ``camera_depth``; turn_deg (B,) of the root and away_deg (B, 8) of the
    limbs from each alternative; beyond_deg: (B, 27); penetration: (B, P); energy_ratio,
    distance_mm: (B,).
    """

    posed: PosedInputs
    picture: dict[str, Tensor]
    posture: dict[str, Tensor]
    orientation: dict[str, Tensor]
    parts: dict[str, Tensor]
    depth: dict[str, Tensor]
    depth_logarithms: dict[str, Tensor]
    turn_deg: tuple[Tensor, ...]
    away_deg: tuple[Tensor, ...]
    beyond_deg: Tensor
    penetration: Tensor
    energy_ratio: Tensor
    distance_mm: Tensor

    @property
    def limbs_seen(self) -> Tensor:
        """``(B, 8)`` bool: limbs of which both ends have a keypoint.

        Where hidden limbs point, no one can say: neither the program nor who looks at the flag.
        """
        return self.parts["confidence"] > 0

    def of_rules(self) -> dict[str, Tensor]:
        """``(B,)`` by name: what suspicion takes from the rules."""
        return {
            "distance_mm": self.distance_mm,
            "energy_ratio": self.energy_ratio,
            "beyond_range_deg": self.beyond_deg.amax(1),
            "penetration": self.penetration.amax(1),
            "largest_beta": largest_beta(self.posed),
        }


def measure(body: KeypointBody, prior: PosePrior, inputs: FlagInputs) -> Measures:
    """Pose the inputs and measure all features; no calibration enters."""
    posed = pose_inputs(body, inputs)
    logarithms, picture = depth_logarithms(body, posed), picture_body_features(posed)
    posture = posture_features(posed)
    return Measures(
        posed=posed,
        picture=picture,
        posture=posture,
        orientation=orientation_features(posed),
        parts=part_features(posed)
        | picture_part_features(posed, picture)
        | posture_part_features(posture),
        depth=depth_features(logarithms, posed),
        depth_logarithms=logarithms,
        turn_deg=tuple(
            turned_deg(posed.fit, alternative.body) for alternative in posed.alternatives
        ),
        away_deg=tuple(
            limbs_away_deg(posed.fit, alternative.body) for alternative in posed.alternatives
        ),
        beyond_deg=beyond_range_deg(posed),
        penetration=penetrations(posed.fit.joints),
        energy_ratio=pose_energy_ratio(posed, prior),
        distance_mm=distance_from_alternatives_mm(posed),
    )
