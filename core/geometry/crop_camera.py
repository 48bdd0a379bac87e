"""The crop camera without PyTorch, which boxes and the window do not need."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError

FOCAL_LENGTH_PX = 5000.0
CROP_SIZE_PX = 224
CROP_CENTER_PX = CROP_SIZE_PX / 2


def seen_in_crop(
    points: NDArray[np.floating], camera_translation: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Points in metres to crop pixels ``(..., N, 2)``; ``project_to_crop`` for arrays.

    Args:
        points: ``(..., N, 3)``.
        camera_translation: ``(..., 3)``.
    """
    if points.shape[-1] != 3 or camera_translation.shape[-1] != 3:
        raise ShapeError("points", actual=points.shape, expected="(..., N, 3) and (..., 3)")
    in_camera = np.asarray(points, np.float64) + camera_translation[..., None, :]
    pixels: NDArray[np.float64] = (
        FOCAL_LENGTH_PX * in_camera[..., :2] / in_camera[..., 2:] + CROP_CENTER_PX
    )
    return pixels
