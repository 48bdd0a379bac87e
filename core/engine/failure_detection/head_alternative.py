"""What the head behind the detector thinks of people, as an alternative that sees the picture."""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.inputs import AlternativeEstimate
from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D

HEAD = "the picture"
"""Whom reasons in words name: what the head says beyond the keypoints, the picture said."""


def head_alternative(
    head: DetectorHead,
    body: KeypointBody,
    people: SeenPeople,
    keypoints: Keypoints2D,
    *,
    has_betas: bool,
) -> AlternativeEstimate:
    """What the head makes of people; of those whom no detector has looked at nothing.

    Args:
        head: the network.
        body: the project's body.
        people: what the detector saw of B samples.
        keypoints: of the same samples, for the cameras.
        has_betas: whether the head was trained for this body.
    """
    here = keypoints.to(device=body.device, dtype=body.dtype)
    said = head.bodies(people)
    betas = said.betas if has_betas else torch.zeros_like(said.betas)
    camera = camera_start(body.keypoints(said.rotations, betas), here)
    return AlternativeEstimate(
        HEAD,
        BodyEstimate(said.rotations, betas, camera),
        seen_in_picture(people),
        said.mirror_turn_rad,
        said.spread_rad,
        sees_picture=True,
    )


def seen_in_picture(people: SeenPeople) -> Tensor:
    """``(B,)`` bool: of whom the detector has told more than keypoints."""
    return people.has_trunk | (people.bones.visibility > 0).any(1)
