"""A body of one camera of a crop, written for another camera of the same crop.

    R_root' = Q R_root        Q = R(axis')ᵀ R(axis)        R(a): the body's camera's R for axis a

Where the axes are the same, Q is the identity: the crop's frame means the same whatever the camera.
The translation keeps the place of the body's origin and its size, (s, t_x, t_y) of
``crop_camera``, since cameras of two focal lengths agree on no more than that. docs/method.md, "The
crop camera".
"""

from __future__ import annotations

from core.geometry.array_namespace import ArrayT, array_namespace
from core.geometry.crop_camera import (
    CropCameras,
    translation_to_weak_perspective,
    weak_perspective_to_translation,
)


def between_cameras(
    root: ArrayT,
    camera_translation: ArrayT,
    cameras: CropCameras[ArrayT],
    to_cameras: CropCameras[ArrayT],
) -> tuple[ArrayT, ArrayT]:
    """Roots and translations of B bodies under other cameras of their crops.

    What is the same for both cameras stays as it is, to the last digit.

    Args:
        root: ``(B, 3, 3)``, from the body's frame to the crop's.
        camera_translation: ``(B, 3)`` metres.
        cameras: of the bodies, B of them.
        to_cameras: the other cameras, B of them.

    Returns:
        Roots ``(B, 3, 3)`` and translations ``(B, 3)`` in metres.
    """
    xp = array_namespace(root)
    same_axis = xp.all(cameras.axis_px == to_cameras.axis_px, axis=-1)
    same_lens = (cameras.focal_length_px == to_cameras.focal_length_px) & xp.all(
        cameras.principal_point_px == to_cameras.principal_point_px, axis=-1
    )
    looking = CropCameras(
        cameras.focal_length_px, cameras.principal_point_px, to_cameras.axis_px
    ).viewing_rotations
    turned = xp.moveaxis(looking, -1, -2) @ cameras.viewing_rotations @ root
    weak = translation_to_weak_perspective(camera_translation, cameras)
    moved = weak_perspective_to_translation(weak, to_cameras)
    return (
        xp.where(same_axis[:, None, None], root, turned),
        xp.where((same_axis & same_lens)[:, None], camera_translation, moved),
    )
