"""Laying a drawn body over a picture, and the edges that make it lie well."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError

Picture = NDArray[np.uint8]

_OPAQUE = 255
_NEIGHBOURS = np.ones((3, 3), np.uint8)
_EDGE_CONTRAST = 40
"""Of green, in steps of 255, within 3 × 3 pixels: nine tenths of a body's pixels stay below."""


def overlay(picture: Picture, rgba: Picture, *, opacity: float = 1.0) -> Picture:
    """The picture ``(H, W, 3)`` with a straight-alpha layer ``(H, W, 4)`` over it, both uint8 RGB.

    ``opacity`` in 0..1 thins the layer. Raises ``ShapeError`` where the sizes differ.
    """
    if rgba.ndim != 3 or rgba.shape[2] != 4 or picture.shape != (*rgba.shape[:2], 3):
        raise ShapeError("rgba", actual=rgba.shape, expected=f"{(*picture.shape[:2], 4)}")
    drawn = rgba[..., 3] > 0
    result = picture.copy()
    alpha = rgba[drawn, 3:].astype(np.float32) * (opacity / _OPAQUE)
    blended = picture[drawn] * (1 - alpha) + rgba[drawn, :3] * alpha
    result[drawn] = np.rint(blended).astype(np.uint8)
    return result


def soft_edges(rgba: Picture) -> Picture:
    """Smooth the edges of a layer ``(H, W, 4)`` drawn without anti-aliasing.

    Only pixels at an edge change: their colour and coverage become averages over 3 × 3 pixels. An
    edge is the outline, and where one limb ends before another one: there the surface turns away
    within a pixel, and what is sampled of it would be a row of dark dots. Costs less than 1 ms,
    where multisampling costs 8 to 20 on software OpenGL (in a view of 300 px).
    """
    result = np.zeros_like(rgba)
    part = _about_the_body(rgba)
    drawn = np.ascontiguousarray(rgba[part])
    if not drawn.size:
        return result
    averaged = cv2.GaussianBlur(drawn, (3, 3), 0)
    green, alpha = cv2.extractChannel(drawn, 1), cv2.extractChannel(drawn, 3)
    contrast = cv2.morphologyEx(green, cv2.MORPH_GRADIENT, _NEIGHBOURS)
    is_edge = (cv2.erode(alpha, _NEIGHBOURS) < _OPAQUE) | (contrast >= _EDGE_CONTRAST)
    # Most of what is not covered lies far from the outline and stays empty.
    at_edge = np.flatnonzero(is_edge & (cv2.extractChannel(averaged, 3) > 0))
    # One number a pixel: picking rows of four bytes takes ten times as long.
    smooth = _whole_pixels(averaged)[at_edge].view(np.uint8)
    _whole_pixels(drawn)[at_edge] = _whole_pixels(straight_alpha(smooth))
    result[part] = drawn
    return result


def _whole_pixels(rgba: Picture) -> NDArray[np.uint32]:
    """The pixels ``(…, 4)`` as ``(N, 1)``, each one number; of the same memory."""
    return rgba.reshape(-1, 4).view(np.uint32)


def _about_the_body(rgba: Picture) -> tuple[slice, slice]:
    """Rows and columns with all that is drawn and two empty pixels around it.

    A body fills a small part of a large view, and what is empty stays so. Two: what is averaged
    next to the outline must not see the edge of the part.
    """
    left, top, width, height = cv2.boundingRect(rgba[..., 3])
    if not width:
        return slice(0, 0), slice(0, 0)
    margin = 2
    return (
        slice(max(0, top - margin), top + height + margin),
        slice(max(0, left - margin), left + width + margin),
    )


def reduced(rgba: Picture, factor: int) -> Picture:
    """A layer drawn ``factor`` times too large, averaged down: smooth inside and at the outline."""
    size = (rgba.shape[1] // factor, rgba.shape[0] // factor)
    return straight_alpha(cv2.resize(rgba, size, interpolation=cv2.INTER_AREA).astype(np.uint8))


def straight_alpha(premultiplied: Picture) -> Picture:
    """Colours ``(…, 4)`` that were averaged with an empty background, set free of it.

    Edge pixels come out of averaging darkened by their own coverage; divided by it they blend
    without a dark fringe. Pixels without coverage become exactly 0.
    """
    result = np.ascontiguousarray(premultiplied).copy()
    flat = result.reshape(-1, 4)
    alpha = flat[:, 3]
    edge = np.flatnonzero((alpha > 0) & (alpha < _OPAQUE))
    colors = flat[edge, :3].astype(np.float32) * _OPAQUE / alpha[edge, None]
    flat[edge, :3] = np.minimum(np.rint(colors), _OPAQUE).astype(np.uint8)
    # Averages round: colour can be left where the coverage has become 0.
    flat[alpha == 0] = 0
    return result
