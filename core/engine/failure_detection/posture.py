"""Features of how a person stands and how much of them is seen: some bodies are harder to fit."""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.failure_detection.limb_orientation import limbs_in_picture
from core.engine.failure_detection.limbs import LEAST_LENGTH, LIMBS, limb_directions
from core.engine.failure_detection.posed_inputs import PosedInputs

POSTURE_FEATURES = (
    "knee_bend_deg",
    "hip_bend_deg",
    "elbow_bend_deg",
    "limbs_toward_camera",
    "limb_confidence",
    "least_end_confidence",
)
POSTURE_PART_FEATURES = tuple(f"body_{name}" for name in POSTURE_FEATURES)
_KNEES, _HIPS, _ELBOWS = (3, 4), (0, 1), (17, 18)
"""Among the 23 joints of the body, the root left out."""


def posture_features(posed: PosedInputs) -> dict[str, Tensor]:
    """Features ``(B,)``.

    knee_bend_deg, hip_bend_deg, elbow_bend_deg: how far these joints turn from the T-pose, the mean
    of both sides. limbs_toward_camera: mean share of the limbs' lengths along the line of sight.
    limb_confidence: mean over the limbs of the less sure end; least_end_confidence: of the least
    sure hand, elbow, knee or foot.
    """
    body_pose = posed.fit.body_pose.view(-1, 23, 3)
    turns = torch.rad2deg(torch.linalg.vector_norm(body_pose, dim=-1))
    limbs = limb_directions(posed.fit.joints)
    length = torch.linalg.vector_norm(limbs, dim=-1).clamp_min(LEAST_LENGTH)
    seen, _ = limbs_in_picture(posed)
    return {
        "knee_bend_deg": turns[:, _KNEES].mean(1),
        "hip_bend_deg": turns[:, _HIPS].mean(1),
        "elbow_bend_deg": turns[:, _ELBOWS].mean(1),
        "limbs_toward_camera": (limbs[..., 2].abs() / length).mean(1),
        "limb_confidence": seen.confidence.mean(1),
        "least_end_confidence": seen.lower_confidence.amin(1),
    }


def posture_part_features(posture: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same for every limb, ``(B, 8)``, under names of their own."""
    return {
        f"body_{name}": value[:, None].expand(-1, len(LIMBS)) for name, value in posture.items()
    }
