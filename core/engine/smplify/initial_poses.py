"""Where fits begin that have no estimate: the mean pose, seen from several sides."""

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

    Most failures of fits without estimate are of orientation, and no local solver turns a body
    round. The mean of one mixture component as start pose scattered widely from prior to prior
    (docs/fitting.md).

    Returns:
        ``yaws * B`` states: all samples with the first yaw, then all with the second, …
    """
    samples = len(keypoints)
    pose = torch.tensor(prior.mean_pose, dtype=body.dtype, device=body.device)
    angles = torch.arange(yaws, dtype=body.dtype, device=body.device) * (2 * math.pi / yaws)
    state = BodyState(
        root=facing_root(angles).repeat_interleave(samples, dim=0),
        body_pose=pose.expand(yaws * samples, -1).contiguous(),
        betas=pose.new_zeros(yaws * samples, 10),
        camera_translation=pose.new_zeros(yaws * samples, 3),
    )
    return with_camera_start(body, state, keypoints.repeated(yaws))


def with_camera_start(body: KeypointBody, state: BodyState, keypoints: Keypoints2D) -> BodyState:
    """The same bodies with the camera that limb lengths suggest."""
    translation: Tensor = camera_start(body.keypoints(state.pose_matrices, state.betas), keypoints)
    return BodyState(state.root, state.body_pose, state.betas, translation)
