"""A pull towards an estimate: the regressor as a prior on root, pose, betas and depth.

A lower 2D objective is not a better body: from a good start more iterations make the 3D error
worse, and a quadratic pull towards the start takes a third off it. As a rule a weight is twice the
variance of a keypoint in px² over the variance of the estimate (rad², or m² for the depth), joint
by joint (docs/method.md, "The pull toward an estimate").
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.row_selection import take_rows
from core.errors import ShapeError
from core.geometry.rotations import matrix_to_axis_angle


@dataclass(frozen=True, eq=False)
class EstimatePrior:
    """Where to, and how strongly.

    joint_weights: (24,) or (B, 24) px²/rad² on the angle between each joint's rotation and the
        target's, root first; betas_weights: (10,) or (B, 10) px²; depth_weight: () or (B,) px²/m².
    """

    target: BodyEstimate
    joint_weights: Tensor
    betas_weights: Tensor
    depth_weight: Tensor

    def __post_init__(self) -> None:
        batch = len(self.target)
        for name, shape in (
            ("joint_weights", (24,)),
            ("betas_weights", (10,)),
            ("depth_weight", ()),
        ):
            actual = tuple(getattr(self, name).shape)
            if actual not in (shape, (batch, *shape)):
                raise ShapeError(name, actual=actual, expected=f"{shape} or {(batch, *shape)}")

    @classmethod
    def uniform(
        cls,
        target: BodyEstimate,
        *,
        root: float = 300.0,
        pose: float = 300.0,
        betas: float = 20.0,
        depth: float = 1.0,
    ) -> EstimatePrior:
        """One weight each for the root, all body joints, all betas, and the depth."""
        like = target.betas
        joint_weights = like.new_full((24,), pose)
        joint_weights[0] = root
        return cls(target, joint_weights, like.new_full((10,), betas), like.new_tensor(depth))

    def to(self, *, device: torch.device, dtype: torch.dtype) -> EstimatePrior:
        """The same on another device or in another precision."""
        return EstimatePrior(
            self.target.to(device=device, dtype=dtype),
            self.joint_weights.to(device=device, dtype=dtype),
            self.betas_weights.to(device=device, dtype=dtype),
            self.depth_weight.to(device=device, dtype=dtype),
        )

    def of_rows(self, rows: Tensor) -> EstimatePrior:
        """The pull of some of the bodies, ``rows`` ``(N,)``."""
        rows = rows.to(self.target.betas.device)

        def of_each(weights: Tensor, shared: int) -> Tensor:
            return weights if weights.ndim == shared else weights[rows]

        return EstimatePrior(
            take_rows(self.target, rows),
            of_each(self.joint_weights, 1),
            of_each(self.betas_weights, 1),
            of_each(self.depth_weight, 0),
        )

    def turns(self, pose_matrices: Tensor) -> Tensor:
        """From the target to ``(B, 24, 3, 3)``: rotation vectors ``(B, 24, 3)`` in joint frames."""
        return matrix_to_axis_angle(self.target.rotations.transpose(-1, -2) @ pose_matrices)

    def energy(self, turns: Tensor, betas: Tensor, translation: Tensor) -> Tensor:
        """Weighted sum of squares, ``(B,)``."""
        pose = (self.joint_weights * (turns**2).sum(-1)).sum(-1)
        shape = (self.betas_weights * (betas - self.target.betas) ** 2).sum(-1)
        depth_error = translation[:, 2] - self.target.camera_translation[:, 2]
        energy: Tensor = pose + shape + self.depth_weight * depth_error**2
        return energy
