"""Rules on the pose itself: how unusual it is, and whether joints can bend like that."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.body.conventions import SKELETON_JOINT_NAMES
from core.engine.failure_detection.posed_inputs import PosedInputs
from core.engine.failure_detection.rules import Rule
from core.engine.smplify.angle_prior import BENDING_ANGLES, BENDING_SIGNS
from core.engine.smplify.pose_prior import BODY_POSE_SIZE, PosePrior

UNUSUAL_POSE = Rule(limit=3.0, width=0.4)
"""Of ``pose_energy_ratio``; recorded poses end at 2.9."""

BEYOND_RANGE_DEG = Rule(limit=20.0, width=5.0)
"""Of ``beyond_range_deg``; 999 in 1000 recorded poses stay below."""

_RANGE_DEG = {
    "hip": 130.0, "spine": 70.0, "knee": 160.0, "ankle": 75.0, "foot": 70.0, "neck": 75.0,
    "collar": 60.0, "head": 75.0, "shoulder": 165.0, "elbow": 160.0, "wrist": 120.0, "hand": 60.0,
}  # fmt: skip
"""How far joints turn from SMPL's T-pose at most: ranges of motion as anatomy books give them,
from arms held out sideways and straight legs, rounded up by some 10°."""

_LARGEST_TURN_DEG = tuple(
    next(limit for word, limit in _RANGE_DEG.items() if word in name)
    for name in SKELETON_JOINT_NAMES[1:]
)
_BENDING_NAMES = ("left elbow", "right elbow", "left knee", "right knee")


def pose_energy_ratio(posed: PosedInputs, prior: PosePrior) -> Tensor:
    """How far ``(B,)`` the pose lies from the prior's nearest mean, of what is usual.

    Half the squared Mahalanobis distance (with the constant of the component, the smallest taken as
    zero) over its mean 69/2 for poses drawn from the prior: 1 is usual whatever the prior.
    """
    body_pose = posed.fit.body_pose
    constants = prior.components(dtype=body_pose.dtype, device=body_pose.device).constants
    return (prior.energy(body_pose) - constants.min()) / (BODY_POSE_SIZE / 2)


def beyond_range_deg(posed: PosedInputs) -> Tensor:
    """How far ``(B, 27)`` each of 23 joints turns beyond its range, then each elbow and knee back.

    In degrees; negative within the range.
    """
    body_pose = posed.fit.body_pose
    turns = torch.rad2deg(torch.linalg.vector_norm(body_pose.view(-1, 23, 3), dim=-1))
    limits = turns.new_tensor(_LARGEST_TURN_DEG)
    signs = body_pose.new_tensor(BENDING_SIGNS)
    backwards = (180 / math.pi) * signs * body_pose[:, list(BENDING_ANGLES)]
    return torch.cat([turns - limits, backwards], dim=1)


def pose_score(energy_ratio: Tensor, beyond_deg: Tensor) -> Tensor:
    """The larger of both rules' scores, ``(B,)``."""
    return torch.maximum(
        UNUSUAL_POSE.score(energy_ratio), BEYOND_RANGE_DEG.score(beyond_deg.amax(1))
    )


def pose_reason(energy_ratio: float, beyond_deg: list[float]) -> str:
    """Why the pose is suspicious, the worse of both rules."""
    worst = max(range(len(beyond_deg)), key=lambda index: beyond_deg[index])
    joints = len(SKELETON_JOINT_NAMES) - 1
    unusual = UNUSUAL_POSE.score(torch.tensor(energy_ratio))
    if unusual >= BEYOND_RANGE_DEG.score(torch.tensor(beyond_deg[worst])):
        return f"the pose lies {energy_ratio:.1f} times as far from known poses as usual"
    if worst >= joints:
        return f"the {_BENDING_NAMES[worst - joints]} bends {beyond_deg[worst]:.0f}° backwards"
    name = SKELETON_JOINT_NAMES[worst + 1].replace("_", " ")
    return f"the {name} is turned {beyond_deg[worst]:.0f}° farther than it can"
