"""Where in one large target several views are drawn: pure maths, no drawing.

Only what a body can cover of its view is drawn, read back and smoothed; the rest stays empty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.rendering.views import MeshView

RING_PX = 1
"""Around what a tile shows of its view: edges are smoothed over the pixels next to them."""


@dataclass(frozen=True)
class PixelBox:
    """Whole pixels of a view: the left and the top one, and how many there are."""

    left: int
    top: int
    width: int
    height: int

    @property
    def is_empty(self) -> bool:
        """Whether it has no pixels."""
        return self.width <= 0 or self.height <= 0

    def widened(self, by_px: int) -> PixelBox:
        """With this many more pixels on each side."""
        return PixelBox(
            self.left - by_px, self.top - by_px, self.width + 2 * by_px, self.height + 2 * by_px
        )

    def enlarged(self, factor: int) -> PixelBox:
        """The same part of a view that is ``factor`` times as large."""
        return PixelBox(*(factor * side for side in (self.left, self.top, self.width, self.height)))

    @property
    def part(self) -> tuple[slice, slice]:
        """Rows and columns."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )


def body_box(view: MeshView) -> PixelBox:
    """The pixels of a view that its body can cover; without its bend.

    A box is seen within the pixels of its corners as long as all of it lies before the camera.
    """
    low, high = view.bounds
    corners = np.array(
        [[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]
    )
    return box_of_points(view, view.to_view_frame(corners))


def box_of_points(view: MeshView, in_view: NDArray[np.floating]) -> PixelBox:
    """The pixels between points ``(N, 3)`` of the view frame; all where one is not before it."""
    depth = in_view[:, 2:]
    if depth.min() <= _NO_DEPTH_M:
        return PixelBox(0, 0, view.width, view.height)
    pixels = view.focal_length_px * in_view[:, :2] / depth + view.principal_point_px
    sizes = np.array([view.width, view.height])
    # A pixel reaches half its size beyond its centre, and smoothing one pixel farther.
    first = np.clip(np.floor(pixels.min(axis=0) - _REACH_PX), 0, sizes).astype(int)
    behind = np.clip(np.ceil(pixels.max(axis=0) + _REACH_PX) + 1, 0, sizes).astype(int)
    (left, top), (width, height) = first.tolist(), (behind - first).tolist()
    return PixelBox(left, top, width, height)


_NO_DEPTH_M = 1e-3
_REACH_PX = 1.5


def packed(sizes: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], tuple[int, int]]:
    """Where boxes of ``sizes`` (width, height) lie in one about square target, and its size.

    In rows, the highest first.

    Returns:
        The left and top pixel of each box, and the width and height of the target.
    """
    area = sum(width * height for width, height in sizes)
    widest = max(math.ceil(math.sqrt(area) * 1.1), *(width for width, _height in sizes), 1)
    places: list[tuple[int, int]] = [(0, 0)] * len(sizes)
    left = top = row_height = used = 0
    for index in sorted(range(len(sizes)), key=lambda number: -sizes[number][1]):
        width, height = sizes[index]
        if left + width > widest:
            left, top, row_height = 0, top + row_height, 0
        places[index] = (left, top)
        left, row_height = left + width, max(row_height, height)
        used = max(used, left)
    return places, (used, top + row_height)
