"""Things in front of people: a table, a pole, a crate."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.engine.synthetic.backgrounds import Canvas, draw_box
from core.geometry.boxes import Box

Mask = NDArray[np.bool_]

_PAINTS = (
    (0.55, 0.40, 0.26), (0.36, 0.25, 0.17), (0.78, 0.76, 0.72), (0.30, 0.33, 0.38),
    (0.62, 0.30, 0.24), (0.35, 0.47, 0.55), (0.70, 0.58, 0.40),
)  # fmt: skip
"""Wood, paint and metal."""


def draw_occluder(canvas: Canvas, box: Box, rng: np.random.Generator) -> Mask:
    """Draw something before the person in ``box``; returns ``(H, W)``, what it hides."""
    before = canvas.copy()
    kind = rng.choice(3, p=[0.4, 0.35, 0.25])
    side = box.side_px
    if kind == 0:
        top = int(box.center_y_px + side * rng.uniform(0.12, 0.32))
        left = int(box.center_x_px - side * rng.uniform(0.3, 0.7))
        wide = int(side * rng.uniform(0.5, 1.0))
        draw_box(canvas, (left, top), (wide, canvas.shape[0]), _paint(rng))
    elif kind == 1:
        _pole(canvas, box, rng)
    else:
        high = int(side * rng.uniform(0.2, 0.35))
        left = int(box.center_x_px + side * rng.uniform(-0.45, 0.2))
        bottom = int(box.center_y_px + side * 0.47)
        crate = (int(high * rng.uniform(0.8, 1.4)), high)
        draw_box(canvas, (left, bottom - high), crate, _paint(rng))
    hidden: Mask = (canvas != before).any(axis=2)
    return hidden


def _paint(rng: np.random.Generator) -> NDArray[np.float64]:
    return np.array(_PAINTS[rng.integers(len(_PAINTS))]) * rng.uniform(0.85, 1.15)


def _pole(canvas: Canvas, box: Box, rng: np.random.Generator) -> None:
    """An upright round post over the full height, lit from the left."""
    width = max(4, int(box.side_px * rng.uniform(0.04, 0.10)))
    left = int(box.center_x_px + box.side_px * rng.uniform(-0.28, 0.28)) - width // 2
    across = np.linspace(-1, 1, width)
    light = 0.55 + 0.6 * np.sqrt(np.clip(1 - (across + 0.3) ** 2, 0, 1))
    post = np.clip(light[:, None] * _paint(rng), 0, 1)
    first, last = max(left, 0), min(left + width, canvas.shape[1])
    if last > first:
        canvas[:, first:last] = post[first - left : last - left]


def draw_shadow(canvas: Canvas, feet_px: NDArray[np.floating], side_px: float) -> None:
    """Darken the floor about the feet ``(N, 2)``, so that a person stands on it."""
    low, high = feet_px.min(axis=0), feet_px.max(axis=0)
    center = (int((low[0] + high[0]) / 2), int(high[1]))
    radii = (int((high[0] - low[0]) / 2 + 0.10 * side_px), max(3, int(0.035 * side_px)))
    shade = np.zeros(canvas.shape[:2], np.float32)
    cv2.ellipse(shade, center, radii, 0, 0, 360, 1.0, -1)
    shade = cv2.GaussianBlur(shade, (0, 0), max(1.0, 0.02 * side_px))
    canvas *= 1 - 0.45 * shade[..., None]
