"""A pull toward an estimate: the regressor as a prior on root, pose, betas and depth.

    E_pull = Σ_j joint_weights_j |τ_j|² + Σ_i betas_weights_i (β_i − β*_i)²
             + depth_weight (t_z − t*_z)²                              τ_j = log(R*_jᵀ R_j)

with * for the estimate, the ``target``. The paper has no such term. A lower 2D objective is not a
better body: from a good start more iterations make the 3D error worse, and this pull takes a third
off it.

For a keypoint with standard deviation σ_k along one axis, in px, and an estimate with standard
deviation σ_e, in rad, in m for the depth or a plain number for a beta::

    weight = 2 σ_k² / σ_e²

The objective is −2 σ_k² log p of a body, in which Bayes' rule would weigh the estimate by
σ_k² / σ_e²; this weight is twice that. Whether the factor should be two is an open question. All
measurements were made with it, so it stays. docs/method.md, "The pull toward an estimate".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate
from core.errors import ShapeError, StudioError
from core.geometry.crop_camera import CropCameras
from core.geometry.rotations import matrix_to_axis_angle
from core.geometry.row_selection import take_rows

LEAST_SQUARE = 1e-9
"""An error of exactly 0, as of a single sample that is its own fit, must not divide by zero."""

_AXES = 3
"""A rotation's squared angle is the sum of three variances, one about each axis."""


@dataclass(frozen=True, eq=False)
class EstimatePrior:
    """Which bodies fits are pulled toward, and how strongly; weights are shared or of each body.

    target: B bodies in their crops' cameras.
    joint_weights: (24,) or (B, 24) px²/rad², on the angle between the rotation of each joint and
        the target's, root first.
    betas_weights: (10,) or (B, 10) px².
    depth_weight: () or (B,) px²/m².
    pose_prior_share: how much of its own weight SMPLify's pose prior keeps beside this one, above
        0 and at most 1. An estimate by a network that has learnt from poses knows that prior too,
        and what is known twice should not count twice.

    Raises:
        ShapeError: a weight has another shape.
        StudioError: the share is not above 0 and at most 1.
    """

    target: BodyEstimate
    joint_weights: Tensor
    betas_weights: Tensor
    depth_weight: Tensor
    pose_prior_share: float = 1.0

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
        if not 0 < self.pose_prior_share <= 1:
            raise StudioError(
                f"The share of the pose prior is {self.pose_prior_share}.",
                remedy="Choose one above 0 and at most 1.",
            )

    @classmethod
    def uniform(
        cls,
        target: BodyEstimate,
        *,
        root: float = 300.0,
        pose: float = 300.0,
        betas: float = 20.0,
        depth: float = 1.0,
        cameras: CropCameras[Tensor] = LONG_LENSES,
    ) -> EstimatePrior:
        """One weight each for the root, all other joints, all betas, and the depth.

        root and pose are in px²/rad², betas in px², depth in px²/m² before the long lens. 300
        px²/rad² stand for a keypoint noise of 2 px and an estimate that is 9° off about each axis.
        The cameras are those of the bodies, B of them or one for all.
        """
        like = target.betas
        joint_weights = like.new_full((24,), pose)
        joint_weights[0] = root
        ratio = cameras.long_lens_ratio.to(like).expand(len(target))
        return cls(target, joint_weights, like.new_full((10,), betas), depth * ratio**2)

    def between_cameras(
        self, cameras: CropCameras[Tensor], to_cameras: CropCameras[Tensor]
    ) -> EstimatePrior:
        """The same prior for bodies under other cameras of their crops, B or one of either."""
        if cameras is to_cameras:
            return self
        squared = (to_cameras.long_lens_ratio / cameras.long_lens_ratio) ** 2
        return replace(
            self,
            target=self.target.between_cameras(cameras, to_cameras),
            depth_weight=self.depth_weight * squared.to(self.target.betas),
        )

    def to(self, *, device: torch.device, dtype: torch.dtype) -> EstimatePrior:
        """The same prior on another device or in another precision."""
        return replace(
            self,
            target=self.target.to(device=device, dtype=dtype),
            joint_weights=self.joint_weights.to(device=device, dtype=dtype),
            betas_weights=self.betas_weights.to(device=device, dtype=dtype),
            depth_weight=self.depth_weight.to(device=device, dtype=dtype),
        )

    def of_rows(self, rows: Tensor) -> EstimatePrior:
        """The prior of some of the bodies, those at the indices ``rows`` ``(N,)``."""
        rows = rows.to(self.target.betas.device)

        def of_each(weights: Tensor, shared: int) -> Tensor:
            # A shared weight has no dimension for the bodies, so it stays as it is.
            return weights if weights.ndim == shared else weights[rows]

        return replace(
            self,
            target=take_rows(self.target, rows),
            joint_weights=of_each(self.joint_weights, 1),
            betas_weights=of_each(self.betas_weights, 1),
            depth_weight=of_each(self.depth_weight, 0),
        )

    def turns(self, pose_matrices: Tensor) -> Tensor:
        """τ_j = log(R*_jᵀ R_j), ``(B, 24, 3)`` radians, of poses R ``(B, 24, 3, 3)``.

        R_j = R*_j exp(τ_j): the turn from the target to the pose in the joint's own frame, with an
        angle in [0, π]. So the pull does not depend on the vectors that a rotation is written with.
        """
        return matrix_to_axis_angle(self.target.rotations.transpose(-1, -2) @ pose_matrices)

    def energy(self, turns: Tensor, betas: Tensor, translation: Tensor) -> Tensor:
        """E_pull ``(B,)`` in px².

        Args:
            turns: ``(B, 24, 3)`` radians, from ``turns``.
            betas: ``(B, 10)``.
            translation: ``(B, 3)`` metres, of which only the depth counts: keypoints tell the rest.
        """
        # (B, 24, 3) -> |τ_j|² (B, 24) -> (B,); weights of (24,) serve all bodies.
        pose = (self.joint_weights * (turns**2).sum(-1)).sum(-1)
        shape = (self.betas_weights * (betas - self.target.betas) ** 2).sum(-1)
        depth_error = translation[:, 2] - self.target.camera_translation[:, 2]
        energy: Tensor = pose + shape + self.depth_weight * depth_error**2
        return energy


def joint_weights(squares: Tensor, *, keypoint_noise_px: float, largest_weight: float) -> Tensor:
    """The weights ``(…, 24)`` px²/rad² of joints with mean squared errors ``(…, 24)`` in rad²."""
    one_axis = squares.clamp_min(LEAST_SQUARE) / _AXES
    return (2 * keypoint_noise_px**2 / one_axis).clamp_max(largest_weight)
