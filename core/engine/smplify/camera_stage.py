"""Stage 1: camera and root orientation, the body rigid.

The body's pose and shape do not change here, and the root only turns it about the pelvis. So eight
torso joints are posed once, and an iteration costs one rotation
(docs/method.md, "Stage 1: camera and root").
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.projection import projection_rows, refuse_behind_camera
from core.engine.smplify.robust import robust_square, robust_weight
from core.engine.smplify.state import BodyState
from core.engine.smplify.torso import TORSO_KEYPOINTS, torso_weights
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, pose_to_matrices
from core.runs.fitting_profiles import FittingProfile

_LARGEST_TURN_RAD = 1.0
"""The linear model means nothing beyond; a longer step is cut to this."""


@dataclass(frozen=True, eq=False)
class CameraState:
    """root: (B, 3, 3); camera_translation: (B, 3) metres."""

    root: Tensor
    camera_translation: Tensor


@dataclass(frozen=True, eq=False)
class CameraEvaluation:
    """cost (B,) px²; points (B, 8, 3) metres, not translated; residual (B, 8, 2) px."""

    cost: Tensor
    points: Tensor
    residual: Tensor


class CameraStage:
    """The problem of stage 1 for a batch of bodies."""

    def __init__(
        self,
        body: KeypointBody,
        keypoints: Keypoints2D,
        state: BodyState,
        profile: FittingProfile,
    ) -> None:
        torso = list(TORSO_KEYPOINTS)
        unrooted = torch.cat([torch.zeros_like(state.body_pose[:, :3]), state.body_pose], dim=1)
        self._pelvis = body.root_joint(state.betas)[:, None]
        posed = body.keypoints(pose_to_matrices(unrooted), state.betas)
        self._from_pelvis = posed[:, torso] - self._pelvis
        self._seen = keypoints.positions_crop_px[:, torso]
        self._weights = torso_weights(keypoints.confidence, profile.torso_rule)
        self._depth_start = state.camera_translation[:, 2].clone()
        self._depth_weight = profile.camera_depth_weight
        self._sigma_px = profile.camera_sigma_px

    def evaluate(self, state: CameraState) -> CameraEvaluation:
        """Weighted errors of the torso plus what holds the depth; differentiable."""
        points = self._from_pelvis @ state.root.transpose(1, 2) + self._pelvis
        residual = project_to_crop(points, state.camera_translation) - self._seen
        errors = robust_square(residual, self._sigma_px).sum(-1)
        torso = (self._weights * errors).sum(1)
        depth = self._depth_weight * (state.camera_translation[:, 2] - self._depth_start) ** 2
        cost = refuse_behind_camera(torso + depth, state.camera_translation)
        return CameraEvaluation(cost, points, residual)

    def normal_equations(
        self, state: CameraState, evaluation: CameraEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Over three turns of the root in its own frame and the translation: N = 6."""
        rows = projection_rows(evaluation.points, state.camera_translation)
        in_root = torch.einsum("bac,bamn->bcmn", state.root, rows)
        levers = self._from_pelvis.transpose(1, 2)[:, :, None].expand_as(in_root)
        turns = torch.linalg.cross(levers, in_root, dim=1)
        jacobian = torch.cat([turns, rows], dim=1).flatten(2)
        robust = robust_weight(evaluation.residual, self._sigma_px)
        weight = (self._weights[..., None] * robust).transpose(1, 2).flatten(1)
        weighted = jacobian * weight[:, None]
        residual = evaluation.residual.transpose(1, 2).flatten(1)
        gradient = (weighted @ residual[..., None])[..., 0]
        curvature = weighted @ jacobian.transpose(1, 2)
        gradient[:, 5] += self._depth_weight * (state.camera_translation[:, 2] - self._depth_start)
        curvature[:, 5, 5] += self._depth_weight
        return gradient, curvature

    def moved(self, state: CameraState, step: Tensor) -> CameraState:
        """Turn the root in its own frame, shift the camera."""
        turn = step[:, :3]
        angle = torch.linalg.vector_norm(turn, dim=1, keepdim=True)
        turn = turn * (_LARGEST_TURN_RAD / angle.clamp_min(_LARGEST_TURN_RAD))
        return CameraState(
            state.root @ axis_angle_to_matrix(turn), state.camera_translation + step[:, 3:]
        )
