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

from core.body.kinematics import rooted_rotations
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.state import BodyState
from core.engine.smplify.torso import TORSO_KEYPOINTS, torso_weights
from core.geometry.crop_camera import SeenPoints
from core.geometry.robust import robust_square, robust_weight
from core.geometry.rotation_jacobian import rotation_and_right_jacobian
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
    seen: the torso joints before the camera, (B, …, 8).
    residual: (B, 2, 8) crop pixels, projected minus seen.
    """

    cost: Tensor
    seen: SeenPoints[Tensor]
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
        upright = torch.eye(3).to(state.root).expand_as(state.root)
        posed = body.posed(rooted_rotations(upright, state.body_pose), state.betas)
        self._pelvis = posed.joints[:, 0]
        on_body = posed.distinct[:, body.distinct_of_keypoint[torso]]
        # Components first, (B, 3, 8): what is multiplied is contiguous so.
        self._from_pelvis = (on_body - self._pelvis[:, None]).transpose(1, 2)
        self._cameras = cameras = keypoints.cameras
        # Cameras keep their projections, and these outlive a solver's inference mode: made here.
        self._projections = cameras.projections
        seen_px = keypoints.positions_crop_px[:, torso] - cameras.principal_point_px[:, None]
        self._target_px = seen_px.transpose(1, 2)
        self._weights = torso_weights(keypoints.confidence, profile.torso_rule)[:, None]
        # Four torso joints hardly determine the depth, since a torso that leans away looks like one
        # that is farther off. So the depth is held where the start has it, by px²/m², (B,).
        self._depth_start = state.camera_translation[:, 2].clone()
        self._depth_weight = profile.camera_depth_weight * self._cameras.long_lens_ratio**2
        self._sigma_px = profile.camera_sigma_px

    def evaluate(self, state: CameraState) -> CameraEvaluation:
        """E₁ of a state; differentiable."""
        # P (root q + pelvis + t): (B, 3, 3) @ (B, 3, 8) + (B, 3, 1)
        place = (self._pelvis + state.camera_translation)[..., None]
        seen = SeenPoints.of(self._projections @ (state.root @ self._from_pelvis + place))
        residual = seen.from_principal_px - self._target_px
        torso = (self._weights * robust_square(residual, self._sigma_px)).sum((1, 2))
        depth = self._depth_weight * (state.camera_translation[:, 2] - self._depth_start) ** 2
        return CameraEvaluation(seen.refused_behind_camera(torso + depth), seen, residual)

    def normal_equations(
        self, state: CameraState, evaluation: CameraEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 6)``, exact, and Gauss–Newton curvature ``(B, 6, 6)``.

        A turn δ of the root in its own frame moves a joint by root (δ × q). For a row r of
        ∂pixel/∂point the triple product gives r · root (δ × q) = (q × (rootᵀ r)) · δ.
        """
        # rootᵀ r, then q × (rootᵀ r), both (B, 3, 2, 8)
        rows = evaluation.seen.rows(self._cameras)
        in_root = (state.root.mT @ rows.flatten(2)).view_as(rows)
        levers = self._from_pelvis[:, :, None].expand_as(in_root)
        turns = torch.linalg.cross(levers, in_root, dim=1)
        # The translation shifts all joints alike: ∂pixel/∂t = rows. -> (B, 6, 2·8)
        jacobian = torch.cat([turns, rows], dim=1).flatten(2)
        # ω = w r(e): ½ ∂(w ρ) = ω e ∂e, and ω ∂e ∂eᵀ is Gauss–Newton's half of ∂²(w ρ).
        weight = self._weights * robust_weight(evaluation.residual, self._sigma_px)
        weighted = jacobian * weight.flatten(1)[:, None]
        gradient = (weighted @ evaluation.residual.flatten(1)[..., None])[..., 0]
        curvature = weighted @ jacobian.mT
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
            state.root @ rotation_and_right_jacobian(turn)[0],
            state.camera_translation + step[:, 3:],
        )
