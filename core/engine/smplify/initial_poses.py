"""Where fits without an estimate begin: the mean pose, seen from several sides.

docs/method.md, "Where fits start".
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.state import BodyState
from core.geometry.rotations import facing_root


def mean_pose_starts(
    body: KeypointBody, prior: PosePrior, keypoints: Keypoints2D, *, yaws: int
) -> BodyState:
    """The mean of all poses, upright, turned to ``yaws`` directions; the first faces the camera.

    Most failures of fits without an estimate are of orientation, because no local solver turns a
    body round. The pose is the mean of all poses and not of one component of the prior, with which
    results differed widely from prior to prior.

    Args:
        body: the body that is fitted.
        prior: whose ``mean_pose`` is taken.
        keypoints: of B samples.
        yaws: how many directions, evenly spaced about the body's vertical.

    Returns:
        ``yaws * B`` states with mean shape and a camera from ``camera_start``: all samples with the
        first yaw, then all with the second, …
    """
    samples = len(keypoints)
    pose = torch.tensor(prior.mean_pose, dtype=body.dtype, device=body.device)
    # Yaws 2π i / yaws. ``facing_root`` is 180° about x, which leads from the body's y up to the
    # camera's y down, times the yaw about the body's vertical: (yaws, 3, 3) -> (yaws·B, 3, 3)
    angles = torch.arange(yaws, dtype=body.dtype, device=body.device) * (2 * math.pi / yaws)
    state = BodyState(
        root=facing_root(angles).repeat_interleave(samples, dim=0),
        body_pose=pose.expand(yaws * samples, -1).contiguous(),
        betas=pose.new_zeros(yaws * samples, 10),
        camera_translation=pose.new_zeros(yaws * samples, 3),
    )
    return with_camera_start(body, state, keypoints.repeated(yaws))


def with_camera_start(body: KeypointBody, state: BodyState, keypoints: Keypoints2D) -> BodyState:
    """The same bodies with the cameras that the lengths of their limbs suggest."""
    translation: Tensor = camera_start(body.keypoints(state.pose_matrices, state.betas), keypoints)
    return BodyState(state.root, state.body_pose, state.betas, translation)
