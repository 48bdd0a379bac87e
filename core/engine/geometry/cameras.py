"""The crop camera: focal length 5000 px on a 224 px crop (docs/method.md, "The crop camera").

Camera frame: x right, y down, z forward, metres. A body point ``X`` is seen at
``f (X + t) / (Z + t_z) + c`` with ``c`` the middle of the crop.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import ShapeError
from core.geometry.crop_camera import CROP_CENTER_PX, CROP_SIZE_PX, FOCAL_LENGTH_PX

__all__ = [
    "CROP_CENTER_PX",
    "CROP_SIZE_PX",
    "FOCAL_LENGTH_PX",
    "project_to_crop",
    "translation_to_weak_perspective",
    "weak_perspective_to_translation",
]


def project_to_crop(points: Tensor, camera_translation: Tensor) -> Tensor:
    """Points ``(B, N, 3)`` in metres and translations ``(B, 3)`` to crop pixels ``(B, N, 2)``."""
    if points.shape[-1] != 3 or camera_translation.shape[-1] != 3:
        raise ShapeError("points", actual=points.shape, expected="(B, N, 3), translation (B, 3)")
    in_camera = points + camera_translation[..., None, :]
    return FOCAL_LENGTH_PX * in_camera[..., :2] / in_camera[..., 2:] + CROP_CENTER_PX


def weak_perspective_to_translation(camera: Tensor) -> Tensor:
    """Weak-perspective (scale, tx, ty) ``(B, 3)`` of the crop to ``camera_translation``."""
    scale, tx, ty = camera.unbind(-1)
    depth = 2 * FOCAL_LENGTH_PX / (CROP_SIZE_PX * scale + 1e-9)
    return torch.stack([tx, ty, depth], dim=-1)


def translation_to_weak_perspective(camera_translation: Tensor) -> Tensor:
    """The inverse of ``weak_perspective_to_translation``; both ``(B, 3)``."""
    tx, ty, depth = camera_translation.unbind(-1)
    return torch.stack([2 * FOCAL_LENGTH_PX / (CROP_SIZE_PX * depth), tx, ty], dim=-1)
