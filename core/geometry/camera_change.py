"""A body of one camera of a crop, written for another camera of the same crop.

    R_root' = Q R_root        t' = Q (p + t) − p        Q = R(axis')ᵀ R(axis)

R(a) is the viewing rotation of the body's own camera for the axis a, p the pelvis joint at rest,
which the root turns the body about. Where the axes are the same, Q is the identity: the crop's
frame means the same whatever the camera. Under another lens the translation then keeps the place of
the body's origin and its size, (s, t_x, t_y) of ``crop_camera``, since cameras of two focal lengths
agree on no more than that. docs/method.md, "The crop camera".
"""

from __future__ import annotations

from core.geometry.array_namespace import ArrayT, array_namespace
from core.geometry.crop_camera import (
    CropCameras,
    translation_to_weak_perspective,
    weak_perspective_to_translation,
)
from core.geometry.picture_camera import turned_bodies


def axis_turns(cameras: CropCameras[ArrayT], axis_px: ArrayT) -> ArrayT:
    """Q ``(B, 3, 3)``, from the frames of bodies to those about other axes of the same cameras.

    Args:
        cameras: of the bodies, B of them.
        axis_px: ``(B, 2)`` crop pixels, the other axes.
    """
    own, other = cameras.viewing_rotations, _about(cameras, axis_px).viewing_rotations
    turns: ArrayT = array_namespace(own).moveaxis(other, -1, -2) @ own
    return turns


def between_cameras(
    root: ArrayT,
    camera_translation: ArrayT,
    cameras: CropCameras[ArrayT],
    to_cameras: CropCameras[ArrayT],
    *,
    pelvis: ArrayT | None = None,
) -> tuple[ArrayT, ArrayT]:
    """Roots and translations of B bodies under other cameras of their crops.

    What is the same for both cameras stays as it is, to the last digit.

    Args:
        root: ``(B, 3, 3)``, from the body's frame to the crop's.
        camera_translation: ``(B, 3)`` metres.
        cameras: of the bodies, B of them.
        to_cameras: the other cameras, B of them.
        pelvis: ``(B, 3)`` metres, the root joints at rest, which only matter where an axis moves;
            the bodies' origins where none are given.

    Returns:
        Roots ``(B, 3, 3)`` and translations ``(B, 3)`` in metres.
    """
    xp = array_namespace(root)
    pelvis = xp.zeros_like(camera_translation) if pelvis is None else pelvis
    same_axis = xp.all(cameras.axis_px == to_cameras.axis_px, axis=-1)[:, None]
    same_lens = (cameras.focal_length_px == to_cameras.focal_length_px) & xp.all(
        cameras.principal_point_px == to_cameras.principal_point_px, axis=-1
    )
    turned, carried = turned_bodies(
        axis_turns(cameras, to_cameras.axis_px), root, camera_translation, pelvis
    )
    carried = xp.where(same_axis, camera_translation, carried)
    weak = translation_to_weak_perspective(carried, _about(cameras, to_cameras.axis_px))
    moved = weak_perspective_to_translation(weak, to_cameras)
    return (
        xp.where(same_axis[..., None], root, turned),
        xp.where(same_lens[:, None], carried, moved),
    )


def _about(cameras: CropCameras[ArrayT], axis_px: ArrayT) -> CropCameras[ArrayT]:
    return CropCameras(cameras.focal_length_px, cameras.principal_point_px, axis_px)
