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
from core.engine.smplify.prior_derivatives import add_estimate_prior, priors_equations
from core.engine.smplify.state import BodyState, moved_state
from core.geometry.crop_camera import SeenPoints, seen_points
from core.geometry.robust import robust_weight
from core.geometry.rotation_jacobian import unskew

_BODY = slice(3, 72)
_BODY_AND_BETAS = slice(0, 82)

_LEAST_ROOT = 1e-18
"""√W of a keypoint that pulls nothing; far below that of any that does."""


@dataclass(frozen=True, eq=False)
class BodyEvaluation:
    """The objective at a state, with what its derivatives are made of.

    cost: (B,) px² of the crop, infinite where the camera is too close.
    parts: the terms that the cost is the sum of.
    seen: the distinct keypoints before the camera, (B, …, U).
    residual: (B, 49, 2) crop pixels, e_i of each keypoint.
    posed: keypoints, bones and joints of the bodies.
    pose_matrices: (B, 24, 3, 3), R_j of each joint relative to its parent.
    right_jacobians: (B, 23, 3, 3), J_r of the rotation vectors below the root.
    turns: (B, 24, 3) radians, τ_j from the estimate to the joint; 0 without an estimate prior.
    """

    cost: Tensor
    parts: LossParts
    seen: SeenPoints[Tensor]
    residual: Tensor
    posed: PosedKeypoints[Tensor]
    pose_matrices: Tensor
    right_jacobians: Tensor
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
        seen = objective.keypoints
        from_principal = seen.positions_crop_px - seen.cameras.principal_point_px[:, None]
        self._target_px = from_principal.mT  # (B, 2, 49)
        # w_i², (B, 49, 1): the same for the x and the y of a keypoint.
        self._squared_confidence = objective.keypoints.body_confidence[..., None] ** 2
        # (U, 49), 1 where name i means the distinct keypoint u: _to_distinct @ x = Σ_{i of u} x_i.
        identity = torch.eye(body.num_distinct, dtype=body.dtype, device=body.device)
        self._to_distinct = identity[:, body.distinct_of_keypoint]

    def evaluate(self, state: BodyState) -> BodyEvaluation:
        """The objective E₂ of a state (docs/method.md, "Stage 2: the body")."""
        matrices, right_jacobians = state.matrices_and_jacobians()
        posed = self._body.posed(matrices, state.betas)
        cameras = self._objective.keypoints.cameras
        seen = seen_points(posed.distinct, state.camera_translation, cameras)
        of_names = seen.from_principal_px[..., self._body.distinct_of_keypoint]
        residual = (of_names - self._target_px).mT
        # Without a prior turns are still there: ``select_rows`` needs the same fields every time.
        prior = self._estimate_prior
        turns = torch.zeros_like(posed.joints) if prior is None else prior.turns(matrices)
        parts = self._parts(state, residual, posed, turns)
        cost = seen.refused_behind_camera(parts.total)
        return BodyEvaluation(cost, parts, seen, residual, posed, matrices, right_jacobians, turns)

    def judged_again(self, state: BodyState, evaluation: BodyEvaluation) -> BodyEvaluation:
        """What ``evaluate`` would say, from what the same bodies were under another objective.

        Keypoints, cameras and the estimate are the same; only weights and σ may differ.
        """
        parts = self._parts(state, evaluation.residual, evaluation.posed, evaluation.turns)
        cost = evaluation.seen.refused_behind_camera(parts.total)
        return replace(evaluation, cost=cost, parts=parts)

    def _parts(
        self, state: BodyState, residual: Tensor, posed: PosedKeypoints[Tensor], turns: Tensor
    ) -> LossParts:
        keypoints = posed.distinct[:, self._body.distinct_of_keypoint]
        parts = self._objective.parts_at(residual, keypoints, state.body_pose, state.betas)
        # Keypoints tell how many pixels the body spans, which a larger body farther away spans too.
        # λ_t (t_z − t_z,start)² settles what they leave open, and little else: λ_t is 1 px²/m².
        depth_error = state.camera_translation[:, 2] - self._depth_start
        parts = replace(parts, depth=self._depth_weight * depth_error**2)
        if self._estimate_prior is not None:
            pull = self._estimate_prior.energy(turns, state.betas, state.camera_translation)
            parts = replace(parts, pull=pull)
        return parts

    def normal_equations(
        self, state: BodyState, evaluation: BodyEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 85)``, exact, and Gauss–Newton curvature ``(B, 85, 85)``."""
        gradient, curvature = priors_equations(
            state, self._objective.prior, self._objective.prior_weights()
        )
        self._add_data_terms(gradient, curvature, evaluation)
        # ½ ∂/∂t_z of λ_t (t_z − t_z,start)², and ½ ∂² = λ_t.
        depth_error = state.camera_translation[:, 2] - self._depth_start
        gradient[:, -1] += self._depth_weight * depth_error
        curvature[:, -1, -1] += self._depth_weight
        if self._estimate_prior is not None:
            add_estimate_prior(
                self._estimate_prior,
                gradient,
                curvature,
                state,
                turns=evaluation.turns,
                right_jacobians=evaluation.right_jacobians,
            )
        return gradient, curvature

    def _add_data_terms(
        self, gradient: Tensor, curvature: Tensor, evaluation: BodyEvaluation
    ) -> None:
        """Add half the derivatives of what depends on keypoints alone, in place.

        That is Σ_i w_i² (ρ(dx_i) + ρ(dy_i)), and E_d where directions of bones are known. The
        curvature is Gauss–Newton's Σ_i ω_i ∂e_i ∂e_iᵀ. The second derivatives of the projection and
        of the rotations are left out: residuals, which are small near the minimum, multiply them.
        The pose blend shapes are left out of the curvature as well; the gradient has them.
        """
        body, posed = self._body, evaluation.posed
        rows, pull = self._weighted_rows(evaluation)
        # [ G_0 | G_j J_r(θ_j) ] takes the unknowns of a joint to a small turn in the body's frame.
        turned = posed.bone_rotations
        joint_frames = torch.cat([turned[:, :1], turned[:, 1:] @ evaluation.right_jacobians], dim=1)
        # (B, 85, 2, U) -> (B, 85, 2·U)
        jacobian = body.row_derivatives(posed, rows, joint_frames).flatten(2)
        gradient += (jacobian @ pull.flatten(1)[..., None])[..., 0]
        curvature.baddbmm_(jacobian, jacobian.mT)
        # force_u = rowsᵀ pull_u, half the gradient by keypoint u, in px²/m: (B, U, 3)
        force = (rows * pull[:, None]).sum(2).transpose(1, 2)
        if self._objective.bones is not None:
            by_bones = self._objective.bones.normal_equations(posed, joint_frames)
            gradient[:, _BODY_AND_BETAS] += by_bones[0]
            curvature[:, _BODY_AND_BETAS, _BODY_AND_BETAS] += by_bones[1]
            force = force + by_bones[2]
        gradient[:, _BODY] += self._by_blend_shapes(evaluation, force)

    def _weighted_rows(self, evaluation: BodyEvaluation) -> tuple[Tensor, Tensor]:
        """√W_u ∂pixel_u/∂X ``(B, 3, 2, U)`` and the pull Σ_{i of u} ω_i e_i / √W_u ``(B, 2, U)``.

        ω_i = w_i² r(e_i), so that ½ ∂(w² ρ) = ω e ∂e and ω ∂e ∂eᵀ is its curvature. Names of the
        same distinct keypoint share its Jacobian, so what they weigh and what they pull adds up
        before it, with W_u = Σ_{i of u} ω_i.
        """
        residual, cameras = evaluation.residual, self._objective.keypoints.cameras
        weight = self._squared_confidence * robust_weight(residual, self._objective.robust_sigma_px)
        # (U, 49) @ (B, 49, 2 + 2) -> (B, U, 4) -> 2 × (B, 2, U)
        summed = self._to_distinct @ torch.cat([weight, weight * residual], dim=2)
        by_component = summed.transpose(1, 2)
        on_distinct, pull = by_component[:, :2], by_component[:, 2:]
        root = on_distinct.sqrt()
        rows = evaluation.seen.rows(cameras)
        # Where nothing weighs, nothing pulls: 0 / _LEAST_ROOT is 0.
        return rows * root[:, None], pull / root.clamp_min(_LEAST_ROOT)

    def _by_blend_shapes(self, evaluation: BodyEvaluation, force: Tensor) -> Tensor:
        """The gradient ``(B, 69)`` by the body pose that pose blend shapes carry.

        Args:
            evaluation: of the state.
            force: ``(B, U, 3)`` px²/m, half the gradient by the distinct keypoints.
        """
        by_matrices = self._body.blend_shape_gradient(evaluation.posed, force)
        # With M_j the gradient by R_j: a turn d in the joint's own frame changes R_j by R_j [d]×,
        # and ⟨M_j, R_j [d]×⟩ = ⟨R_jᵀ M_j, [d]×⟩ = unskew(R_jᵀ M_j) · d.
        #                                                   (B, 23, 3, 3) -> (B, 23, 3)
        by_turns = unskew(evaluation.pose_matrices[:, 1:].mT @ by_matrices)
        # d = J_r(θ_j) dθ_j, so the gradient by θ_j is J_rᵀ times that by d; as a row, on the right.
        by_pose: Tensor = by_turns[:, :, None] @ evaluation.right_jacobians
        return by_pose.reshape(-1, 69)

    def moved(self, state: BodyState, step: Tensor) -> BodyState:
        """The state after a step ``(B, 85)``, the body's angles wrapped into [0, π]."""
        return moved_state(state, step)
