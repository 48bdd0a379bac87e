"""A body that is dragged, as a problem for the second-order solver.

The step has 75 unknowns; the shape stays::

    step = [ δ_root 3 | δ_θ 69 | δ_t 3 ]

    root ← root exp(δ_root)      θ ← wrap(θ + δ_θ)      t ← t + δ_t

and the objective is, with * for the body that was there when the drag began::

    E = E_p + w_θ ½ (θ − θ*)ᵀ Σ_k⁻¹ (θ − θ*) + w_a Σ_i b(s_i θ_i) + Σ_j w_j |τ_j|²        px²
    b(x) = exp(2x) − exp(2x*) (1 + 2 (x − x*))

E_p is that of ``joint_targets``; k is the component of the pose prior that is least at θ*, so its
covariance says which joints of people move together; b is the angle prior less its tangent; and the
last term is ``EstimatePrior``'s pull to the former rotations. Every term but E_p is least at the
former body, so what need not move stays. docs/method.md, "Dragging a body". Sources: Bogo et al.
2016, section 3.2, for the priors; Bregman 1967 for taking off the tangent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.body.kinematics import BodyKinematics, PosedBones
from core.engine.smplify.angle_prior import BENDING_ANGLES, BENDING_SIGNS, bending_penalties
from core.engine.smplify.dragging.joint_targets import JointTargets
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.state import BodyState
from core.geometry.rotation_jacobian import right_jacobian
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    wrap_rotation_vector,
)
from core.runs.fitting_profiles import ObjectiveWeights

_ROOT = slice(0, 3)
_BODY = slice(3, 72)
_TURNS = slice(0, 72)
_SHIFT = slice(72, 75)
_BENDING = [_BODY.start + angle for angle in BENDING_ANGLES]


@dataclass(frozen=True, eq=False)
class DragEvaluation:
    """The objective at a state, with what its derivatives are made of.

    cost: (B,) px². bones: of the bodies. turns: (B, 24, 3) radians, τ_j from the former body.
    """

    cost: Tensor
    bones: PosedBones[Tensor]
    turns: Tensor


class DragStage:
    """The problem of B dragged bodies of one shape each; ``minimise`` works on their state."""

    def __init__(
        self,
        kinematics: BodyKinematics[Tensor],
        prior: PosePrior,
        former: BodyState,
        targets: JointTargets,
        stiffness: Tensor,
    ) -> None:
        """Take what the bodies are drawn by.

        Args:
            kinematics: of the body, in the precision of the state.
            prior: of poses.
            former: the bodies that were there when the drag began.
            targets: where joints belong.
            stiffness: ``(24,)`` or ``(B, 24)`` px²/rad², w_j.
        """
        self._kinematics, self._former = kinematics, former
        self._targets, self._stiffness = targets, stiffness
        self._former_rotations = former.pose_matrices
        weights = ObjectiveWeights()
        mixture = prior.components(dtype=former.body_pose.dtype, device=former.body_pose.device)
        component = prior.evaluate(former.body_pose).component
        # w_θ Σ_k⁻¹ / 2, the curvature of the prior's term, halved: (B, 69, 69)
        self._pose_curvature = weights.pose_prior / 2 * mixture.precisions[component]
        self._angle_weight = weights.angle_prior
        self._signs = former.body_pose.new_tensor(BENDING_SIGNS)
        self._former_penalties = bending_penalties(former.body_pose)

    def with_targets(self, targets: JointTargets) -> DragStage:
        """The same bodies drawn elsewhere."""
        other = object.__new__(DragStage)
        other.__dict__.update(self.__dict__)
        other._targets = targets
        return other

    def evaluate(self, state: BodyState) -> DragEvaluation:
        """The objective of a state."""
        matrices = state.pose_matrices
        bones = self._kinematics.posed(matrices, state.betas)
        turns = matrix_to_axis_angle(self._former_rotations.transpose(-1, -2) @ matrices)
        offset = self._offset(state)
        cost = (
            self._targets.energy(bones, state.camera_translation)
            + (offset * (self._pose_curvature @ offset[..., None])[..., 0]).sum(1)
            + self._angle_weight * self._bending(state, offset).sum(1)
            + (self._stiffness * (turns**2).sum(-1)).sum(-1)
        )
        return DragEvaluation(cost, bones, turns)

    def normal_equations(
        self, state: BodyState, evaluation: DragEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 75)``, exact, and Gauss–Newton curvature ``(B, 75, 75)``."""
        right_jacobians = right_jacobian(state.body_pose.reshape(-1, 23, 3))
        bones = evaluation.bones
        frames = torch.cat(
            [bones.rotations[:, :1], bones.rotations[:, 1:] @ right_jacobians], dim=1
        )
        gradient, curvature = self._targets.normal_equations(
            bones, state.camera_translation, frames
        )
        self._add_priors(gradient, curvature, state)
        self._add_pull(gradient, curvature, evaluation.turns, right_jacobians)
        return gradient, curvature

    def moved(self, state: BodyState, step: Tensor) -> BodyState:
        """The state after a step ``(B, 75)``, the body's angles wrapped into [0, π]."""
        body_pose = (state.body_pose + step[:, _BODY]).reshape(-1, 23, 3)
        return replace(
            state,
            root=state.root @ axis_angle_to_matrix(step[:, _ROOT]),
            body_pose=wrap_rotation_vector(body_pose).reshape(-1, 69),
            camera_translation=state.camera_translation + step[:, _SHIFT],
        )

    def _offset(self, state: BodyState) -> Tensor:
        """θ − θ* ``(B, 69)``."""
        return state.body_pose - self._former.body_pose

    def _bending(self, state: BodyState, offset: Tensor) -> Tensor:
        """What b is at the four joints that bend one way, ``(B, 4)``."""
        beyond = 2 * self._signs * offset[:, list(BENDING_ANGLES)]
        return bending_penalties(state.body_pose) - self._former_penalties * (1 + beyond)

    def _add_priors(self, gradient: Tensor, curvature: Tensor, state: BodyState) -> None:
        """Add half the derivatives of the two priors, in place."""
        gradient[:, _BODY] += (self._pose_curvature @ self._offset(state)[..., None])[..., 0]
        curvature[:, _BODY, _BODY] += self._pose_curvature
        # ½ b' = s (exp(2 s θ) − exp(2 s θ*)),   ½ b'' = 2 exp(2 s θ), positive everywhere.
        penalties = self._angle_weight * bending_penalties(state.body_pose)
        former = self._angle_weight * self._former_penalties
        gradient[:, _BENDING] += self._signs * (penalties - former)
        curvature.diagonal(dim1=1, dim2=2)[:, _BENDING] += 2 * penalties

    def _add_pull(
        self, gradient: Tensor, curvature: Tensor, turns: Tensor, right_jacobians: Tensor
    ) -> None:
        """Add half the derivatives of Σ_j w_j |τ_j|², in place, as ``BodyStage`` has them."""
        weights = self._stiffness.expand(len(turns), 24)[..., None, None]
        identity = torch.eye(3).to(right_jacobians).expand(len(turns), 1, 3, 3)
        by_unknown = torch.cat([identity, right_jacobians], dim=1)
        pulled = weights * by_unknown.transpose(-1, -2)
        gradient[:, _TURNS] += (pulled @ turns[..., None]).flatten(1)
        blocks = (pulled @ by_unknown).permute(0, 2, 3, 1)
        of_joints = curvature[:, _TURNS, _TURNS].view(-1, 24, 3, 24, 3)
        of_joints.diagonal(dim1=1, dim2=3).add_(blocks)
