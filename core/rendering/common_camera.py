"""Several bodies, each seen by a camera of its own, before one camera: pure maths, no drawing.

People of one picture mostly share its camera, but fits of an older project, or of cropped pictures,
have other focal lengths and principal points. What is nearer hides what is farther only where all
are drawn at once, by one camera.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError
from core.rendering.views import MeshView


def in_first_camera(views: Sequence[MeshView]) -> list[NDArray[np.float64]]:
    """Vertices ``(V, 3)`` of each view, in metres in the frame of the first view's camera.

    A point before the camera (f_i, c_i) is seen at the same pixel by (f, c) when it lies at::

        (X, Y)' = (X, Y) + Z (c_i − c) / f_i        Z' = Z f / f_i

    This is linear, so that triangles stay flat, and the identity where the cameras are the same. A
    metre at Z' covers as many pixels as one at Z did: a body of the long lens comes as near as its
    size says that it is.

    Raises:
        RenderingError: there are no views, or they are not of one size.
    """
    sizes = {(view.width, view.height) for view in views}
    if len(sizes) != 1:
        raise RenderingError(f"People are drawn in views of one size, got {sorted(sizes)}.")
    focal_px, principal_px = views[0].focal_length_px, np.array(views[0].principal_point_px)
    moved = []
    for view in views:
        points = view.to_view_frame(view.vertices_camera)
        aside = (np.array(view.principal_point_px) - principal_px) / view.focal_length_px
        sideways = points[:, :2] + points[:, 2:] * aside
        depth = points[:, 2:] * (focal_px / view.focal_length_px)
        moved.append(np.concatenate([sideways, depth], axis=1))
    return moved
