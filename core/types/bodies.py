"""One body, and the camera of its crop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import StudioError
from core.geometry.boxes import Box
from core.geometry.crop_camera import (
    CROP_CENTER_PX,
    CROP_SIZE_PX,
    FOCAL_LENGTH_PX,
    CropCameras,
)
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray, check_shape


@dataclass(frozen=True)
class CropCamera:
    """The camera of one crop, in pixels of the 224 px crop (docs/method.md, "The crop camera").

    focal_length_px: of both axes, above 0.
    principal_x_px, principal_y_px: may lie far outside the crop.
    axis_x_px, axis_y_px: where the z axis of the body's frame meets the crop: its middle, unless
        the box was corrected after the body was made.

    Raises:
        StudioError: a number is not finite, or the focal length is not above 0.
    """

    focal_length_px: float
    principal_x_px: float
    principal_y_px: float
    axis_x_px: float = CROP_CENTER_PX
    axis_y_px: float = CROP_CENTER_PX

    def __post_init__(self) -> None:
        points = (self.principal_x_px, self.principal_y_px, self.axis_x_px, self.axis_y_px)
        if not (
            all(map(math.isfinite, (self.focal_length_px, *points))) and self.focal_length_px > 0
        ):
            raise StudioError(f"A camera must be finite with a focal length above 0, got {self}.")

    @property
    def in_middle(self) -> CropCamera:
        """The same lens for bodies about the ray through the middle of the crop."""
        return CropCamera(self.focal_length_px, self.principal_x_px, self.principal_y_px)

    def between_boxes(self, box: Box, to_box: Box) -> CropCamera:
        """The same camera in the crop of another box of the same picture.

        With b and p the side and the centre of a box, a crop pixel moves by the similarity::

            x' = (x − 112) · b / b' + 112 + (p − p') · 224 / b'        f' = f · b / b'

        A body that keeps its pose and translation is seen at the same pixels of the picture.
        """
        scale = box.side_px / to_box.side_px
        shift_x_px = (box.center_x_px - to_box.center_x_px) * CROP_SIZE_PX / to_box.side_px
        shift_y_px = (box.center_y_px - to_box.center_y_px) * CROP_SIZE_PX / to_box.side_px

        def moved(position_px: float, shift_px: float) -> float:
            return (position_px - CROP_CENTER_PX) * scale + CROP_CENTER_PX + shift_px

        return CropCamera(
            self.focal_length_px * scale,
            moved(self.principal_x_px, shift_x_px),
            moved(self.principal_y_px, shift_y_px),
            moved(self.axis_x_px, shift_x_px),
            moved(self.axis_y_px, shift_y_px),
        )


LONG_LENS = CropCamera(FOCAL_LENGTH_PX, CROP_CENTER_PX, CROP_CENTER_PX)
"""SPIN's camera, which stands some 50 m away whatever took the picture."""


def camera_batch(cameras: Sequence[CropCamera]) -> CropCameras[FloatArray]:
    """Cameras as one batch in float32; there may be none."""
    rows = [
        (
            camera.focal_length_px,
            camera.principal_x_px,
            camera.principal_y_px,
            camera.axis_x_px,
            camera.axis_y_px,
        )
        for camera in cameras
    ]
    numbers = np.array(rows, np.float32).reshape(-1, 5)
    return CropCameras(numbers[:, 0].copy(), numbers[:, 1:3].copy(), numbers[:, 3:].copy())


def cameras_one_by_one(cameras: CropCameras[FloatArray]) -> list[CropCamera]:
    """The cameras ``(B,)`` of a batch, each by itself."""
    numbers = np.concatenate(
        [cameras.focal_length_px[:, None], cameras.principal_point_px, cameras.axis_px], axis=1
    )
    return [CropCamera(*row) for row in numbers.tolist()]


@dataclass(frozen=True, eq=False)
class BodyParameters:
    """One body in its crop's camera.

    pose_axis_angle: (72,) radians, root first; the root is in the crop's frame (x right, y down, z
        along the ray through the camera's axis).
    betas: (10,).
    camera_translation: (3,) metres, in the crop's frame.
    camera: that the translation belongs to; the long lens where nothing else is known.
    """

    pose_axis_angle: FloatArray
    betas: FloatArray
    camera_translation: FloatArray
    camera: CropCamera = LONG_LENS

    def __post_init__(self) -> None:
        check_shape("pose_axis_angle", self.pose_axis_angle, (3 * NUM_JOINTS,))
        check_shape("betas", self.betas, (NUM_BETAS,))
        check_shape("camera_translation", self.camera_translation, (3,))
