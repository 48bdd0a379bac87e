"""The square of a view's plane that is seen, and its angle, zoom and middle.

A view's plane is measured in units of the view before any zoom: (0, 0) is its top left corner,
(1, 1) its bottom right one. ``center`` is the point of the plane that lies in the middle of the
window, ``1 / zoom`` the share of the plane that the window shows. This is independent of the size
of the window, so resizing keeps what is looked at. Knows nothing of Qt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.rendering.bounding_box import bounding_box
from core.rendering.views import CAMERA, ViewAngle
from core.rendering.whole_body import Bounds

MIN_ZOOM = 0.5
MAX_ZOOM = 16.0
ORBIT_RAD_PER_WINDOW = math.pi
"""A drag across the whole window turns the body half way round."""


@dataclass(frozen=True)
class Window:
    """The square of a view's plane that is seen: middle and side in units of the plane."""

    center_x: float = 0.5
    center_y: float = 0.5
    side: float = 1.0

    def to_window(self, x: float, y: float) -> tuple[float, float]:
        """A point of the plane in shares of the window, (0, 0) at its top left."""
        return (x - self.center_x) / self.side + 0.5, (y - self.center_y) / self.side + 0.5

    def to_plane(self, x: float, y: float) -> tuple[float, float]:
        """The inverse of ``to_window``."""
        return (x - 0.5) * self.side + self.center_x, (y - 0.5) * self.side + self.center_y

    def placed_in(self, shown: Window) -> tuple[float, float, float]:
        """Left, top and side of this square in shares of the window ``shown``.

        An image drawn for this window is put there while the right one is still being made.
        """
        left, top = shown.to_window(self.center_x - self.side / 2, self.center_y - self.side / 2)
        return left, top, self.side / shown.side


WHOLE_PLANE = Window()


@dataclass(frozen=True)
class PlaneView:
    """Angle, zoom and middle of one kind of view."""

    angle: ViewAngle = CAMERA
    zoom: float = 1.0
    center_x: float = 0.5
    center_y: float = 0.5

    @property
    def window(self) -> Window:
        """What the view shows of its plane."""
        return Window(self.center_x, self.center_y, 1 / self.zoom)

    def orbited(self, dx: float, dy: float) -> PlaneView:
        """Turned by a drag of ``dx``, ``dy`` shares of the window, as if the body were grabbed.

        Its near side follows the pointer, so the viewer goes left when the drag goes right.
        """
        turned = self.angle.orbited(-dx * ORBIT_RAD_PER_WINDOW, dy * ORBIT_RAD_PER_WINDOW)
        return replace(self, angle=turned)

    def panned(self, dx: float, dy: float) -> PlaneView:
        """Shifted so that the content follows a drag of ``dx``, ``dy`` shares of the window."""
        return self.centered(self.center_x - dx / self.zoom, self.center_y - dy / self.zoom)

    def zoomed(self, factor: float, *, x: float = 0.5, y: float = 0.5) -> PlaneView:
        """Magnified by ``factor`` about the point ``x``, ``y`` (shares of the window)."""
        zoom = min(max(self.zoom * factor, MIN_ZOOM), MAX_ZOOM)
        plane_x, plane_y = self.window.to_plane(x, y)
        moved = replace(self, zoom=zoom)
        return moved.centered(plane_x - (x - 0.5) / zoom, plane_y - (y - 0.5) / zoom)

    def centered(self, x: float, y: float) -> PlaneView:
        """With the middle at ``x``, ``y``, kept on the plane: the content cannot be lost."""
        return replace(self, center_x=min(max(x, 0.0), 1.0), center_y=min(max(y, 0.0), 1.0))


@dataclass(frozen=True)
class HeldView:
    """The box that views of a body are laid about while it is dragged, so that they stand still.

    low, high: its lowest and highest corner, metres in the crop's frame.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    @classmethod
    def about(cls, points_m: NDArray[np.floating]) -> HeldView:
        """The box of points ``(N, 3)`` in the crop's frame, such as a body's vertices."""
        (x, y, z), (right, bottom, far) = (corner.tolist() for corner in bounding_box(points_m))
        return cls((x, y, z), (right, bottom, far))

    @property
    def bounds(self) -> Bounds:
        """Both corners as arrays."""
        return np.array(self.low), np.array(self.high)

    @property
    def middle(self) -> tuple[float, float, float]:
        """``(3,)`` metres in the crop's frame."""
        x, y, z = ((low + high) / 2 for low, high in zip(self.low, self.high, strict=True))
        return x, y, z
