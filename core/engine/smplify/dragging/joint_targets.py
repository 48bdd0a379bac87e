"""Places for joints in space, as a term of the solver: what a dragged body is drawn by.

    E_p = Σ_h ρ(q_h)        q_h = (X_h − p_h)ᵀ Ω_h (X_h − p_h)        X_h = c_h + t            px²
    ρ(q) = 2 c_h (√(1 + q / c_h) − 1)

for the joints h that are held, c_h where the pose has joint h, t the translation of the body and
p_h where the joint belongs, all in the crop's frame. Ω_h in px²/m² need not be the same in all
directions: along the line of sight a dragged joint is held less. ρ is q near 0 and grows like √q
from c_h on, so that a place that no body reaches draws with a force that has a limit, √(c_h Ω_h).
docs/method.md, "Dragging a body". Source: Charbonnier et al. 1997 for ρ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic

from core.body.kinematics import PosedBones
from core.engine.body.joint_levers import joints_by_turns
from core.errors import ShapeError
from core.geometry.array_namespace import (
    ArrayT,
    array_namespace,
    identity_like,
)


@dataclass(frozen=True, eq=False)
class JointTargets(Generic[ArrayT]):
    """Where H joints of B bodies belong, and how much that counts.

    joints: the H joints, 0 to 23.
    places_m: (B, H, 3) metres in the crop's frame, the translation included.
    weights: (B, H, 3, 3) px²/m², symmetric, none below 0 in any direction.
    bounds: (H,) px², c_h; infinite for a joint that is held by plain squares.

    Raises:
        ShapeError: the shapes do not belong together.
    """

    joints: tuple[int, ...]
    places_m: ArrayT
    weights: ArrayT
    bounds: ArrayT

    def __post_init__(self) -> None:
        expected = (len(self.places_m), len(self.joints), 3)
        if tuple(self.places_m.shape) != expected:
            raise ShapeError("places_m", actual=self.places_m.shape, expected=str(expected))
        if tuple(self.weights.shape) != (*expected, 3):
            raise ShapeError("weights", actual=self.weights.shape, expected=str((*expected, 3)))
        if tuple(self.bounds.shape) != expected[1:2]:
            raise ShapeError("bounds", actual=self.bounds.shape, expected=str(expected[1:2]))

    def energy(self, bones: PosedBones[ArrayT], translation: ArrayT) -> ArrayT:
        """E_p ``(B,)`` of posed bones and translations ``(B, 3)`` in metres."""
        xp = array_namespace(translation)
        square = self._square(self._error(bones, translation))
        # 2 c (√(1 + q / c) − 1) without the difference, which cancels and has no value at c = ∞.
        energy: ArrayT = xp.sum(2 * square / (1 + xp.sqrt(1 + square / self.bounds)), axis=1)
        return energy

    def normal_equations(
        self, bones: PosedBones[ArrayT], translation: ArrayT, joint_frames: ArrayT
    ) -> tuple[ArrayT, ArrayT]:
        """Halved gradient ``(B, 75)`` and Gauss–Newton curvature ``(B, 75, 75)`` of E_p.

        Args:
            bones: of the bodies.
            translation: ``(B, 3)`` metres.
            joint_frames: ``(B, 24, 3, 3)``, what maps the coordinates of a joint to a small turn in
                the body's frame, as ``KeypointBody.row_derivatives`` takes them.

        Returns:
            By 72 coordinates of joints, then the translation.
        """
        xp = array_namespace(translation)
        jacobian = self._jacobian(bones, joint_frames)
        by_unknown = xp.matrix_transpose(jacobian)
        error = self._error(bones, translation)
        # ½ ∂ρ(q) = ρ' Ω e ∂e with ρ' = 1 / √(1 + q / c); its curvature leaves ρ'' out, which is
        # negative and would take the definiteness.
        slope = 1 / xp.sqrt(1 + self._square(error) / self.bounds)
        weights = slope[..., None, None] * self.weights
        forces = xp.reshape(weights @ error[..., None], (len(error), -1, 1))
        gradient = (by_unknown @ forces)[..., 0]
        # Ω_h J_h, row by row of the joints: (B, H, 3, 3) @ (B, H, 3, 75)
        of_joints = xp.reshape(jacobian, (len(jacobian), -1, 3, jacobian.shape[-1]))
        weighted = xp.reshape(weights @ of_joints, jacobian.shape)
        return gradient, by_unknown @ weighted

    def _error(self, bones: PosedBones[ArrayT], translation: ArrayT) -> Any:
        """``(B, H, 3)`` metres, X_h − p_h."""
        reached = bones.joints[:, list(self.joints)] + translation[:, None]
        return reached - self.places_m

    def _square(self, error: Any) -> Any:
        """q_h ``(B, H)`` px²."""
        pulled = (self.weights @ error[..., None])[..., 0]
        return array_namespace(error).sum(error * pulled, axis=-1)

    def _jacobian(self, bones: PosedBones[ArrayT], joint_frames: ArrayT) -> Any:
        """∂X_h ``(B, 3·H, 75)``; exact, since joints do not depend on the pose blend shapes."""
        xp = array_namespace(joint_frames)
        by_turns = joints_by_turns(bones.joints, joint_frames, self.joints)
        batch, count = by_turns.shape[:2]
        by_shift = xp.broadcast_to(identity_like(joint_frames, 3), (batch, count, 3, 3))
        return xp.reshape(xp.concat([by_turns, by_shift], axis=3), (batch, 3 * count, -1))
