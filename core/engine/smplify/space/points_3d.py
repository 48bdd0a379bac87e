"""Points in space that bodies are fitted to, and how exactly they are known.

A point that is known to σ metres along each axis weighs w = σ_k² / σ², in px²/m², with σ_k the
noise of a keypoint in px: the unit in which the priors are weighed (docs/method.md, "Fitting to
points in space"). Confidences, where there are any, multiply w.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.errors import ShapeError, StudioError
from core.types.arrays import NUM_JOINTS, NUM_KEYPOINTS

KEYPOINT_NOISE_PX = 5.0
"""σ_k, the noise that SMPLify's weights of the priors go with (``direction_starts``)."""


@dataclass(frozen=True, eq=False)
class Points3D:
    """Points of B bodies, in metres, in one frame a body: a camera's, or its axes about any origin.

    keypoints_m: (B, 49, 3), and keypoint_weights: (B, 49) px²/m², 0 where a keypoint is not known.
    joints_m: (B, 24, 3), SMPL's own joints, and joint_weights: (B, 24) px²/m².

    Raises:
        ShapeError: a tensor has another shape.
    """

    keypoints_m: Tensor
    keypoint_weights: Tensor
    joints_m: Tensor
    joint_weights: Tensor

    def __post_init__(self) -> None:
        batch = len(self.keypoints_m)
        for name, shape in (
            ("keypoints_m", (batch, NUM_KEYPOINTS, 3)),
            ("keypoint_weights", (batch, NUM_KEYPOINTS)),
            ("joints_m", (batch, NUM_JOINTS, 3)),
            ("joint_weights", (batch, NUM_JOINTS)),
        ):
            actual = tuple(getattr(self, name).shape)
            if actual != shape:
                raise ShapeError(name, actual=actual, expected=str(shape))

    @classmethod
    def of_keypoints(cls, keypoints: Tensor, *, sigma_m: float) -> Points3D:
        """Keypoints ``(B, 49, 4)``, metres and confidence, known to ``sigma_m`` along each axis."""
        if keypoints.ndim != 3 or keypoints.shape[1:] != (NUM_KEYPOINTS, 4):
            raise ShapeError("keypoints", actual=keypoints.shape, expected="(B, 49, 4)")
        batch = len(keypoints)
        return cls(
            keypoints[..., :3],
            weight_of(sigma_m) * keypoints[..., 3],
            keypoints.new_zeros(batch, NUM_JOINTS, 3),
            keypoints.new_zeros(batch, NUM_JOINTS),
        )

    @classmethod
    def of_joints(cls, joints_m: Tensor, *, sigma_m: float) -> Points3D:
        """SMPL's joints ``(B, 24, 3)`` in metres, all of them known to ``sigma_m``."""
        if joints_m.ndim != 3 or joints_m.shape[1:] != (NUM_JOINTS, 3):
            raise ShapeError("joints_m", actual=joints_m.shape, expected="(B, 24, 3)")
        batch = len(joints_m)
        return cls(
            joints_m.new_zeros(batch, NUM_KEYPOINTS, 3),
            joints_m.new_zeros(batch, NUM_KEYPOINTS),
            joints_m,
            joints_m.new_full((batch, NUM_JOINTS), weight_of(sigma_m)),
        )

    def __len__(self) -> int:
        return len(self.keypoints_m)

    def to(self, *, device: torch.device, dtype: torch.dtype) -> Points3D:
        """The same points on another device or in another precision."""
        return Points3D(
            *(
                part.to(device=device, dtype=dtype)
                for part in (
                    self.keypoints_m,
                    self.keypoint_weights,
                    self.joints_m,
                    self.joint_weights,
                )
            )
        )

    @property
    def known(self) -> Tensor:
        """How many points of each body are known, ``(B,)``."""
        return (self.keypoint_weights > 0).sum(1) + (self.joint_weights > 0).sum(1)


def weight_of(sigma_m: float) -> float:
    """W = σ_k² / σ² in px²/m²; raises ``StudioError`` where σ is not above 0."""
    if not sigma_m > 0:
        raise StudioError(
            f"Points in space are known to {sigma_m} m.", remedy="Give a number above 0."
        )
    return (KEYPOINT_NOISE_PX / sigma_m) ** 2
