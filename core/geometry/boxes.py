"""Between picture pixels and the 224 px crop of a sample's box.

Convention: float pixels, no truncation; the box's centre lies at (112, 112). The published code
rounds to integers, which costs up to a pixel (docs/method.md, "The crop").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import StudioError
from core.geometry.crop_camera import CROP_CENTER_PX, CROP_SIZE_PX, FOCAL_LENGTH_PX

BOX_SCALE_PX = 200.0
"""A box of scale 1 has sides of 200 px: the unit of SPIN's data files."""


@dataclass(frozen=True)
class Box:
    """The square of a picture that a sample is cropped from: centre and side in picture pixels."""

    center_x_px: float
    center_y_px: float
    side_px: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.center_x_px, self.center_y_px]).all() and self.side_px > 0):
            raise StudioError(f"A box must be finite with a positive side, got {self}.")

    @classmethod
    def of(cls, box_center_px: NDArray[np.float32], box_scale: float) -> Box:
        """The box of a sample: centre ``(2,)`` in pixels and scale in units of 200 px."""
        return cls(float(box_center_px[0]), float(box_center_px[1]), BOX_SCALE_PX * box_scale)

    @property
    def _center_px(self) -> NDArray[np.float64]:
        return np.array([self.center_x_px, self.center_y_px])

    @property
    def crop_px_per_picture_px(self) -> float:
        """How many pixels of the crop one pixel of the picture becomes."""
        return CROP_SIZE_PX / self.side_px

    @property
    def focal_length_px(self) -> float:
        """The crop camera's focal length in picture pixels; its principal point is the box centre.

        Drawing over the whole picture with these two repeats the crop's projection exactly.
        """
        return FOCAL_LENGTH_PX / self.crop_px_per_picture_px

    def picture_to_crop(self, points_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Picture pixels ``(..., 2)`` to crop pixels: (x − c) · 224 / b + 112."""
        centered = np.asarray(points_px, dtype=np.float64) - self._center_px
        return (centered * self.crop_px_per_picture_px + CROP_CENTER_PX).astype(np.float32)

    def crop_to_picture(self, points_crop_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Crop pixels ``(..., 2)`` to picture pixels: (x − 112) · b / 224 + c."""
        centered = np.asarray(points_crop_px, dtype=np.float64) - CROP_CENTER_PX
        in_picture = centered / self.crop_px_per_picture_px
        return (in_picture + self._center_px).astype(np.float32)

    def keypoints_to_crop(self, keypoints_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Keypoints ``(..., 3)`` (x, y, confidence) to the crop; absent ones stay 0, 0, 0."""
        keypoints = np.asarray(keypoints_px, dtype=np.float32)
        confidence = keypoints[..., 2:]
        moved = np.concatenate([self.picture_to_crop(keypoints[..., :2]), confidence], axis=-1)
        return np.where(confidence > 0, moved, np.float32(0))


def box_around(points_px: NDArray[np.floating], *, margin: float = 1.2) -> Box:
    """The square box about points ``(N, 2)``: tight extent × ``margin``.

    1.2 is what SPIN's data files use for boxes made of keypoints (docs/method.md, "The crop").
    """
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    center = (low + high) / 2
    side = margin * max(float((high - low).max()), 1.0)
    return Box(float(center[0]), float(center[1]), side)


def box_overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes: 1 for the same box, 0 for boxes that do not touch."""
    # The overlap of two squares is the product of the overlaps of their sides, each
    # min(right ends) − max(left ends) or, where that is negative, 0.
    ends = [
        (
            max(center - first.side_px / 2, other - second.side_px / 2),
            min(center + first.side_px / 2, other + second.side_px / 2),
        )
        for center, other in (
            (first.center_x_px, second.center_x_px),
            (first.center_y_px, second.center_y_px),
        )
    ]
    shared = max(0.0, ends[0][1] - ends[0][0]) * max(0.0, ends[1][1] - ends[1][0])
    return float(shared / (first.side_px**2 + second.side_px**2 - shared))
