"""Half the derivatives of the priors, by the 85 unknowns of a body (``body_stage``).

Gradients are exact; curvatures are positive definite. docs/method.md, "One step of the solver".
"""

from __future__ import annotations

from torch import Tensor

from core.engine.smplify.angle_prior import BENDING_ANGLES, BENDING_SIGNS, bending_penalties
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.state import BodyState

_BODY = slice(3, 72)
_BETAS = slice(72, 82)
_DEPTH = 84
_BENDING = [_BODY.start + angle for angle in BENDING_ANGLES]


def priors_equations(
    state: BodyState, prior: PosePrior, weights: tuple[Tensor, Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """Half the derivatives of 4.78² E_θ + 15.2² E_a + 5² |β|², which others are then added to.

    Args:
        state: of B bodies.
        prior: of poses.
        weights: of pose, angle and shape prior, each ``(B,)`` px².

    Returns:
        Gradient ``(B, 85)`` and curvature ``(B, 85, 85)``.
    """
    # (B, 1), to weigh rows of numbers.
    pose_weight, angle_weight, shape_weight = (weight[:, None] for weight in weights)
    at_pose = prior.evaluate(state.body_pose)
    mixture = prior.components(dtype=state.body_pose.dtype, device=state.body_pose.device)
    # E_θ holds ½ of the quadratic form itself, so half of its derivatives are
    # ½ Σ_k⁻¹ (θ − μ_k) and ½ Σ_k⁻¹, with k the component that is least at θ.
    half_prior = pose_weight / 2
    gradient = state.body_pose.new_zeros(len(half_prior), 85)
    gradient[:, _BODY] = half_prior * at_pose.gradient
    curvature = mixture.precisions_of_steps.index_select(0, at_pose.component)
    curvature *= half_prior[..., None]
    diagonal = curvature.diagonal(dim1=1, dim2=2)
    # q = exp(2 s θ): ½ q' = s q, ½ q'' = 2 s² q = 2 q because s is ±1. Positive everywhere.
    penalties = angle_weight * bending_penalties(state.body_pose)
    gradient[:, _BENDING] += gradient.new_tensor(BENDING_SIGNS) * penalties
    diagonal[:, _BENDING] += 2 * penalties
    # ½ ∂|β|² = β, ½ ∂² = I.
    gradient[:, _BETAS] = shape_weight * state.betas
    diagonal[:, _BETAS] = shape_weight
    return gradient, curvature


def add_estimate_prior(
    estimate_prior: EstimatePrior,
    gradient: Tensor,
    curvature: Tensor,
    state: BodyState,
    *,
    turns: Tensor,
    right_jacobians: Tensor,
) -> None:
    """Add half the derivatives of ``EstimatePrior.energy``, in place.

    turns: ``(B, 24, 3)`` radians, τ_j. right_jacobians: ``(B, 23, 3, 3)``, J_r of the joints.

    A turn d of joint j in its own frame takes τ_j to log(exp(τ_j) exp(d)) ≈ τ_j + J_r(τ_j)⁻¹ d.
    Half the gradient of w |τ|² by d is w J_r(τ)⁻ᵀ τ = w τ, exactly, because J_r(τ) and its
    transpose leave τ as it is. The curvature takes J_r(τ)⁻¹ for the identity, which it is at
    the target; it remains positive definite, and the minimum stays where it is.
    """
    joint_weights = estimate_prior.joint_weights.expand(len(turns), 24)
    gradient[:, :3] += joint_weights[:, :1] * turns[:, 0]
    # Since d = J_r(θ_j) dθ_j, the gradient by θ_j is w_j J_rᵀ τ_j, and the curvature
    # w_j J_rᵀ J_r in the joint's own 3 × 3 block.
    weighted = joint_weights[:, 1:, None] * turns[:, 1:]
    gradient[:, _BODY] += (weighted[:, :, None] @ right_jacobians).reshape(-1, 69)
    diagonal = curvature.diagonal(dim1=1, dim2=2)
    diagonal[:, :3] += joint_weights[:, :1]
    blocks = joint_weights[:, 1:, None, None] * (
        right_jacobians.transpose(-1, -2) @ right_jacobians
    )
    # (B, 69, 69) is seen as (B, 23, 3, 23, 3). The diagonal over dimensions 1 and 3 is the 23
    # blocks of the joints, and ``diagonal`` puts it last: (B, 3, 3, 23).
    of_body = curvature[:, _BODY, _BODY].view(-1, 23, 3, 23, 3)
    of_body.diagonal(dim1=1, dim2=3).add_(blocks.permute(0, 2, 3, 1))
    gradient[:, _BETAS] += estimate_prior.betas_weights * (
        state.betas - estimate_prior.target.betas
    )
    diagonal[:, _BETAS] += estimate_prior.betas_weights
    depth_error = state.camera_translation[:, 2] - estimate_prior.target.camera_translation[:, 2]
    gradient[:, _DEPTH] += estimate_prior.depth_weight * depth_error
    diagonal[:, _DEPTH] += estimate_prior.depth_weight
