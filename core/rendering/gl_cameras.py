"""A view's camera as the matrices that OpenGL takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.rendering.tiles import PixelBox
from core.rendering.views import MeshView

Matrix = NDArray[np.float64]

GL_FROM_VIEW = np.diag([1.0, -1.0, -1.0, 1.0])
"""View frame (y down, z forward) to OpenGL's (y up, z backward)."""

NEAREST_M = 1e-2
"""Nothing nearer to the camera is drawn: a lens is no nearer to anyone."""


def gl_from_mesh(view: MeshView) -> Matrix:
    """``(4, 4)``: from coordinates about the body's centre to OpenGL's view frame."""
    view_from_mesh = np.eye(4)
    view_from_mesh[:3, :3] = view.rotation
    view_from_mesh[:3, 3] = view.center_in_view
    placed: Matrix = GL_FROM_VIEW @ view_from_mesh
    return placed


def depth_range(view: MeshView) -> tuple[float, float] | None:
    """The nearest and farthest depth in metres; None where the body lies behind the camera.

    Tight: at 40 m and more a wide range cannot tell an arm from the chest.
    """
    radius = view.radius + 1e-3
    depth = float(view.center_in_view[2])
    if depth + radius < 2 * NEAREST_M:
        return None
    return max(depth - radius, NEAREST_M), depth + radius


def projection(
    view: MeshView, tile: PixelBox, depths_m: tuple[float, float], *, supersampling: int
) -> Matrix:
    """``(4, 4)``: what a tile shows of a view, drawn ``supersampling`` times as large.

    Its first row of pixels is the highest one, so that what is read back need not be turned over.
    """
    focal_px = view.focal_length_px * supersampling
    # OpenGL counts from the corner of the first pixel, the program from its centre.
    middle_x, middle_y = (
        (principal_px + 0.5 - first) * supersampling
        for principal_px, first in zip(view.principal_point_px, (tile.left, tile.top), strict=True)
    )
    width, height = tile.width * supersampling, tile.height * supersampling
    near, far = depths_m
    return np.array(
        [
            [2 * focal_px / width, 0, 1 - 2 * middle_x / width, 0],
            [0, -2 * focal_px / height, 1 - 2 * middle_y / height, 0],
            [0, 0, (far + near) / (near - far), 2 * far * near / (near - far)],
            [0, 0, -1, 0],
        ]
    )


def pixels_a_metre(view: MeshView) -> float:
    """How large the view shows the body, where its middle is."""
    return view.focal_length_px / max(float(view.center_in_view[2]), NEAREST_M)
