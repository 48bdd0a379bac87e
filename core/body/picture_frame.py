"""Bodies as the cameras of whole pictures see them, for programs that know no crops.

    R_root' = R R_root        t' = R (p + t) − p        f_picture = f b / 224        c_picture

R turns from the crop's frame to the picture's camera, p is the pelvis joint at rest, b the side of
the box. docs/method.md, "The camera of the whole picture".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.arrays import BodyArrays
from core.body.kinematics import pelvis_at_rest
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_CENTER_PX
from core.geometry.picture_camera import turned_bodies
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.bodies import BodyParameters, CropCamera, camera_batch


@dataclass(frozen=True, eq=False)
class PictureBodies:
    """N bodies in the frames of their pictures' cameras: x right, y down, z straight ahead.

    root_axis_angle: (N, 3) radians; all other joints turn as before.
    translation: (N, 3) metres.
    """

    root_axis_angle: NDArray[np.float64]
    translation: NDArray[np.float64]


def in_pictures(bodies: Sequence[BodyParameters], arrays: BodyArrays) -> PictureBodies:
    """Bodies of one model in the frames of their pictures' cameras; there may be none.

    Where the camera looks straight at the crop, as the long lens does, nothing changes.
    """

    def stacked(name: str, width: int) -> NDArray[np.float64]:
        rows = [getattr(body, name) for body in bodies]
        return np.array(rows, dtype=np.float64).reshape(-1, width)

    cameras = camera_batch([body.camera for body in bodies])
    turns = cameras.converted(lambda part: part.astype(np.float64)).viewing_rotations
    root_axis_angle = stacked("pose_axis_angle", 72)[:, :3]
    translation = stacked("camera_translation", 3)
    roots, moved = turned_bodies(
        turns,
        axis_angle_to_matrix(root_axis_angle),
        translation,
        pelvis_at_rest(arrays, stacked("betas", 10)),
    )
    straight = (turns == np.eye(3)).all(axis=(1, 2))[:, None]
    return PictureBodies(
        np.where(straight, root_axis_angle, matrix_to_axis_angle(roots)),
        np.where(straight, translation, moved),
    )


def intrinsics_in_picture(camera: CropCamera, box: Box) -> tuple[float, float, float]:
    """Focal length and principal point x, y in picture pixels of a camera that looks through a box.

    f_picture = f b / 224 and c_picture = (c − 112) b / 224 + the centre of the box.
    """
    per_crop_px = 1 / box.crop_px_per_picture_px
    return (
        camera.focal_length_px * per_crop_px,
        (camera.principal_x_px - CROP_CENTER_PX) * per_crop_px + box.center_x_px,
        (camera.principal_y_px - CROP_CENTER_PX) * per_crop_px + box.center_y_px,
    )
