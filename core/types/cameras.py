"""The cameras of pictures, and where what is known of them comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.errors import StudioError
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_CENTER_PX
from core.geometry.lens_distortion import MOST_COEFFICIENTS, distorted, undistorted
from core.types.bodies import LONG_LENS, CropCamera
from core.types.camera_poses import CameraPose

ASSUMED_SHARE_OF_DIAGONAL = 0.8
"""The focal length that is assumed where nothing is known of a camera, in diagonals of its picture.

A 35 mm equivalent of 35 mm: between the main cameras of phones (24 to 28 mm, 0.55 to 0.65) and the
lenses that people are taken with (43 mm, 1.0). docs/decisions/0020 has the numbers.
"""

LEAST_ASSUMED_CROP_PX = 475.0
"""No assumed focal length is shorter on the crop: a picture that was cut to its person says nothing
of what it was cut from, and below this a person stands closer than people are photographed."""


class CameraSource(StrEnum):
    """Where the focal length of a picture's camera comes from, the surest first."""

    GIVEN = "given"
    TYPED = "typed"
    EXIF = "exif"
    FOUND = "found"
    ASSUMED = "assumed"
    LONG_LENS = "long lens"


SOURCE_MEANINGS = {
    CameraSource.GIVEN: "given by a file",
    CameraSource.TYPED: "typed in",
    CameraSource.EXIF: "from the picture's EXIF data",
    CameraSource.FOUND: "found from the fits of this camera's pictures",
    CameraSource.ASSUMED: "assumed from the picture's size",
    CameraSource.LONG_LENS: "SPIN's long lens, 5000 px on every crop",
}
"""A source in words that may follow a focal length and a comma."""


@dataclass(frozen=True)
class PictureCamera:
    """The camera of a picture, in pixels of the upright picture.

    focal_length_px: of both axes, above 0; infinite for the long lens, which is no camera of a
        picture.
    principal_point_px: x, y; pixels count from the centre of the first one.
    distortion: up to eight coefficients in OpenCV's order (``core.geometry.lens_distortion``).
    source: where the focal length comes from.
    note: where exactly, in words that a list can show; may be empty.
    pose: where it stood among the other cameras of its calibration; None where that is not known.

    Raises:
        StudioError: a number is not finite, or the focal length is not above 0.
    """

    focal_length_px: float
    principal_point_px: tuple[float, float]
    distortion: tuple[float, ...] = ()
    source: CameraSource = CameraSource.GIVEN
    note: str = ""
    pose: CameraPose | None = None

    def __post_init__(self) -> None:
        numbers = (*self.principal_point_px, *self.distortion)
        focal_is_known = self.source is CameraSource.LONG_LENS or (
            math.isfinite(self.focal_length_px) and self.focal_length_px > 0
        )
        if not (focal_is_known and all(map(math.isfinite, numbers))):
            raise StudioError(f"A camera must be finite with a focal length above 0, got {self}.")
        if len(self.distortion) > MOST_COEFFICIENTS:
            raise StudioError(
                f"A camera has {len(self.distortion)} coefficients of distortion, expected at most "
                f"{MOST_COEFFICIENTS}.",
                remedy="Give k1, k2, p1, p2, k3, k4, k5, k6 only.",
            )

    @property
    def is_distance_assumed(self) -> bool:
        """Whether distances that are measured with it are no more than assumed."""
        return self.source in (CameraSource.ASSUMED, CameraSource.LONG_LENS)

    def crop_camera(self, box: Box) -> CropCamera:
        """The camera looking through the crop of a box: off centre, its axis in the crop's middle.

        With b and p the side and the centre of the box, f' = f · 224 / b and
        c' = (c − p) · 224 / b + 112. An assumed focal length is at least
        ``LEAST_ASSUMED_CROP_PX``; where that binds, the picture was cut to the person, and the
        principal point is the crop's middle. Numbers are those of float32, as bodies are stored.
        """
        if self.source is CameraSource.LONG_LENS:
            return LONG_LENS
        per_px = box.crop_px_per_picture_px
        focal_length_px = self.focal_length_px * per_px
        if self.source is CameraSource.ASSUMED and focal_length_px < LEAST_ASSUMED_CROP_PX:
            return CropCamera(LEAST_ASSUMED_CROP_PX, CROP_CENTER_PX, CROP_CENTER_PX)
        x_px, y_px = self.principal_point_px
        return CropCamera(
            _rounded(focal_length_px),
            _rounded((x_px - box.center_x_px) * per_px + CROP_CENTER_PX),
            _rounded((y_px - box.center_y_px) * per_px + CROP_CENTER_PX),
        )

    @property
    def bends_lines(self) -> bool:
        """Whether there is any distortion."""
        return any(self.distortion) and math.isfinite(self.focal_length_px)

    def distorted(self, points_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Where the lens shows points ``(..., 2)`` that one without distortion shows there."""
        points = np.asarray(points_px, dtype=np.float64)
        if not self.bends_lines:
            return points.astype(np.float32)
        principal = np.array(self.principal_point_px)
        on_plane = (points - principal) / self.focal_length_px
        shown: NDArray[np.float64] = (
            distorted(on_plane, self.distortion) * self.focal_length_px + principal
        )
        return shown.astype(np.float32)

    def undistorted(self, points_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Points ``(..., 2)`` of the picture where a lens without distortion would show them."""
        points = np.asarray(points_px, dtype=np.float64)
        if not self.bends_lines:
            return points.astype(np.float32)
        principal = np.array(self.principal_point_px)
        on_plane = (points - principal) / self.focal_length_px
        straight = undistorted(on_plane, self.distortion)
        pixels: NDArray[np.float64] = straight * self.focal_length_px + principal
        return pixels.astype(np.float32)

    def undistorted_keypoints(self, keypoints_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Keypoints ``(..., 3)`` (x, y, confidence) the same way; absent ones stay 0, 0, 0."""
        keypoints = np.asarray(keypoints_px, dtype=np.float32)
        confidence = keypoints[..., 2:]
        moved = np.concatenate([self.undistorted(keypoints[..., :2]), confidence], axis=-1)
        straight: NDArray[np.float32] = np.where(confidence > 0, moved, keypoints)
        return straight


def picture_middle_px(size_px: tuple[int, int]) -> tuple[float, float]:
    """The middle of a picture of this width and height, where principal points are assumed."""
    return (size_px[0] - 1) / 2, (size_px[1] - 1) / 2


def assumed_camera(size_px: tuple[int, int]) -> PictureCamera:
    """The camera of a picture of this width and height that nothing is known of."""
    return PictureCamera(
        ASSUMED_SHARE_OF_DIAGONAL * math.hypot(*size_px),
        picture_middle_px(size_px),
        source=CameraSource.ASSUMED,
    )


def long_lens_camera(size_px: tuple[int, int]) -> PictureCamera:
    """What stands for SPIN's camera: every crop of the picture has ``LONG_LENS``."""
    return PictureCamera(math.inf, picture_middle_px(size_px), source=CameraSource.LONG_LENS)


def _rounded(number: float) -> float:
    return float(np.float32(number))
