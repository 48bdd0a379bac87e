"""Stage 1: camera and root orientation, with the body rigid.

    E₁ = Σ_{j ∈ torso} w_j (ρ(dx_j) + ρ(dy_j)) + depth_weight (t_z − t_z,start)²

    step = [ δ_root 3 | δ_t 3 ]        root ← root exp(δ_root)        t ← t + δ_t

The pose and the shape do not change here, and the root only turns the body about the pelvis. So
eight torso joints are posed once, and an iteration costs one rotation. Sources: Bogo et al. 2016,
section 3.3; docs/method.md, "Stage 1: camera and root".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.state import BodyState
from core.engine.smplify.torso import TORSO_KEYPOINTS, torso_weights
from core.geometry.crop_camera import project_to_crop, projection_rows, refuse_behind_camera
from core.geometry.robust import robust_square, robust_weight
from core.geometry.rotations import axis_angle_to_matrix, pose_to_matrices
from core.runs.fitting_profiles import FittingProfile

_LARGEST_TURN_RAD = 1.0
"""A longer turn is cut to this: pixels are linear in an angle a only while sin a is about a, which
is off by a sixth at 1 rad already."""


@dataclass(frozen=True, eq=False)
class CameraState:
    """What stage 1 moves.

    root: (B, 3, 3), the rotation from the body's frame to the camera's; camera_translation: (B, 3)
    metres.
    """

    root: Tensor
    camera_translation: Tensor


@dataclass(frozen=True, eq=False)
class CameraEvaluation:
    """E₁ at a state, with what its derivatives are made of.

    cost: (B,) px² of the crop, infinite where the camera is too close.
    points: (B, 8, 3) metres, the torso joints turned by the root, not translated.
    residual: (B, 8, 2) crop pixels, projected minus seen.
    """

    cost: Tensor
    points: Tensor
    residual: Tensor


class CameraStage:
    """The problem of stage 1 for a batch of bodies; ``minimise`` works on its ``CameraState``.

    Shape, pose and first depth come from ``state``; its root does not matter here.
    """

    def __init__(
        self,
        body: KeypointBody,
        keypoints: Keypoints2D,
        state: BodyState,
        profile: FittingProfile,
    ) -> None:
        # q_j = keypoint_j − pelvis with the identity for the root, (B, 8, 3): the joints of a rigid
        # body in its own frame. Whatever the root, joint j is at root q_j + pelvis.
        torso = list(TORSO_KEYPOINTS)
        unrooted = torch.cat([torch.zeros_like(state.body_pose[:, :3]), state.body_pose], dim=1)
        self._pelvis = body.root_joint(state.betas)[:, None]
        posed = body.keypoints(pose_to_matrices(unrooted), state.betas)
        self._from_pelvis = posed[:, torso] - self._pelvis
        self._seen, self._cameras = keypoints.positions_crop_px[:, torso], keypoints.cameras
        self._weights = torso_weights(keypoints.confidence, profile.torso_rule)
        # Four torso joints hardly determine the depth, since a torso that leans away looks like one
        # that is farther off. So the depth is held where the start has it, by px²/m², (B,).
        self._depth_start = state.camera_translation[:, 2].clone()
        self._depth_weight = profile.camera_depth_weight * self._cameras.long_lens_ratio**2
        self._sigma_px = profile.camera_sigma_px

    def evaluate(self, state: CameraState) -> CameraEvaluation:
        """E₁ of a state; differentiable."""
        # root q + pelvis for row vectors: (B, 8, 3) @ (B, 3, 3)ᵀ
        points = self._from_pelvis @ state.root.transpose(1, 2) + self._pelvis
        projected = project_to_crop(points, state.camera_translation, self._cameras)
        residual = projected - self._seen
        errors = robust_square(residual, self._sigma_px).sum(-1)
        torso = (self._weights * errors).sum(1)
        depth = self._depth_weight * (state.camera_translation[:, 2] - self._depth_start) ** 2
        cost = refuse_behind_camera(torso + depth, points, state.camera_translation, self._cameras)
        return CameraEvaluation(cost, points, residual)

    def normal_equations(
        self, state: CameraState, evaluation: CameraEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 6)``, exact, and Gauss–Newton curvature ``(B, 6, 6)``.

        A turn δ of the root in its own frame moves a joint by root (δ × q). For a row r of
        ∂pixel/∂point the triple product gives r · root (δ × q) = (q × (rootᵀ r)) · δ.
        """
        rows = projection_rows(evaluation.points, state.camera_translation, self._cameras)
        # rootᵀ r, then q × (rootᵀ r), both (B, 3, 2, 8)
        in_root = torch.einsum("bac,bamn->bcmn", state.root, rows)
        levers = self._from_pelvis.transpose(1, 2)[:, :, None].expand_as(in_root)
        turns = torch.linalg.cross(levers, in_root, dim=1)
        # The translation shifts all joints alike: ∂pixel/∂t = rows. -> (B, 6, 2·8)
        jacobian = torch.cat([turns, rows], dim=1).flatten(2)
        # ω = w r(e): ½ ∂(w ρ) = ω e ∂e, and ω ∂e ∂eᵀ is Gauss–Newton's half of ∂²(w ρ).
        robust = robust_weight(evaluation.residual, self._sigma_px)
        weight = (self._weights[..., None] * robust).transpose(1, 2).flatten(1)
        weighted = jacobian * weight[:, None]
        residual = evaluation.residual.transpose(1, 2).flatten(1)
        gradient = (weighted @ residual[..., None])[..., 0]
        curvature = weighted @ jacobian.transpose(1, 2)
        # ½ ∂/∂t_z of depth_weight (t_z − t_z,start)², and ½ ∂² = depth_weight.
        gradient[:, 5] += self._depth_weight * (state.camera_translation[:, 2] - self._depth_start)
        curvature[:, 5, 5] += self._depth_weight
        return gradient, curvature

    def moved(self, state: CameraState, step: Tensor) -> CameraState:
        """The state after a step ``(B, 6)``, its turn cut to ``_LARGEST_TURN_RAD``."""
        # turn · min(1, 1 / |turn|), without a division by |turn| = 0.
        turn = step[:, :3]
        angle = torch.linalg.vector_norm(turn, dim=1, keepdim=True)
        turn = turn * (_LARGEST_TURN_RAD / angle.clamp_min(_LARGEST_TURN_RAD))
        return CameraState(
            state.root @ axis_angle_to_matrix(turn), state.camera_translation + step[:, 3:]
        )
