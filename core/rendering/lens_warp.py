"""Bodies drawn as a lens shows them that bends straight lines.

Bodies are fitted and drawn without distortion; the picture behind them has it. A drawn layer is
therefore bent in the end, pixel by pixel: what a lens shows at a pixel is what would be seen
without distortion at another one (docs/method.md, "Looking at a body").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from core.rendering.compositing import Picture
from core.types.cameras import PictureCamera

_NODE_PX = 8
"""The bend is computed at nodes this far apart and is linear between them: less than 0.05 px off
for lenses whose bend is a few pixels a hundred."""

_WIDEST_MARGIN = 0.5
"""Of the side: what a lens brings in from farther out is left away."""


@dataclass(frozen=True, eq=False)
class LensWarp:
    """The bend of a view of ``width`` × ``height`` pixels over a picture.

    camera: of the picture, with its distortion.
    picture_px_per_view_px, picture_origin_px: a pixel v of the view is o + s v of the picture;
    whole numbers are the centres of pixels in both.
    """

    camera: PictureCamera
    width: int
    height: int
    picture_px_per_view_px: float
    picture_origin_px: tuple[float, float]

    def bent(self, points_px: NDArray[np.floating]) -> NDArray[np.float32]:
        """Where the lens shows points ``(..., 2)`` of the undistorted view, in its pixels."""
        shown = self.camera.distorted(self._to_picture(points_px))
        return self._to_view(shown).astype(np.float32)

    def straight(self, points_px: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points ``(..., 2)`` of the view lie without the bend, in its pixels."""
        return self._to_view(self.camera.undistorted(self._to_picture(points_px)))

    @property
    def margin_px(self) -> int:
        """How much wider a view must be drawn on each side, for what the lens brings in."""
        sizes = np.array([self.width, self.height])
        beyond = np.maximum(-self._sources, self._sources - (sizes - 1)).max(initial=0.0)
        return int(min(np.ceil(beyond) + 2, _WIDEST_MARGIN * sizes.max()))

    def applied(self, layer: Picture, *, margin_px: int) -> Picture:
        """A premultiplied layer ``(H + 2 m, W + 2 m, 4)``, bent and cut to ``(H, W, 4)``."""
        sources = self._sources + margin_px
        columns, rows = (np.ascontiguousarray(part) for part in np.moveaxis(sources, -1, 0))
        bent: Picture = cv2.remap(layer, columns, rows, cv2.INTER_LINEAR).astype(np.uint8)
        return bent

    @cached_property
    def _sources(self) -> NDArray[np.float32]:
        """Where what each pixel shows lies in the undistorted view: ``(H, W, 2)``."""
        across, down = (_nodes(size) for size in (self.width, self.height))
        grid = np.stack(np.meshgrid(across, down), axis=-1)
        straight = self._to_view(self.camera.undistorted(self._to_picture(grid)))
        by_column = np.einsum("xn,mnc->mxc", _between(across, self.width), straight)
        by_row = np.einsum("ym,mxc->yxc", _between(down, self.height), by_column)
        sources: NDArray[np.float32] = by_row.astype(np.float32)
        return sources

    def _to_picture(self, points_px: NDArray[np.floating]) -> NDArray[np.float64]:
        scaled = np.asarray(points_px, np.float64) * self.picture_px_per_view_px
        in_picture: NDArray[np.float64] = scaled + np.array(self.picture_origin_px)
        return in_picture

    def _to_view(self, points_px: NDArray[np.floating]) -> NDArray[np.float64]:
        from_origin = np.asarray(points_px, np.float64) - np.array(self.picture_origin_px)
        in_view: NDArray[np.float64] = from_origin / self.picture_px_per_view_px
        return in_view


def _nodes(size_px: int) -> NDArray[np.float64]:
    """Positions from edge to edge, about ``_NODE_PX`` apart."""
    return np.linspace(-0.5, size_px - 0.5, max(2, round(size_px / _NODE_PX) + 1))


def _between(nodes: NDArray[np.float64], size_px: int) -> NDArray[np.float64]:
    """Weights ``(size, nodes)`` of linear interpolation at the middles of pixels."""
    position = (np.arange(size_px) + 0.5) / (nodes[1] - nodes[0])
    distance = np.abs(position[:, None] - np.arange(len(nodes)))
    weights: NDArray[np.float64] = np.maximum(0.0, 1.0 - distance)
    return weights
