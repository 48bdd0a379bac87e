"""Where a solver stands: an estimate whose body pose is written as rotation vectors."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.body.kinematics import rooted_rotations
from core.engine.smplify.inputs import BodyEstimate
from core.geometry.rotations import matrix_to_axis_angle


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

    def estimate(self) -> BodyEstimate:
        """The same bodies with every rotation as a matrix."""
        return BodyEstimate(self.pose_matrices, self.betas, self.camera_translation)
