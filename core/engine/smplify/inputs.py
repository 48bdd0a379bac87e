"""What SMPLify is given and what it gives back: keypoints of a crop, estimates of bodies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.conventions import IGNORED_KEYPOINTS
from core.body.usable_keypoints import MIN_USABLE_KEYPOINTS
from core.errors import ShapeError
from core.types.arrays import NUM_KEYPOINTS
from core.types.bodies import BodyParameters


def _expect(name: str, tensor: Tensor, expected: tuple[int, ...]) -> None:
    if tuple(tensor.shape) != expected:
        raise ShapeError(name, actual=tensor.shape, expected=str(expected))


@dataclass(frozen=True, eq=False)
class Keypoints2D:
    """Keypoints of B samples in pixels of their 224 px crops.

    positions_crop_px: (B, 49, 2); confidence: (B, 49), 0 for absent joints.
    """

    positions_crop_px: Tensor
    confidence: Tensor

    def __post_init__(self) -> None:
        batch = len(self.positions_crop_px)
        _expect("positions_crop_px", self.positions_crop_px, (batch, NUM_KEYPOINTS, 2))
        _expect("confidence", self.confidence, (batch, NUM_KEYPOINTS))

    @classmethod
    def of(cls, keypoints_crop_px: NDArray[np.floating]) -> Keypoints2D:
        """From ``(B, 49, 3)`` x, y, confidence; a joint that is not finite counts as absent."""
        keypoints = np.asarray(keypoints_crop_px, dtype=np.float32)
        if keypoints.ndim != 3 or keypoints.shape[1:] != (NUM_KEYPOINTS, 3):
            raise ShapeError("keypoints_crop_px", actual=keypoints.shape, expected="(B, 49, 3)")
        present = np.isfinite(keypoints).all(axis=-1) & (keypoints[..., 2] > 0)
        kept = torch.from_numpy(np.where(present[..., None], keypoints, np.float32(0)))
        return cls(kept[..., :2].clone(), kept[..., 2].clone())

    def __len__(self) -> int:
        return len(self.confidence)

    def to(self, *, device: torch.device, dtype: torch.dtype) -> Keypoints2D:
        """The same on another device or in another precision."""
        return Keypoints2D(
            self.positions_crop_px.to(device=device, dtype=dtype),
            self.confidence.to(device=device, dtype=dtype),
        )

    def repeated(self, times: int) -> Keypoints2D:
        """The whole batch ``times`` times one after the other."""
        return Keypoints2D(
            self.positions_crop_px.repeat(times, 1, 1), self.confidence.repeat(times, 1)
        )

    @property
    def body_confidence(self) -> Tensor:
        """``(B, 49)``: a copy without the joints that the body stage ignores.

        A copy, because the published code zeroed the caller's array and so changed the camera stage
        of everything that followed (docs/method.md, "Faults of the published code", 1).
        """
        confidence = self.confidence.clone()
        confidence[:, list(IGNORED_KEYPOINTS)] = 0
        return confidence


@dataclass(frozen=True, eq=False)
class BodyEstimate:
    """B bodies, each in its crop's camera.

    pose_axis_angle: (B, 72) radians, root first; betas: (B, 10); camera_translation: (B, 3) metres.
    """

    pose_axis_angle: Tensor
    betas: Tensor
    camera_translation: Tensor

    def __post_init__(self) -> None:
        batch = len(self.pose_axis_angle)
        _expect("pose_axis_angle", self.pose_axis_angle, (batch, 72))
        _expect("betas", self.betas, (batch, 10))
        _expect("camera_translation", self.camera_translation, (batch, 3))

    def __len__(self) -> int:
        return len(self.betas)

    def to_parameters(self) -> list[BodyParameters]:
        """Each body by itself, as float32 arrays."""
        parts = (
            part.detach().float().cpu().numpy()
            for part in (self.pose_axis_angle, self.betas, self.camera_translation)
        )
        return [
            BodyParameters(pose, betas, translation)
            for pose, betas, translation in zip(*parts, strict=True)
        ]

    def to(self, *, device: torch.device, dtype: torch.dtype) -> BodyEstimate:
        """The same on another device or in another precision."""
        return BodyEstimate(
            self.pose_axis_angle.to(device=device, dtype=dtype),
            self.betas.to(device=device, dtype=dtype),
            self.camera_translation.to(device=device, dtype=dtype),
        )


def usable_keypoints(confidence: Tensor) -> Tensor:
    """``(B,)`` bool: whether enough joints of ``(B, 49)`` are there to fit a body to.

    At least four with confidence, the ignored ones (OP neck and all hips) not counted.
    """
    if confidence.ndim != 2 or confidence.shape[1] != NUM_KEYPOINTS:
        raise ShapeError("confidence", actual=confidence.shape, expected="(B, 49)")
    counted = torch.ones(NUM_KEYPOINTS, dtype=torch.bool, device=confidence.device)
    counted[list(IGNORED_KEYPOINTS)] = False
    return ((confidence > 0) & counted).sum(1) >= MIN_USABLE_KEYPOINTS
