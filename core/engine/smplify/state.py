"""Where a solver stands: an estimate whose body pose is written as rotation vectors."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.kinematics import rooted_rotations
from core.engine.smplify.inputs import BodyEstimate
from core.geometry.rotation_jacobian import rotation_and_right_jacobian
from core.geometry.rotations import matrix_to_axis_angle, wrap_rotation_vector


@dataclass(frozen=True, eq=False)
class BodyState:
    """B bodies in their crops' cameras.

    The pose prior is quadratic in rotation vectors, so the solver works in them; only the root is a
    matrix, because it may turn past 180°.

    root: (B, 3, 3); body_pose: (B, 69) radians; betas: (B, 10); camera_translation: (B, 3) metres.
    """

    root: Tensor
    body_pose: Tensor
    betas: Tensor
    camera_translation: Tensor

    @classmethod
    def of(cls, estimate: BodyEstimate) -> BodyState:
        """The state at an estimate, the angles of its body in [0, π] radians."""
        return cls(
            estimate.rotations[:, 0],
            matrix_to_axis_angle(estimate.rotations[:, 1:]).flatten(1),
            estimate.betas,
            estimate.camera_translation,
        )

    @property
    def pose_matrices(self) -> Tensor:
        """All rotations relative to the parent, root first: ``(B, 24, 3, 3)``."""
        return rooted_rotations(self.root, self.body_pose)

    def matrices_and_jacobians(self) -> tuple[Tensor, Tensor]:
        """``pose_matrices``, and J_r ``(B, 23, 3, 3)`` of the joints below the root."""
        vectors = self.body_pose.reshape(-1, 23, 3)
        rotations, right_jacobians = rotation_and_right_jacobian(vectors)
        return torch.cat([self.root[:, None], rotations], dim=1), right_jacobians

    def estimate(self) -> BodyEstimate:
        """The same bodies with every rotation as a matrix."""
        return BodyEstimate(self.pose_matrices, self.betas, self.camera_translation)


def moved_state(state: BodyState, step: Tensor) -> BodyState:
    """The state after a step ``(B, 85)``: turns of the root, then of the body, betas, translation.

    A full turn means nothing to the body, but it would count in the pose prior, which is quadratic
    in θ. So angles are wrapped into [0, π] here, before the cost of the step is judged.
    """
    body_pose = (state.body_pose + step[:, 3:72]).reshape(-1, 23, 3)
    return BodyState(
        state.root @ rotation_and_right_jacobian(step[:, :3])[0],
        wrap_rotation_vector(body_pose).reshape(-1, 69),
        state.betas + step[:, 72:82],
        state.camera_translation + step[:, 82:],
    )
