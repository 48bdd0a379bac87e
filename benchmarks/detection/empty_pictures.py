"""Pictures without people: noise, gradients, and rendered rooms, streets and walls."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from core.engine.synthetic.backgrounds import paint_background

_SIZES_PX = ((640, 480), (480, 640), (600, 600))
_FIRST_SEED = 50_000


def empty_pictures(count: int) -> Iterator[NDArray[np.uint8]]:
    """Pictures ``(H, W, 3)``: three of four rendered, the others noise and gradients in turn."""
    for number in range(count):
        rng = np.random.default_rng(_FIRST_SEED + number)
        size_px = _SIZES_PX[number % len(_SIZES_PX)]
        if number % 8 == 3:
            yield _noise(size_px, rng)
        elif number % 8 == 7:
            yield _slope(size_px, rng)
        else:
            yield (paint_background(size_px, rng).canvas * 255).astype(np.uint8)


def _noise(size_px: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Random colours, from single pixels to blots of 64."""
    coarse = 2 ** int(rng.integers(0, 7))
    width, height = (-(-side // coarse) + 1 for side in size_px)
    few = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(few, size_px, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _slope(size_px: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """From one colour to another along any direction."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[: size_px[1], : size_px[0]]
    along = np.cos(angle) * x + np.sin(angle) * y
    share = (along - along.min()) / np.ptp(along)
    first, last = rng.uniform(0, 255, (2, 3))
    return (first + (last - first) * share[..., None]).astype(np.uint8)
