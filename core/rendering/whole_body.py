"""A body looked at alone: all of it, in metres, standing on a floor, whatever its crop shows.

The crop's camera cuts off what lies outside of the crop, and its scale follows the size of the box.
From the top and the side a body is looked at for its shape: it lies in the middle of a square whose
side is the same for all people, 2.4 m, seen from so far away that parallels stay parallel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.rendering.bounding_box import bounding_box
from core.rendering.views import CAMERA, MeshView, ViewAngle

VIEW_SIDE_M = 2.4
"""Of what the square shows at the body's distance: an adult with raised arms fits in."""

MARGIN = 1.1
"""How many times larger than the body the square is where the body is larger than that."""

FAR_M = 40.0
"""The viewer's distance: a metre in depth changes the scale by 2.5 %."""

GRID_STEP_M = 0.5
GRID_REACH = 3
"""Lines of the floor on each side of the one below the body's middle."""

_CAMERA_AT, _CAMERA_DEPTH, _CAMERA_HALF = 0.48, 0.07, 0.028
"""A camera's picture in shares of the square: its distance from the middle, its length, half its
opening."""

Segments = NDArray[np.float32]
"""``(N, 2, 2)``: both ends of lines in shares of the square, (0, 0) its top left."""


Bounds = tuple[NDArray[np.floating], NDArray[np.floating]]
"""The lowest and the highest corner of a box, ``(3,)`` each, metres."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What stands around a body, seen as the body is.

    floor: a grid with lines each ``GRID_STEP_M`` at the height of the lowest point.
    upright: the vertical through the body's middle, from the floor to its top.
    camera: a camera on the side that the picture was taken from, and the way it looks.
    metre: 1 m in shares of the square.
    """

    floor: Segments
    upright: Segments
    camera: Segments
    metre: float


def whole_body_view(
    vertices: NDArray[np.floating],
    *,
    size_px: int,
    angle: ViewAngle = CAMERA,
    zoom: float = 1.0,
    pan_px: tuple[float, float] = (0.0, 0.0),
    bounds: Bounds | None = None,
) -> MeshView:
    """The square view of a body alone.

    With S the square's side, s = size_px · zoom / S pixels a metre, and D = ``FAR_M``, the body's
    middle is held at (0, 0, D) before a pinhole camera of the focal length s · D.

    Args:
        vertices: ``(V, 3)`` metres in the axes of the crop's frame.
        size_px: side of the view.
        angle: from where.
        zoom: about the middle of the view.
        pan_px: added after the zoom, view pixels.
        bounds: the box that is looked at; None: that of the body.
    """
    low, high = bounding_box(vertices) if bounds is None else bounds
    middle = (low + high) / 2
    held = vertices - middle + np.array([0.0, 0.0, FAR_M])
    center = size_px / 2
    return MeshView(
        vertices_camera=held.astype(np.float32),
        angle=angle,
        width=size_px,
        height=size_px,
        focal_length_px=size_px * zoom / _side_m(low, high) * FAR_M,
        principal_point_px=(center + pan_px[0], center + pan_px[1]),
        turned_about=None if bounds is None else (0.0, 0.0, FAR_M),
    )


def square_side_m(vertices: NDArray[np.floating]) -> float:
    """What the square of a body shows: ``VIEW_SIDE_M``, or more for a body that needs more."""
    return _side_m(*bounding_box(vertices))


def _side_m(low: NDArray[np.floating], high: NDArray[np.floating]) -> float:
    return max(VIEW_SIDE_M, MARGIN * float((high - low).max()))


def surroundings(vertices: NDArray[np.floating], angle: ViewAngle) -> Surroundings:
    """Floor, vertical and camera of a body ``(V, 3)`` in metres, as ``whole_body_view`` sees it.

    Of the body only its box counts, so the two corners of that are as good.
    """
    view = whole_body_view(vertices, size_px=1, angle=angle)
    side = square_side_m(vertices)
    half_height = float(np.ptp(vertices[:, 1])) / 2

    def seen(lines_m: NDArray[np.float64]) -> Segments:
        return view.project(lines_m + np.array([0.0, 0.0, FAR_M]))

    upright = np.array([[[0.0, half_height, 0.0], [0.0, -half_height, 0.0]]])
    return Surroundings(
        floor=seen(_floor_lines(half_height)),
        upright=seen(upright),
        camera=seen(_camera_lines() * side),
        metre=1 / side,
    )


def _floor_lines(height_m: float) -> NDArray[np.float64]:
    """``(N, 2, 3)``: about the middle, ``height_m`` below it (y is down)."""
    reach = GRID_REACH * GRID_STEP_M
    steps = np.linspace(-reach, reach, 2 * GRID_REACH + 1)
    along_depth = [[[step, height_m, -reach], [step, height_m, reach]] for step in steps]
    across = [[[-reach, height_m, step], [reach, height_m, step]] for step in steps]
    return np.array(along_depth + across)


def _camera_lines() -> NDArray[np.float64]:
    """``(N, 2, 3)`` in shares of the square: a pyramid that opens towards the body, and its way."""
    tip = np.array([0.0, 0.0, -_CAMERA_AT])
    front = -_CAMERA_AT + _CAMERA_DEPTH
    corners = [
        np.array([x * _CAMERA_HALF, y * _CAMERA_HALF, front])
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    edges = [[tip, corner] for corner in corners]
    edges += [[corners[place - 1], corners[place]] for place in range(4)]
    arrow, barb = front + 1.6 * _CAMERA_DEPTH, 0.2 * _CAMERA_DEPTH
    edges += [[np.array([0.0, 0.0, front]), np.array([0.0, 0.0, arrow])]]
    edges += [
        [np.array([0.0, 0.0, arrow]), np.array([x, y, arrow - 1.5 * barb])]
        for x, y in ((-barb, 0.0), (barb, 0.0), (0.0, -barb), (0.0, barb))
    ]
    return np.array(edges)
