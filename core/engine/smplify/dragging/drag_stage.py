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

Written for arrays of NumPy and for tensors. The window drags with NumPy: PyTorch lets the
interpreter go in each of its calls and then waits for it, which in a process that draws meanwhile
made three steps take 9 to 30 ms for 3.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic

import numpy as np

from core.body.kinematics import BodyKinematics, PosedBones, rooted_rotations
from core.engine.smplify.angle_prior import BENDING_ANGLES, BENDING_SIGNS, bending_penalties
from core.engine.smplify.dragging.joint_targets import JointTargets
from core.geometry.array_namespace import ArrayT, array_namespace, constant_like, identity_like
from core.geometry.rotation_jacobian import right_jacobian
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    wrap_rotation_vector,
)
from core.runs.fitting_profiles import ObjectiveWeights
from core.types.arrays import NUM_JOINTS

_ROOT = slice(0, 3)
_BODY = slice(3, 72)
_TURNS = slice(0, 72)
_SHIFT = slice(72, 75)
_BENDING = [_BODY.start + angle for angle in BENDING_ANGLES]
_OF_JOINT = np.arange(3 * NUM_JOINTS).reshape(NUM_JOINTS, 3)
_ROWS, _COLUMNS = _OF_JOINT[:, :, None], _OF_JOINT[:, None, :]
"""Of the 3 × 3 blocks of the curvature by the turns of one joint."""


@dataclass(frozen=True, eq=False)
class DragState(Generic[ArrayT]):
    """Where B dragged bodies are, as ``BodyState``.

    root: (B, 3, 3); body_pose: (B, 69) radians; betas: (B, 10); camera_translation: (B, 3) metres.
    """

    root: ArrayT
    body_pose: ArrayT
    betas: ArrayT
    camera_translation: ArrayT

    @property
    def pose_matrices(self) -> ArrayT:
        """All rotations relative to the parent, root first: ``(B, 24, 3, 3)``."""
        return rooted_rotations(self.root, self.body_pose)


@dataclass(frozen=True, eq=False)
class DragEvaluation(Generic[ArrayT]):
    """The objective at a state, with what its derivatives are made of.

    cost: (B,) px². bones: of the bodies. turns: (B, 24, 3) radians, τ_j from the former body.
    """

    cost: ArrayT
    bones: PosedBones[ArrayT]
    turns: ArrayT


