"""Which part of a picture a widget of any shape shows. Knows nothing of Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.geometry.boxes import Box

MAX_ZOOM = 40.0
"""Logical pixels of the widget for one pixel of the picture."""
FIRST_MARGIN = 1.25
"""How much more than a person's box is shown at first."""


@dataclass(frozen=True)
class PictureView:
    """center: the picture pixel in the middle; zoom: widget pixels for one of the picture."""

    center_x_px: float
    center_y_px: float
    zoom: float
    width: float
    height: float

    @classmethod
    def around(cls, box: Box, *, width: float, height: float) -> PictureView:
        """A view that shows a whole box with a margin."""
        zoom = min(width, height) / (FIRST_MARGIN * box.side_px)
        return cls(box.center_x_px, box.center_y_px, min(zoom, MAX_ZOOM), width, height)

    def to_view(self, x_px: float, y_px: float) -> tuple[float, float]:
        """A point of the picture in the widget."""
        return (
            (x_px - self.center_x_px) * self.zoom + self.width / 2,
            (y_px - self.center_y_px) * self.zoom + self.height / 2,
        )

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """The inverse of ``to_view``."""
        return (
            (x - self.width / 2) / self.zoom + self.center_x_px,
            (y - self.height / 2) / self.zoom + self.center_y_px,
        )

    def panned(self, dx: float, dy: float) -> PictureView:
        """Shifted so that the picture follows a drag of ``dx``, ``dy`` widget pixels."""
        return replace(
            self,
            center_x_px=self.center_x_px - dx / self.zoom,
            center_y_px=self.center_y_px - dy / self.zoom,
        )

    def zoomed(self, factor: float, *, x: float, y: float, least: float) -> PictureView:
        """Magnified about a point of the widget, which keeps its pixel; never below ``least``."""
        zoom = min(max(self.zoom * factor, least), MAX_ZOOM)
        x_px, y_px = self.to_picture(x, y)
        return replace(
            self,
            zoom=zoom,
            center_x_px=x_px - (x - self.width / 2) / zoom,
            center_y_px=y_px - (y - self.height / 2) / zoom,
        )

    def resized(self, width: float, height: float) -> PictureView:
        """In a widget of another size, with the same middle and zoom."""
        return replace(self, width=width, height=height)

    def kept_on(self, picture_size_px: tuple[int, int]) -> PictureView:
        """With the middle on the picture: the picture cannot be lost."""
        width, height = picture_size_px
        return replace(
            self,
            center_x_px=min(max(self.center_x_px, 0.0), float(width)),
            center_y_px=min(max(self.center_y_px, 0.0), float(height)),
        )

    def least_zoom(self, picture_size_px: tuple[int, int]) -> float:
        """The zoom that shows the whole picture and half as much around it."""
        width, height = picture_size_px
        return min(self.width / (1.5 * width), self.height / (1.5 * height), 1.0)

    @property
    def square(self) -> Box:
        """The square of the picture, about the middle, that covers the widget."""
        side = max(self.width, self.height) / self.zoom
        return Box(self.center_x_px, self.center_y_px, max(side, 1e-3))
