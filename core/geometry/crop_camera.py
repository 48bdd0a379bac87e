"""The crop camera: focal length 5000 px on a 224 px crop.

Camera frame: x right, y down, z forward, metres. A body point ``X`` is seen at
``f (X + t_x) / (Z + t_z) + c`` with ``c`` the middle of the crop (docs/method.md, "The crop
camera"). Every function takes arrays of NumPy or tensors.
"""

from __future__ import annotations

from core.errors import ShapeError
from core.geometry.array_namespace import ArrayT, array_namespace

FOCAL_LENGTH_PX = 5000.0
CROP_SIZE_PX = 224
CROP_CENTER_PX = CROP_SIZE_PX / 2


def project_to_crop(points: ArrayT, camera_translation: ArrayT) -> ArrayT:
    """Points in metres to crop pixels ``(..., N, 2)``.

    Args:
        points: ``(..., N, 3)`` in the camera's axes, not translated.
        camera_translation: ``(..., 3)`` metres.

    Raises:
        ShapeError: for other last dimensions.
    """
    if points.shape[-1] != 3 or camera_translation.shape[-1] != 3:
        raise ShapeError("points", actual=points.shape, expected="(..., N, 3) and (..., 3)")
    in_camera = points + camera_translation[..., None, :]
    pixels: ArrayT = FOCAL_LENGTH_PX * in_camera[..., :2] / in_camera[..., 2:] + CROP_CENTER_PX
    return pixels


def weak_perspective_to_translation(camera: ArrayT) -> ArrayT:
    """Weak-perspective (scale, tx, ty) ``(..., 3)`` of the crop to ``camera_translation``.

    ``t_z = 2 f / (224 s)``: a body at that depth is ``s`` times half the crop a metre. SPIN's 1e-9
    keeps the depth finite where a network says zero.
    """
    depth = 2 * FOCAL_LENGTH_PX / (CROP_SIZE_PX * camera[..., 0] + 1e-9)
    translation: ArrayT = array_namespace(camera).stack(
        [camera[..., 1], camera[..., 2], depth], axis=-1
    )
    return translation


def translation_to_weak_perspective(camera_translation: ArrayT) -> ArrayT:
    """The inverse of ``weak_perspective_to_translation``; both ``(..., 3)``."""
    tx, ty, depth = (camera_translation[..., index] for index in range(3))
    scale = 2 * FOCAL_LENGTH_PX / (CROP_SIZE_PX * depth)
    camera: ArrayT = array_namespace(camera_translation).stack([scale, tx, ty], axis=-1)
    return camera
