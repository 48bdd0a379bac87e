"""The bodies that the head behind the detector sees, in front of the cameras of their samples."""

from __future__ import annotations

import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.detector_head import HeadBodies
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D


def head_body(
    said: HeadBodies, body: KeypointBody, keypoints: Keypoints2D, *, has_betas: bool
) -> BodyEstimate:
    """B bodies of the head, at the place that keypoints and limbs suggest.

    Args:
        said: by the head of B people.
        body: that the betas are of.
        keypoints: of the same people, with their cameras.
        has_betas: whether the head was trained on this body; another one's betas mean nothing, and
            the mean shape takes their place.
    """
    here = keypoints.to(device=body.device, dtype=body.dtype)
    rotations = said.rotations.to(here.positions_crop_px)
    betas = said.betas.to(rotations) if has_betas else torch.zeros_like(said.betas).to(rotations)
    return BodyEstimate(rotations, betas, camera_start(body.keypoints(rotations, betas), here))
