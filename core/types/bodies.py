"""One body in its crop's camera."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray, check_shape


@dataclass(frozen=True, eq=False)
class BodyParameters:
    """One body in its crop's camera.

    pose_axis_angle: (72,) radians, root first; the root is in the camera frame (y down, z forward).
    betas: (10,).
    camera_translation: (3,) metres, crop camera with focal length 5000 px and the 224 px crop.
    """

    pose_axis_angle: FloatArray
    betas: FloatArray
    camera_translation: FloatArray

    def __post_init__(self) -> None:
        check_shape("pose_axis_angle", self.pose_axis_angle, (3 * NUM_JOINTS,))
        check_shape("betas", self.betas, (NUM_BETAS,))
        check_shape("camera_translation", self.camera_translation, (3,))