class DragStage(Generic[ArrayT]):
    """The problem of B dragged bodies of one shape each; ``minimise`` works on their state."""

    def __init__(
        self,
        kinematics: BodyKinematics[ArrayT],
        former: DragState[ArrayT],
        targets: JointTargets[ArrayT],
        *,
        pose_precisions: ArrayT,
        stiffness: ArrayT,
    ) -> None:
        """Take what the bodies are drawn by.

        Args:
            kinematics: of the body, in the precision of the state.
            former: the bodies that were there when the drag began.
            targets: where joints belong.
            pose_precisions: ``(B, 69, 69)`` per rad², Σ_k⁻¹.
            stiffness: ``(24,)`` or ``(B, 24)`` px²/rad², w_j.
        """
        self._kinematics, self._former = kinematics, former
        self._targets, self._stiffness = targets, stiffness
        self._former_inverses = array_namespace(former.root).matrix_transpose(former.pose_matrices)
        weights = ObjectiveWeights()
        # w_θ Σ_k⁻¹ / 2, the curvature of the prior's term, halved: (B, 69, 69)
        self._pose_curvature = weights.pose_prior / 2 * pose_precisions
        self._angle_weight = weights.angle_prior
        self._signs = constant_like(former.body_pose, BENDING_SIGNS)
        self._former_penalties = bending_penalties(former.body_pose)

    def with_targets(self, targets: JointTargets[ArrayT]) -> DragStage[ArrayT]:
        """The same bodies drawn elsewhere."""
        other = object.__new__(DragStage)
        other.__dict__.update(self.__dict__)
        other._targets = targets
        return other

    def evaluate(self, state: DragState[ArrayT]) -> DragEvaluation[ArrayT]:
        """The objective of a state."""
        xp = array_namespace(state.body_pose)
        matrices = state.pose_matrices
        bones = self._kinematics.posed(matrices, state.betas)
        turns = matrix_to_axis_angle(self._former_inverses @ matrices)
        offset = self._offset(state)
        cost = (
            self._targets.energy(bones, state.camera_translation)
            + xp.sum(offset * (self._pose_curvature @ offset[..., None])[..., 0], axis=1)
            + self._angle_weight * xp.sum(self._bending(state, offset), axis=1)
            + xp.sum(self._stiffness * xp.sum(turns**2, axis=-1), axis=-1)
        )
        return DragEvaluation(cost, bones, turns)

    def normal_equations(
        self, state: DragState[ArrayT], evaluation: DragEvaluation[ArrayT]
    ) -> tuple[ArrayT, ArrayT]:
        """Halved gradient ``(B, 75)``, exact, and Gauss–Newton curvature ``(B, 75, 75)``."""
        xp = array_namespace(state.body_pose)
        body = xp.reshape(state.body_pose, (len(state.body_pose), -1, 3))
        # What a coordinate of a joint turns it by, in its own frame; the root's are its turns.
        of_root = xp.broadcast_to(identity_like(body, 3), (len(body), 1, 3, 3))
        by_coordinate = xp.concat([of_root, right_jacobian(body)], axis=1)
        bones = evaluation.bones
        gradient, curvature = self._targets.normal_equations(
            bones, state.camera_translation, bones.rotations @ by_coordinate
        )
        self._add_priors(gradient, curvature, state)
        self._add_pull(gradient, curvature, evaluation.turns, by_coordinate)
        return gradient, curvature

    def moved(self, state: DragState[ArrayT], step: ArrayT) -> DragState[ArrayT]:
        """The state after a step ``(B, 75)``, the body's angles wrapped into [0, π]."""
        xp = array_namespace(step)
        body_pose = xp.reshape(state.body_pose + step[:, _BODY], (len(step), -1, 3))
        return replace(
            state,
            root=state.root @ axis_angle_to_matrix(step[:, _ROOT]),
            body_pose=xp.reshape(wrap_rotation_vector(body_pose), (len(step), -1)),
            camera_translation=state.camera_translation + step[:, _SHIFT],
        )

    def _offset(self, state: DragState[ArrayT]) -> Any:
        """θ − θ* ``(B, 69)``."""
        return state.body_pose - self._former.body_pose

    def _bending(self, state: DragState[ArrayT], offset: Any) -> Any:
        """What b is at the four joints that bend one way, ``(B, 4)``."""
        beyond = 2 * self._signs * offset[:, list(BENDING_ANGLES)]
        return bending_penalties(state.body_pose) - self._former_penalties * (1 + beyond)

    def _add_priors(self, gradient: Any, curvature: Any, state: DragState[ArrayT]) -> None:
        """Add half the derivatives of the two priors, in place."""
        gradient[:, _BODY] += (self._pose_curvature @ self._offset(state)[..., None])[..., 0]
        curvature[:, _BODY, _BODY] += self._pose_curvature
        # ½ b' = s (exp(2 s θ) − exp(2 s θ*)),   ½ b'' = 2 exp(2 s θ), positive everywhere.
        penalties = bending_penalties(state.body_pose)
        excess = self._angle_weight * (penalties - self._former_penalties)
        gradient[:, _BENDING] += self._signs * excess
        curvature[:, _BENDING, _BENDING] += 2 * self._angle_weight * penalties

    def _add_pull(
        self, gradient: Any, curvature: Any, turns: ArrayT, by_coordinate: ArrayT
    ) -> None:
        """Add half the derivatives of Σ_j w_j |τ_j|², in place, as ``BodyStage`` has them."""
        xp = array_namespace(turns)
        pulled = self._stiffness[..., None, None] * xp.matrix_transpose(by_coordinate)
        gradient[:, _TURNS] += xp.reshape(pulled @ turns[..., None], (len(turns), -1))
        curvature[:, _ROWS, _COLUMNS] += pulled @ by_coordinate
