"""Turned squares of a picture that a person is looked at in.

Pixels: integer coordinates are the centres of pixels, in the picture and in crops alike, and a
region's middle lies at pixel (size / 2, size / 2) of its crop (``core.pictures.square_crops``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.geometry.boxes import Box
from core.pictures.square_crops import square_crop

_LEFT_HIP, _RIGHT_HIP, _LEFT_SHOULDER, _RIGHT_SHOULDER = 11, 12, 5, 6
_AROUND_REACH = 1.25
"""The landmark network was trained on squares of this many times twice the person's reach."""
_TRUNKS = 2.2
"""No person reaches less far from the hips than this many lengths of the trunk, standing up."""
_LEAST_SIDE_PX = 2.0
_SURE = 0.1


@dataclass(frozen=True, eq=False)
class Region:
    """A square of a picture, turned so that a person in it is upright.

    center_px: (2,) picture pixels; side_px: picture pixels; turn_rad: from the picture's up to the
    person's up, clockwise.
    """

    center_px: NDArray[np.float64]
    side_px: float
    turn_rad: float = 0.0

    @property
    def _turn(self) -> NDArray[np.float64]:
        """(2, 2) from directions in the crop to directions in the picture."""
        cosine, sine = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return np.array([[cosine, -sine], [sine, cosine]])

    def crop(self, picture: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
        """The square ``(size, size, 3)`` of a picture ``(H, W, 3)``; black outside the picture."""
        x, y = self.center_px
        box = Box(float(x), float(y), self.side_px)
        return square_crop(picture, box, size_px=size_px, pixel=np.uint8, turn=self._turn)

    def to_picture(self, points_px: NDArray[np.floating], size_px: int) -> NDArray[np.float64]:
        """Pixels ``(..., 2)`` of the crop as pixels of the picture."""
        scale = self.side_px / size_px
        moved = (points_px - size_px / 2) @ self._turn.T * scale + self.center_px
        return np.asarray(moved, dtype=np.float64)

    def turned_back(self, vectors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Vectors ``(..., 3)`` in the crop's axes as vectors in the picture's; z stays."""
        back = np.array(vectors, dtype=np.float64)
        back[..., :2] = back[..., :2] @ self._turn.T
        return back


def region_between(hips_px: NDArray[np.floating], far_px: NDArray[np.floating]) -> Region:
    """The landmark network's own rule: about the hips, as wide as to a point far above them."""
    up = np.asarray(far_px, dtype=np.float64) - hips_px
    side = max(2 * _AROUND_REACH * float(np.hypot(*up)), _LEAST_SIDE_PX)
    return Region(np.asarray(hips_px, dtype=np.float64), side, float(np.arctan2(up[0], -up[1])))


def region_of_person(coco_keypoints_px: NDArray[np.floating]) -> Region:
    """About the hips of ``(17, 3)`` keypoints, upright by the trunk, with all joints inside."""
    points = np.asarray(coco_keypoints_px, dtype=np.float64)
    hips = points[[_LEFT_HIP, _RIGHT_HIP], :2].mean(axis=0)
    up = points[[_LEFT_SHOULDER, _RIGHT_SHOULDER], :2].mean(axis=0) - hips
    seen = points[points[:, 2] > _SURE, :2]
    reach = max(
        [_TRUNKS * float(np.hypot(*up)), *np.hypot(*(seen - hips).T)], default=_LEAST_SIDE_PX
    )
    side = max(2 * _AROUND_REACH * reach, _LEAST_SIDE_PX)
    return Region(hips, side, float(np.arctan2(up[0], -up[1])))
