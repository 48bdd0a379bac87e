"""Stage 2: pose, betas, root and camera together, for the second-order solver.

The 85 unknowns are small turns of the root in its own frame (3), the body's axis-angle numbers
(69), the betas (10) and the camera translation (3). docs/method.md, "One step of the solver", leads
from the formulas to the methods of this class.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody, PosedKeypoints
from core.engine.smplify.angle_prior import BENDING_ANGLES, BENDING_SIGNS, bending_penalties
from core.engine.smplify.objective import LossParts, Objective
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.projection import projection_rows, refuse_behind_camera
from core.engine.smplify.robust import robust_weight
from core.engine.smplify.state import BodyState
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotation_jacobian import right_jacobian, unskew
from core.geometry.rotations import axis_angle_to_matrix, wrap_rotation_vector

_BODY = slice(3, 72)
_BETAS = slice(72, 82)
_CAMERA = slice(82, 85)


@dataclass(frozen=True, eq=False)
class BodyEvaluation:
    """cost (B,) px² and its parts; the posed body; turns (B, 24, 3) away from the pull's target."""

    cost: Tensor
    parts: LossParts
    posed: PosedKeypoints
    pose_matrices: Tensor
    turns: Tensor


class BodyStage:
    """The problem of stage 2 for a batch of bodies."""

    def __init__(
        self,
        body: KeypointBody,
        objective: Objective,
        *,
        depth_start: Tensor,
        depth_weight: float,
        pull: EstimatePrior | None = None,
    ) -> None:
        self._body, self._objective, self._pull = body, objective, pull
        self._depth_start, self._depth_weight = depth_start, depth_weight
        self._squared_confidence = objective.keypoints.body_confidence[..., None] ** 2
        identity = torch.eye(body.num_distinct, dtype=body.dtype, device=body.device)
        self._to_distinct = identity[:, body.distinct_of_keypoint]
        self._bending = torch.tensor(BENDING_ANGLES, device=body.device) + _BODY.start
        self._signs = torch.tensor(BENDING_SIGNS, dtype=body.dtype, device=body.device)

    def evaluate(self, state: BodyState) -> BodyEvaluation:
        """The objective at a state."""
        matrices = state.pose_matrices
        posed = self._body.posed(matrices, state.betas)
        parts = self._objective.parts(
            posed.distinct[:, self._body.distinct_of_keypoint],
            state.body_pose,
            state.betas,
            state.camera_translation,
        )
        depth_error = state.camera_translation[:, 2] - self._depth_start
        parts = replace(parts, depth=self._depth_weight * depth_error**2)
        turns = torch.zeros_like(posed.joints)
        if self._pull is not None:
            turns = self._pull.turns(matrices)
            pull = self._pull.energy(turns, state.betas, state.camera_translation)
            parts = replace(parts, pull=pull)
        cost = refuse_behind_camera(parts.total, state.camera_translation)
        return BodyEvaluation(cost, parts, posed, matrices, turns)

    def normal_equations(
        self, state: BodyState, evaluation: BodyEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 85)``, exact, and Gauss–Newton curvature ``(B, 85, 85)``."""
        frames = right_jacobian(state.body_pose.reshape(-1, 23, 3))
        gradient, curvature = self._data_terms(state, evaluation, frames)
        self._add_priors(gradient, curvature, state)
        depth_error = state.camera_translation[:, 2] - self._depth_start
        gradient[:, -1] += self._depth_weight * depth_error
        curvature[:, -1, -1] += self._depth_weight
        if self._pull is not None:
            self._add_pull(self._pull, gradient, curvature, state, evaluation.turns, frames)
        return gradient, curvature

    def _data_terms(
        self, state: BodyState, evaluation: BodyEvaluation, frames: Tensor
    ) -> tuple[Tensor, Tensor]:
        body, posed = self._body, evaluation.posed
        projected = project_to_crop(posed.distinct, state.camera_translation)
        residual = projected[:, body.distinct_of_keypoint] - (
            self._objective.keypoints.positions_crop_px
        )
        weight = self._squared_confidence * robust_weight(residual, self._objective.sigma_px)
        rows = projection_rows(posed.distinct, state.camera_translation)
        pixel_force = (self._to_distinct @ (weight * residual)).transpose(1, 2)
        force = (rows * pixel_force[:, None]).sum(2).transpose(1, 2)
        by_matrices, by_betas = body.vjp(posed, force)
        turns = unskew(evaluation.pose_matrices.transpose(-1, -2) @ by_matrices)
        by_body = (turns[:, 1:, None] @ frames).reshape(-1, 69)
        gradient = torch.cat([turns[:, 0], by_body, by_betas, force.sum(1)], dim=1)
        bones = posed.bone_rotations
        joint_frames = torch.cat([bones[:, :1], bones[:, 1:] @ frames], dim=1)
        by_body_and_betas = body.row_derivatives(posed, rows, joint_frames)
        jacobian = torch.cat([by_body_and_betas, rows], dim=1).flatten(2)
        on_distinct = (self._to_distinct @ weight).transpose(1, 2).flatten(1)[:, None]
        curvature = (jacobian * on_distinct) @ jacobian.transpose(1, 2)
        return gradient, curvature

    def _add_priors(self, gradient: Tensor, curvature: Tensor, state: BodyState) -> None:
        weights, prior = self._objective.weights, self._objective.prior
        at_pose = prior.evaluate(state.body_pose)
        mixture = prior.components(dtype=state.body_pose.dtype, device=state.body_pose.device)
        half_prior = weights.pose_prior / 2
        gradient[:, _BODY] += half_prior * at_pose.gradient
        curvature[:, _BODY, _BODY] += half_prior * mixture.precisions[at_pose.component]
        diagonal = curvature.diagonal(dim1=1, dim2=2)
        penalties = weights.angle_prior * bending_penalties(state.body_pose)
        gradient[:, self._bending] += self._signs * penalties
        diagonal[:, self._bending] += 2 * penalties
        gradient[:, _BETAS] += weights.shape_prior * state.betas
        diagonal[:, _BETAS] += weights.shape_prior

    @staticmethod
    def _add_pull(
        pull: EstimatePrior,
        gradient: Tensor,
        curvature: Tensor,
        state: BodyState,
        turns: Tensor,
        frames: Tensor,
    ) -> None:
        """The curvature leaves the turn's own Jacobian out: it is the identity at the target."""
        joint_weights = pull.joint_weights.expand(len(turns), 24)
        gradient[:, :3] += joint_weights[:, :1] * turns[:, 0]
        weighted = joint_weights[:, 1:, None] * turns[:, 1:]
        gradient[:, _BODY] += (weighted[:, :, None] @ frames).reshape(-1, 69)
        diagonal = curvature.diagonal(dim1=1, dim2=2)
        diagonal[:, :3] += joint_weights[:, :1]
        blocks = joint_weights[:, 1:, None, None] * (frames.transpose(-1, -2) @ frames)
        of_body = curvature[:, _BODY, _BODY].view(-1, 23, 3, 23, 3)
        of_body.diagonal(dim1=1, dim2=3).add_(blocks.permute(0, 2, 3, 1))
        gradient[:, _BETAS] += pull.betas_weights * (state.betas - pull.target.betas)
        diagonal[:, _BETAS] += pull.betas_weights
        depth_error = state.camera_translation[:, 2] - pull.target.camera_translation[:, 2]
        gradient[:, -1] += pull.depth_weight * depth_error
        diagonal[:, -1] += pull.depth_weight

    def moved(self, state: BodyState, step: Tensor) -> BodyState:
        """The state after a step; body angles stay in [0, pi]."""
        body_pose = (state.body_pose + step[:, _BODY]).reshape(-1, 23, 3)
        return BodyState(
            state.root @ axis_angle_to_matrix(step[:, :3]),
            wrap_rotation_vector(body_pose).reshape(-1, 69),
            state.betas + step[:, _BETAS],
            state.camera_translation + step[:, _CAMERA],
        )
