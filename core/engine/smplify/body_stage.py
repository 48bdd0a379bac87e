"""Stage 2: pose, betas, root and camera together, as a problem for the second-order solver.

The step has 85 unknowns::

    step = [ δ_root 3 | δ_θ 69 | δ_β 10 | δ_t 3 ]

    root ← root exp(δ_root)      θ ← wrap(θ + δ_θ)      β ← β + δ_β      t ← t + δ_t

with θ = ``body_pose``, β = ``betas`` and t = ``camera_translation``. Gradients and curvatures are
halved, as ``levenberg_marquardt`` expects them. docs/method.md, "One step of the solver", numbers
the steps from the formulas to the methods of this class. Sources: Bogo et al. 2016, section 3.2,
for the objective; Solà et al. 2018, appendix B, for J_r.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.body.keypoint_posing import PosedKeypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.objective import LossParts, Objective
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.prior_derivatives import add_estimate_prior, add_priors
from core.engine.smplify.state import BodyState, moved_state
from core.geometry.crop_camera import project_to_crop, projection_rows, refuse_behind_camera
from core.geometry.robust import robust_weight
from core.geometry.rotation_jacobian import right_jacobian, unskew

_BODY = slice(3, 72)
_BETAS = slice(72, 82)
_BODY_AND_BETAS = slice(0, 82)
_CAMERA = slice(82, 85)


@dataclass(frozen=True, eq=False)
class BodyEvaluation:
    """The objective at a state, with what its derivatives are made of.

    cost: (B,) px² of the crop, infinite where the camera is too close.
    parts: the terms that the cost is the sum of.
    posed: keypoints, bones and joints of the bodies.
    pose_matrices: (B, 24, 3, 3), R_j of each joint relative to its parent.
    turns: (B, 24, 3) radians, τ_j from the estimate to the joint; 0 without an estimate prior.
    """

    cost: Tensor
    parts: LossParts
    posed: PosedKeypoints[Tensor]
    pose_matrices: Tensor
    turns: Tensor


class BodyStage:
    """The problem of stage 2 for a batch of bodies; ``minimise`` works on its ``BodyState``.

    depth_start: (B,) metres and depth_weight: px²/m² before the long lens, one or (B,), λ_t of the
    weak tie of the camera's depth to where it began.
    """

    def __init__(
        self,
        body: KeypointBody,
        objective: Objective,
        *,
        depth_start: Tensor,
        depth_weight: float | Tensor,
        estimate_prior: EstimatePrior | None = None,
    ) -> None:
        self._body, self._objective, self._estimate_prior = body, objective, estimate_prior
        # λ_t of each body, (B,): a metre counts more the nearer the camera is.
        ratio = objective.keypoints.cameras.long_lens_ratio
        self._depth_start, self._depth_weight = depth_start, depth_weight * ratio**2
        # w_i², (B, 49, 1): the same for the x and the y of a keypoint.
        self._squared_confidence = objective.keypoints.body_confidence[..., None] ** 2
        # (U, 49), 1 where name i means the distinct keypoint u: _to_distinct @ x = Σ_{i of u} x_i.
        identity = torch.eye(body.num_distinct, dtype=body.dtype, device=body.device)
        self._to_distinct = identity[:, body.distinct_of_keypoint]

    def evaluate(self, state: BodyState) -> BodyEvaluation:
        """The objective E₂ of a state (docs/method.md, "Stage 2: the body")."""
        matrices = state.pose_matrices
        posed = self._body.posed(matrices, state.betas)
        parts = self._objective.parts(
            posed.distinct[:, self._body.distinct_of_keypoint],
            state.body_pose,
            state.betas,
            state.camera_translation,
        )
        # Keypoints tell how many pixels the body spans, which a larger body farther away spans too.
        # λ_t (t_z − t_z,start)² settles what they leave open, and little else: λ_t is 1 px²/m².
        depth_error = state.camera_translation[:, 2] - self._depth_start
        parts = replace(parts, depth=self._depth_weight * depth_error**2)
        # Without a prior turns are still there: ``select_rows`` needs the same fields every time.
        turns = torch.zeros_like(posed.joints)
        if self._estimate_prior is not None:
            turns = self._estimate_prior.turns(matrices)
            pull = self._estimate_prior.energy(turns, state.betas, state.camera_translation)
            parts = replace(parts, pull=pull)
        cost = refuse_behind_camera(
            parts.total, posed.distinct, state.camera_translation, self._objective.keypoints.cameras
        )
        return BodyEvaluation(cost, parts, posed, matrices, turns)

    def normal_equations(
        self, state: BodyState, evaluation: BodyEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 85)``, exact, and Gauss–Newton curvature ``(B, 85, 85)``."""
        right_jacobians = right_jacobian(state.body_pose.reshape(-1, 23, 3))
        gradient, curvature = self._data_terms(state, evaluation, right_jacobians)
        add_priors(
            gradient, curvature, state, self._objective.prior, self._objective.prior_weights()
        )
        # ½ ∂/∂t_z of λ_t (t_z − t_z,start)², and ½ ∂² = λ_t.
        depth_error = state.camera_translation[:, 2] - self._depth_start
        gradient[:, -1] += self._depth_weight * depth_error
        curvature[:, -1, -1] += self._depth_weight
        if self._estimate_prior is not None:
            turns = evaluation.turns
            add_estimate_prior(
                self._estimate_prior,
                gradient,
                curvature,
                state,
                turns=turns,
                right_jacobians=right_jacobians,
            )
        return gradient, curvature

    def _data_terms(
        self, state: BodyState, evaluation: BodyEvaluation, right_jacobians: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Gradient ``(B, 85)`` and curvature ``(B, 85, 85)`` of what depends on keypoints alone.

        That is Σ_i w_i² (ρ(dx_i) + ρ(dy_i)), and E_d where directions of bones are known.
        """
        body, posed, keypoints = self._body, evaluation.posed, self._objective.keypoints
        translation, cameras = state.camera_translation, keypoints.cameras
        projected = project_to_crop(posed.distinct, translation, cameras)
        # e_i = project_to_crop(keypoint_i, t, cameras) − positions_crop_px_i      (B, 49, 2)
        residual = projected[:, body.distinct_of_keypoint] - keypoints.positions_crop_px
        # ω_i = w_i² r(e_i), so that ½ ∂(w² ρ) = ω e ∂e and ω ∂e ∂eᵀ is its curvature.
        weight = self._squared_confidence * robust_weight(residual, self._objective.robust_sigma_px)
        rows = projection_rows(posed.distinct, translation, cameras)
        # Names of the same distinct keypoint share its Jacobian, so their forces add up before it:
        # pixel_force_u = Σ_{i of u} ω_i e_i                (U, 49) @ (B, 49, 2) -> (B, 2, U)
        pixel_force = (self._to_distinct @ (weight * residual)).transpose(1, 2)
        # force_u = rowsᵀ pixel_force_u, half the gradient by keypoint u, in px²/m: (B, U, 3)
        force = (rows * pixel_force[:, None]).sum(2).transpose(1, 2)
        # [ G_0 | G_j J_r(θ_j) ] takes the unknowns of a joint to a small turn in the body's frame.
        turned = posed.bone_rotations
        joint_frames = torch.cat([turned[:, :1], turned[:, 1:] @ right_jacobians], dim=1)
        curvature = self._data_curvature(posed, rows, weight, joint_frames)
        bones = self._objective.bones
        if bones is not None:
            force = force + bones.force(posed.distinct)
            curvature[:, _BODY_AND_BETAS, _BODY_AND_BETAS] += bones.curvature(posed, joint_frames)
        return self._data_gradient(evaluation, force, right_jacobians), curvature

    def _data_gradient(
        self, evaluation: BodyEvaluation, force: Tensor, right_jacobians: Tensor
    ) -> Tensor:
        """The exact gradient ``(B, 85)``, the change of the pose blend shapes included.

        Args:
            evaluation: of the state.
            force: ``(B, U, 3)`` px²/m, half the gradient by the distinct keypoints.
            right_jacobians: ``(B, 23, 3, 3)``, J_r of the body's joints.
        """
        by_matrices, by_betas = self._body.vjp(evaluation.posed, force)
        # With M_j the gradient by R_j: a turn d in the joint's own frame changes R_j by R_j [d]×,
        # and ⟨M_j, R_j [d]×⟩ = ⟨R_jᵀ M_j, [d]×⟩ = unskew(R_jᵀ M_j) · d.
        #                                                   (B, 24, 3, 3) -> (B, 24, 3)
        by_turns = unskew(evaluation.pose_matrices.transpose(-1, -2) @ by_matrices)
        # d = J_r(θ_j) dθ_j, so the gradient by θ_j is J_rᵀ times that by d; as a row, on the right.
        # The root needs none: its unknown is the turn itself.
        by_body = (by_turns[:, 1:, None] @ right_jacobians).reshape(-1, 69)
        # The translation shifts all points alike, so its gradient is the sum of the forces.
        return torch.cat([by_turns[:, 0], by_body, by_betas, force.sum(1)], dim=1)

    def _data_curvature(
        self, posed: PosedKeypoints[Tensor], rows: Tensor, weight: Tensor, joint_frames: Tensor
    ) -> Tensor:
        """Gauss–Newton's Σ_i ω_i ∂e_i ∂e_iᵀ ``(B, 85, 85)``; weight: ω_i, ``(B, 49, 2)``.

        The second derivatives of the projection and of the rotations are left out: residuals, which
        are small near the minimum, multiply them. The pose blend shapes are left out as well.
        """
        by_body_and_betas = self._body.row_derivatives(posed, rows, joint_frames)
        # A shift of the camera moves a pixel as a shift of its point does: ∂pixel/∂t = rows.
        # (B, 82, 2, U) and (B, 3, 2, U) -> (B, 85, 2·U)
        jacobian = torch.cat([by_body_and_betas, rows], dim=1).flatten(2)
        # Names of u share its Jacobian, so their weights add up: on_distinct_u = Σ_{i of u} ω_i.
        # (U, 49) @ (B, 49, 2) -> (B, 1, 2·U)
        on_distinct = (self._to_distinct @ weight).transpose(1, 2).flatten(1)[:, None]
        return (jacobian * on_distinct) @ jacobian.transpose(1, 2)

    def moved(self, state: BodyState, step: Tensor) -> BodyState:
        """The state after a step ``(B, 85)``, the body's angles wrapped into [0, π]."""
        return moved_state(state, step)
