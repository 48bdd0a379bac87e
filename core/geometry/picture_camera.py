"""From the camera of a whole picture to the camera of a crop.

A body keeps its place and its size in the picture, and turns so that it is seen from the same side
(docs/method.md, "The camera of the whole picture").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.geometry.boxes import Box
from core.geometry.rotations import shortest_rotation


def turned_to_axis(translation: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rotations ``(N, 3, 3)`` that turn what is seen at ``(N, 3)`` to the middle of the view.

    R ray = (0, 0, 1), about the axis ray × z by the angle between the two. A picture's camera sees
    a body at its edge obliquely; a crop's camera looks straight at it, so the body has to turn.

    Args:
        translation: ``(N, 3)`` metres in the cameras of the pictures, z above 0.
    """
    ray = np.asarray(translation, np.float64)
    return shortest_rotation(ray, np.array([0.0, 0.0, 1.0]))


def crop_translation(
    translation: NDArray[np.floating],
    focal_px: NDArray[np.floating],
    principal_px: NDArray[np.floating],
    boxes: Sequence[Box],
) -> NDArray[np.float64]:
    """The translations in the crops' cameras that keep place and size in the picture.

        px_per_m = f / t_z        t_z' = F / px_per_m        t_xy' = (seen − centre) / px_per_m

    with f the focal length of the picture's camera, the mean of its two, F = 5000 b / 224 that of
    the box in picture pixels, and ``seen`` where the picture shows the translation.

    Args:
        translation: ``(N, 3)`` metres in the cameras of the pictures, z above 0.
        focal_px: ``(N, 2)`` of those cameras, picture pixels.
        principal_px: ``(N, 2)`` of those cameras.
        boxes: the N crops.

    Returns:
        ``(N, 3)`` metres in the cameras of the crops.
    """
    translation = np.asarray(translation, np.float64)
    seen_px = principal_px + focal_px * translation[:, :2] / translation[:, 2:]
    px_per_m = np.mean(focal_px, axis=1) / translation[:, 2]
    depth = np.array([box.focal_length_px for box in boxes]) / px_per_m
    centers = np.array([(box.center_x_px, box.center_y_px) for box in boxes])
    sideways = (seen_px - centers) / px_per_m[:, None]
    return np.concatenate([sideways, depth[:, None]], axis=1)
