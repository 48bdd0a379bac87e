"""What is asked of the renderer: pure data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError, ShapeError
from core.rendering.colors import CURRENT_FIT_COLOR, MeshColor
from core.rendering.mannequin import Mannequin
from core.rendering.views import MeshView

MAX_SIDE_PX = 8192
"""What software OpenGL draws at most; larger requests come from a mistake."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """One picture of one body or several.

    views: one for each body, all of one size; each body is seen by its own camera.
    faces: ``(F, 3)``, counter-clockwise seen from outside, of every body; keep handing in the same
    array.
    colors: one for each body.
    vertex_colors: ``(V, 3)`` in 0..1, multiplied with the colour; None for a plain body.
    supersampling: 1 draws fast and smooths the outline; 2 or more draws larger and averages down,
    for pictures that are kept.
    wireframe: the edges of the faces that look at the camera, and nothing between them.
    mannequin: what every body wears; not where ``vertex_colors`` mean numbers.
    """

    views: tuple[MeshView, ...]
    faces: NDArray[np.integer]
    colors: tuple[MeshColor, ...] = (CURRENT_FIT_COLOR,)
    vertex_colors: NDArray[np.floating] | None = None
    supersampling: int = 1
    wireframe: bool = False
    mannequin: Mannequin | None = None

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.views[0].width, self.views[0].height

    def checked(self) -> Drawing:
        """The same, if it can be drawn.

        Raises:
            RenderingError: it is too large, or the numbers of bodies and colours differ.
            ShapeError: ``vertex_colors`` are not those of the body.
        """
        width, height = self.size_px
        if max(width, height) * self.supersampling > MAX_SIDE_PX:
            raise RenderingError(
                f"A view of {width * self.supersampling} × {height * self.supersampling} pixels "
                f"is too large to draw; at most {MAX_SIDE_PX} a side."
            )
        if len(self.colors) != len(self.views):
            raise RenderingError(f"{len(self.views)} bodies need as many colours.")
        wanted = self.views[0].vertices_camera.shape
        if self.vertex_colors is not None and self.vertex_colors.shape != wanted:
            raise ShapeError("vertex_colors", actual=self.vertex_colors.shape, expected=str(wanted))
        return self

    def before_bending(self, margin_px: int) -> Drawing:
        """The same without the bend of a lens, wider by a margin on each side."""
        return replace(self, views=tuple(view.before_bending(margin_px) for view in self.views))
