"""Whole pictures as the network for finding people takes them, small and turned by quarters."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.engine.detection.movenet_network import INPUT_MULTIPLE_PX


def shrunk(
    picture: NDArray[np.uint8], longest_px: int, quarter_turns: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A picture ``(H, W, 3)`` made as long as wanted and turned by ``np.rot90``.

    Sides become multiples of 32 with black below and to the right. Shrinking averages over areas,
    enlarging interpolates.

    Returns:
        The picture and its scales ``(2,)`` along x and y, pixels per pixel of the turned picture.
    """
    height, width = picture.shape[:2]
    scale = longest_px / max(height, width)
    new_width, new_height = (max(1, round(side * scale)) for side in (width, height))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, (new_width, new_height), interpolation=how)
    turned = np.rot90(small, quarter_turns)
    down, across = (height, width) if quarter_turns % 2 == 0 else (width, height)
    padded = np.zeros((*_on_grid(*turned.shape[:2]), 3), dtype=np.uint8)
    padded[: turned.shape[0], : turned.shape[1]] = turned
    return padded, np.array([turned.shape[1] / across, turned.shape[0] / down])


def turned_back(
    points_px: NDArray[np.float64], quarter_turns: int, *, size_px: tuple[int, int]
) -> NDArray[np.float64]:
    """Points ``(..., 3)`` of a picture turned by ``np.rot90`` in the picture as it was.

    size_px: width and height of the picture as it was.
    """
    width, height = size_px
    x, y = points_px[..., 0], points_px[..., 1]
    places = (
        (x, y),
        (width - 1 - y, x),
        (width - 1 - x, height - 1 - y),
        (y, height - 1 - x),
    )[quarter_turns % 4]
    return np.stack([*places, points_px[..., 2]], axis=-1)


def _on_grid(*sides: int) -> tuple[int, ...]:
    return tuple(-(-side // INPUT_MULTIPLE_PX) * INPUT_MULTIPLE_PX for side in sides)
