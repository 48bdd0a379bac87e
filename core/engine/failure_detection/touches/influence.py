"""How a body answers when one of its keypoints is moved, from the curvature of the solver.

At a fit the halved gradient of the objective is 0 and its Gauss–Newton curvature is H. Let C_u =
J_uᵀ H⁻¹ J_u be the leverage of keypoint u, J_u its pixels' Jacobian, f_u = Σ ω e the force with
which its names pull now and W_u = Σ ω their weights. With the keypoint at t and of weight W', the
body moves by, to first order,

    δ = −H⁻¹ J_u (I + (W' − W_u) C_u)⁻¹ (W' (p_u − t) − f_u)

with p_u where the body has the keypoint. W' = 0 is the body without that keypoint. docs/method.md,
"What a touch would gain".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.body_stage import BodyEvaluation, BodyStage
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.search_selection import COMPARED_KEYPOINTS
from core.engine.smplify.smplify import Smplify
from core.engine.smplify.state import BodyState
from core.geometry.crop_camera import project_to_crop, projection_rows
from core.geometry.levenberg_marquardt import SMALLEST_CURVATURE
from core.geometry.robust import robust_weight
from core.geometry.rotation_jacobian import right_jacobian

_LARGEST_SHARE = 0.95
"""Of a keypoint in its own place: one that alone holds a limb would be divided by zero without."""

_LEAST_LEVERAGE = 1e-12
"""Of a keypoint that nothing moves; its weight is then as it is."""


@dataclass(frozen=True, eq=False)
class KeypointInfluence:
    """What each of U distinct keypoints does to B bodies.

    joints: (B, 14, 3) metres, the compared joints. projected_px: (B, U, 2) of the crop, where the
    bodies have the keypoints. leverage: (B, U, 2, 2) 1/px² of weight, C_u. response: (B, U, 42, 2),
    what a force on the keypoint does to the joints. weight: (B, U, 2) W_u; force: (B, U, 2) f_u.
    """

    joints: Tensor
    projected_px: Tensor
    leverage: Tensor
    response: Tensor
    weight: Tensor
    force: Tensor

    def joints_moved(self, target_px: Tensor, weight: Tensor) -> Tensor:
        """By how much the joints move, ``(B, U, 14, 3)`` metres, with each keypoint elsewhere.

        Args:
            target_px: ``(B, U, 2)`` where it is put, each by itself.
            weight: ``(B, U)`` its weight there, W'.
        """
        pull = self._answer(target_px, weight)
        moved = -(self.response @ pull[..., None])[..., 0]
        return moved.view(*moved.shape[:2], len(COMPARED_KEYPOINTS), 3)

    def without_px(self) -> Tensor:
        """Where the bodies have each keypoint ``(B, U, 2)`` when it is left out of the fit."""
        nothing = self.weight.new_zeros(self.weight.shape[:2])
        pull = self._answer(self.projected_px, nothing)
        return self.projected_px - (self.leverage @ pull[..., None])[..., 0]

    def _answer(self, target_px: Tensor, weight: Tensor) -> Tensor:
        """(I + (W' − W) C)⁻¹ (W' (p − t) − f), ``(B, U, 2)``."""
        change = weight[..., None] - self.weight
        force = weight[..., None] * (self.projected_px - target_px) - self.force
        identity = torch.eye(2, dtype=force.dtype, device=force.device)
        system = identity + change[..., None] * self.leverage
        answer: Tensor = torch.linalg.solve(system, force)
        return answer


def keypoint_influence(
    smplify: Smplify,
    keypoints: Keypoints2D,
    fit: BodyEstimate,
    estimate_prior: EstimatePrior | None,
) -> KeypointInfluence:
    """The influence of the keypoints of B fits, all at once.

    Args:
        smplify: whose objective holds the fits, with the σ of its last descent.
        keypoints: of the B samples, with their directions of bones.
        fit: B bodies for the cameras of the keypoints.
        estimate_prior: what holds the fits to an estimate.
    """
    state, depth = BodyState.of(fit), fit.camera_translation[:, 2]
    sigma_px = smplify.profile.refinement[-1].sigma_px
    objective = smplify.objective(keypoints, sigma_px, estimate_prior=estimate_prior)
    stage = BodyStage(
        smplify.body,
        objective,
        depth_start=depth,
        depth_weight=smplify.profile.body_depth_weight or 0.0,
        estimate_prior=estimate_prior,
    )
    evaluation = stage.evaluate(state)
    _, curvature = stage.normal_equations(state, evaluation)
    jacobians = _jacobians(smplify, keypoints, state, evaluation)
    answers = _solved(curvature, jacobians[0].flatten(2)).view_as(jacobians[0])
    projected = project_to_crop(
        evaluation.posed.distinct, state.camera_translation, keypoints.cameras
    )
    weight, force = _pulls(smplify.body, keypoints, projected, objective.robust_sigma_px)
    pixels, joints = jacobians
    leverage = torch.einsum("bnxu,bnyu->buxy", pixels, answers)
    largest = leverage.diagonal(dim1=2, dim2=3).clamp_min(_LEAST_LEVERAGE)
    return KeypointInfluence(
        joints=_compared(smplify.body, evaluation.posed.distinct),
        projected_px=projected,
        leverage=leverage,
        response=torch.einsum("bnkj,bnxu->bujkx", joints, answers).flatten(2, 3),
        # A keypoint cannot account for more than all of its own place.
        weight=torch.minimum(weight, _LARGEST_SHARE / largest),
        force=force,
    )


def _jacobians(
    smplify: Smplify, keypoints: Keypoints2D, state: BodyState, evaluation: BodyEvaluation
) -> tuple[Tensor, Tensor]:
    """Of pixels ``(B, 85, 2, U)``, and of the compared joints in metres ``(B, 85, 3, 14)``."""
    body, posed = smplify.body, evaluation.posed
    turned = posed.bone_rotations
    jacobians = right_jacobian(state.body_pose.reshape(-1, 23, 3))
    frames = torch.cat([turned[:, :1], turned[:, 1:] @ jacobians], dim=1)
    rows = projection_rows(posed.distinct, state.camera_translation, keypoints.cameras)
    pixels = body.row_derivatives(posed, rows, frames)
    axes = torch.eye(3, dtype=body.dtype, device=body.device)[None, :, :, None]
    in_space = body.row_derivatives(posed, axes.expand(len(rows), 3, 3, body.num_distinct), frames)
    # The camera moves no joint of the body against the others.
    in_space[:, 82:] = 0
    return pixels, in_space[..., body.distinct_of_keypoint[list(COMPARED_KEYPOINTS)]]


def _pulls(
    body: KeypointBody, keypoints: Keypoints2D, projected: Tensor, sigma_px: float | Tensor
) -> tuple[Tensor, Tensor]:
    """W_u and f_u of the distinct keypoints, ``(B, U, 2)`` each."""
    residual = projected[:, body.distinct_of_keypoint] - keypoints.positions_crop_px
    weight = keypoints.body_confidence[..., None] ** 2 * robust_weight(residual, sigma_px)
    identity = torch.eye(body.num_distinct, dtype=body.dtype, device=body.device)
    to_distinct = identity[:, body.distinct_of_keypoint]
    return to_distinct @ weight, to_distinct @ (weight * residual)


def _compared(body: KeypointBody, distinct: Tensor) -> Tensor:
    return distinct[:, body.distinct_of_keypoint[list(COMPARED_KEYPOINTS)]]


def _solved(curvature: Tensor, right: Tensor) -> Tensor:
    """H⁻¹ of the columns of ``right`` ``(B, 85, M)``, in double precision."""
    size = curvature.shape[-1]
    matrix = curvature.double() + SMALLEST_CURVATURE * torch.eye(
        size, dtype=torch.float64, device=curvature.device
    )
    factor = torch.linalg.cholesky_ex(matrix).L
    return torch.cholesky_solve(right.double(), factor).to(right.dtype)
