"""Cuts the square of a box out of a picture, turned and mirrored where asked, without aliasing.

Pixels: integer coordinates are the centres of pixels, in the picture and in the crop alike; the
box's centre lies at pixel (size / 2, size / 2) of the crop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError, StudioError
from core.geometry.boxes import Box

Pixel = TypeVar("Pixel", np.uint8, np.float32)

_SUPERSAMPLED_SIDE_PX = 4096
_ROUNDING = 0.02
"""A part's sides are whole pixels, so its scale is a little off what was asked for."""
_UPRIGHT = np.eye(2)


def square_crop(
    picture: NDArray[np.uint8],
    box: Box,
    *,
    size_px: int,
    pixel: type[Pixel],
    turn: NDArray[np.float64] = _UPRIGHT,
) -> NDArray[Pixel]:
    """The box of a picture ``(H, W, 3)`` as ``(size_px, size_px, 3)``; zeros outside the picture.

    The box is not rounded. Shrinking averages over each pixel's area, so nothing flickers or
    aliases; enlarging interpolates linearly.

    Args:
        picture: RGB or any other three channels.
        box: what of the picture.
        size_px: side of the crop.
        pixel: of the crop: ``np.uint8``, or ``np.float32`` where no rounding is wanted.
        turn: ``(2, 2)`` orthogonal; leads from directions in the crop to directions in the picture.
    """
    if size_px < 1:
        raise StudioError(f"A crop needs a side of at least 1 px, got {size_px}.")
    shrink = box.side_px / size_px
    reach_px = _reach_px(box, turn) + 2 + shrink
    part = picture_part(picture, box, reach_px=reach_px, scale=_most_samples(size_px) / shrink)
    return crop_of_part(part, box, size_px=size_px, pixel=pixel, turn=turn)


@dataclass(frozen=True, eq=False)
class PicturePart:
    """What of a picture the crops of one person are cut from, perhaps made smaller.

    pixels: (h, w, 3); origin_px: (2,) the picture's pixel that it begins at; scale: (2,) its pixels
    per pixel of the picture, along x and y.
    """

    pixels: NDArray[np.uint8]
    origin_px: NDArray[np.float64]
    scale: NDArray[np.float64]


def picture_part(
    picture: NDArray[np.uint8], box: Box, *, reach_px: float, scale: float
) -> PicturePart:
    """The part of a picture ``(H, W, 3)`` that reaches so far about the middle of a box.

    Made smaller by about ``scale``, averaged over areas; as it is where that is 1 or more. It holds
    a view of the picture or pixels of its own.
    """
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ShapeError("picture", actual=picture.shape, expected="(H, W, 3)")
    part, origin = _part_around(picture, box, reach_px)
    if part.size == 0:
        return PicturePart(part, origin, np.ones(2))
    smaller, scales = _reduced(part, scale)
    return PicturePart(smaller, origin, scales)


def crop_of_part(
    part: PicturePart,
    box: Box,
    *,
    size_px: int,
    pixel: type[Pixel],
    turn: NDArray[np.float64] = _UPRIGHT,
) -> NDArray[Pixel]:
    """As ``square_crop`` of the picture; what lies beyond the part is as black as outside it."""
    if part.pixels.size == 0:
        return np.zeros((size_px, size_px, 3), dtype=pixel)
    shrink = box.side_px / size_px * float(part.scale.mean())
    samples = min(max(1, int(np.ceil(shrink - _ROUNDING))), _most_samples(size_px))
    fine = cv2.warpAffine(
        part.pixels.astype(pixel, copy=False),
        _fine_to_part(
            box, size_px * samples, samples, turn, origin_px=part.origin_px, scale=part.scale
        ),
        (size_px * samples, size_px * samples),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(0, 0, 0),
    )
    if samples > 1:
        fine = cv2.resize(fine, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(fine, dtype=pixel)


def _most_samples(size_px: int) -> int:
    return max(2, _SUPERSAMPLED_SIDE_PX // size_px)


def _reach_px(box: Box, turn: NDArray[np.float64]) -> float:
    """Half the side of the upright square about a turned box."""
    return float(box.side_px / 2 * np.abs(turn).sum(axis=1).max())


def _part_around(
    picture: NDArray[np.uint8], box: Box, reach_px: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part of the picture near the box, and where it begins; what is far is never touched."""
    height, width = picture.shape[:2]
    low_x, high_x = np.clip([box.center_x_px - reach_px, box.center_x_px + reach_px], 0, width)
    low_y, high_y = np.clip([box.center_y_px - reach_px, box.center_y_px + reach_px], 0, height)
    left, top = int(np.floor(low_x)), int(np.floor(low_y))
    part = picture[top : int(np.ceil(high_y)), left : int(np.ceil(high_x))]
    return part, np.array([left, top], dtype=np.float64)


def _reduced(
    part: NDArray[np.uint8], factor: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The part made smaller by about ``factor``, with its exact scales: bounds the work later."""
    if factor >= 1:
        return part, np.ones(2)
    height, width = part.shape[:2]
    new_width, new_height = max(1, round(width * factor)), max(1, round(height * factor))
    smaller = cv2.resize(part, (new_width, new_height), interpolation=cv2.INTER_AREA)
    scale = np.array([new_width / width, new_height / height])
    return smaller.astype(np.uint8, copy=False), scale


def _fine_to_part(
    box: Box,
    fine_size_px: int,
    samples: int,
    turn: NDArray[np.float64],
    *,
    origin_px: NDArray[np.float64],
    scale: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The affine map ``(2, 3)`` from a pixel of the finer crop to one of the part.

    Each crop pixel is the mean of ``samples``² fine ones that lie evenly about its centre.
    """
    step = box.side_px / fine_size_px
    linear = turn * step
    # The fine pixel that lies at the box's centre, which is the centre of crop pixel size / 2.
    middle = fine_size_px / 2 + (samples - 1) / 2
    center = np.array([box.center_x_px, box.center_y_px]) - origin_px
    first = center - linear @ np.array([middle, middle])
    matrix = np.concatenate([linear, first[:, None]], axis=1)
    matrix[:, 2] += 0.5
    matrix *= scale[:, None]
    matrix[:, 2] -= 0.5
    return matrix
