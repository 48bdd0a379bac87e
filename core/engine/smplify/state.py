"""Where a solver stands: like an estimate, but with the root as a matrix."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.geometry.rotation_jacobian import wrap_rotation_vector
from core.engine.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.engine.smplify.inputs import BodyEstimate


@dataclass(frozen=True, eq=False)
class BodyState:
    """B bodies in their crops' cameras.

    root: (B, 3, 3), so that turning past 180° is nothing special; body_pose: (B, 69) radians;
    betas: (B, 10); camera_translation: (B, 3) metres.
    """

    root: Tensor
    body_pose: Tensor
    betas: Tensor
    camera_translation: Tensor

    @classmethod
    def of(cls, estimate: BodyEstimate) -> BodyState:
        """An estimate with its angles wrapped into [0, pi]."""
        pose = wrap_rotation_vector(estimate.pose_axis_angle.reshape(-1, 24, 3))
        return cls(
            axis_angle_to_matrix(pose[:, 0]),
            pose[:, 1:].reshape(-1, 69),
            estimate.betas,
            estimate.camera_translation,
        )

    @property
    def pose_matrices(self) -> Tensor:
        """``(B, 24, 3, 3)``."""
        body = axis_angle_to_matrix(self.body_pose.reshape(-1, 23, 3))
        return torch.cat([self.root[:, None], body], dim=1)

    def estimate(self) -> BodyEstimate:
        """The same with the root as a rotation vector."""
        pose = torch.cat([matrix_to_axis_angle(self.root), self.body_pose], dim=1)
        return BodyEstimate(pose, self.betas, self.camera_translation)
