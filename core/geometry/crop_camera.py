"""The crop camera: focal length 5000 px on a 224 px crop.

    x_px = f (X + t_x) / (Z + t_z) + c       and y from Y       f = 5000 px, c = 112 px

The camera's frame is x right, y down, z forward, in metres. The focal length is SPIN's assumption,
not a measurement: a person stands some 50 m away, and perspective is nearly absent. Every function
takes arrays of NumPy or tensors. Sources: Kanazawa et al. 2018, section 3.1; Kolotouros et al.
2019, section 3.2; docs/method.md, "The crop camera".
"""

from __future__ import annotations

from core.errors import ShapeError
from core.geometry.array_namespace import ArrayT, array_namespace

FOCAL_LENGTH_PX = 5000.0
CROP_SIZE_PX = 224
CROP_CENTER_PX = CROP_SIZE_PX / 2

MIN_DEPTH_M = 1.0
"""A camera closer than this is no solution: a body there would be larger than the 2.6° of view."""


def project_to_crop(points: ArrayT, camera_translation: ArrayT) -> ArrayT:
    """Points in metres to crop pixels ``(..., N, 2)``.

    Args:
        points: ``(..., N, 3)`` in the camera's axes, not translated.
        camera_translation: ``(..., 3)`` metres.

    Raises:
        ShapeError: a last dimension is not 3.
    """
    if points.shape[-1] != 3 or camera_translation.shape[-1] != 3:
        raise ShapeError("points", actual=points.shape, expected="(..., N, 3) and (..., 3)")
    in_camera = points + camera_translation[..., None, :]
    pixels: ArrayT = FOCAL_LENGTH_PX * in_camera[..., :2] / in_camera[..., 2:] + CROP_CENTER_PX
    return pixels


def weak_perspective_to_translation(camera: ArrayT) -> ArrayT:
    """Weak-perspective (scale, tx, ty) ``(..., 3)`` of the crop to ``camera_translation``.

    At t_z = 2 f / (224 s) a metre spans s half-crops, as in the weak perspective; t_x and t_y are
    the same. The published 1e-9 keeps t_z finite where a network predicts a scale of zero.
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


def projection_rows(points: ArrayT, camera_translation: ArrayT) -> ArrayT:
    """The derivative ``(B, 3, 2, N)`` of crop pixels x, y by points, in px/m.

    With X' = X + t_x, Y' = Y + t_y, z = Z + t_z and f = 5000 px::

        ∂x/∂(X, Y, Z) = (f/z, 0, −f X'/z²)        ∂y/∂(X, Y, Z) = (0, f/z, −f Y'/z²)

    The derivative by the translation is the same. Components come first and points last, the layout
    in which the solvers' products are contiguous.

    Args:
        points: ``(B, N, 3)`` metres in the camera's frame, not translated.
        camera_translation: ``(B, 3)`` metres.
    """
    xp = array_namespace(points)
    x, y, depth = xp.moveaxis(points + camera_translation[:, None], -1, 0)
    per_depth = FOCAL_LENGTH_PX / depth
    zero = xp.zeros_like(per_depth)
    entries = [per_depth, zero, zero, per_depth, -per_depth * x / depth, -per_depth * y / depth]
    rows: ArrayT = xp.reshape(xp.stack(entries, axis=1), (points.shape[0], 3, 2, points.shape[1]))
    return rows


def refuse_behind_camera(cost: ArrayT, camera_translation: ArrayT) -> ArrayT:
    """Costs ``(B,)``, infinite where the camera is closer than ``MIN_DEPTH_M`` or behind the body.

    Behind the camera the projection flips its sign and can still fit the pixels. An infinite cost
    is a refused step, so the solvers never leave the space in front.
    """
    xp = array_namespace(cost)
    refused: ArrayT = xp.where(camera_translation[..., 2] > MIN_DEPTH_M, cost, xp.inf)
    return refused
