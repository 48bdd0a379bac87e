"""Rooms, streets and plain walls to stand before; painted from random numbers alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Canvas = NDArray[np.float32]
"""(H, W, 3) red, green, blue in 0..1."""


@dataclass(frozen=True, eq=False)
class Background:
    """An empty scene; ``floor_top_px`` is the row where the floor begins, None without a floor."""

    canvas: Canvas
    floor_top_px: int | None


_WARM = np.array([0.09, 0.0, -0.11])


def paint_background(size_px: tuple[int, int], rng: np.random.Generator) -> Background:
    """A background of ``size_px`` (width, height)."""
    painters: tuple[Callable[[tuple[int, int], np.random.Generator], Background], ...] = (
        _room,
        _outdoors,
        _striped_wall,
        _blurred_scene,
        _studio,
    )
    kind = rng.choice(len(painters), p=[0.34, 0.26, 0.12, 0.14, 0.14])
    background = painters[kind](size_px, rng)
    canvas = background.canvas * _cloudy(size_px, rng, coarse_px=160, strength=0.03)[..., None]
    return Background(np.clip(canvas, 0, 1).astype(np.float32), background.floor_top_px)


def gradient(
    size_px: tuple[int, int], top: NDArray[np.float64], bottom: NDArray[np.float64]
) -> Canvas:
    """Colours ``(3,)`` blended from the upper to the lower edge."""
    width, height = size_px
    share = np.linspace(0, 1, height)[:, None, None]
    column = top[None, None] * (1 - share) + bottom[None, None] * share
    return np.repeat(column, width, axis=1).astype(np.float32)


def soft_color(
    rng: np.random.Generator, low: float = 0.35, high: float = 0.85
) -> NDArray[np.float64]:
    """A muted colour ``(3,)``: a grey with a little of one hue, warm more often than cold."""
    grey = rng.uniform(low, high)
    color = grey + rng.uniform(-0.045, 0.045, 3) + rng.uniform(-0.25, 1.0) * _WARM * grey
    clipped: NDArray[np.float64] = np.clip(color, 0.03, 0.97)
    return clipped


def draw_box(
    canvas: Canvas, corner: tuple[int, int], size: tuple[int, int], color: NDArray[np.float64]
) -> None:
    """A box seen a little from above: a darker front and a lighter top; corner is top left, px."""
    (left, top), (width, height) = corner, size
    depth = max(3, int(0.14 * min(width, height)))
    lid = [[left, top], [left + depth, top - depth], [left + width + depth, top - depth]]
    side = [[left + width, top + height], [left + width + depth, top + height - depth]]
    rim = [left + width, top]
    cv2.fillPoly(canvas, [np.array([*lid, rim], np.int32)], _plain(color * 1.15))
    cv2.fillPoly(canvas, [np.array([rim, lid[2], side[1], side[0]], np.int32)], _plain(color * 0.6))
    cv2.rectangle(canvas, (left, top), (left + width, top + height), _plain(color * 0.85), -1)


def _plain(color: NDArray[np.float64]) -> tuple[float, float, float]:
    red, green, blue = np.clip(color, 0, 1)
    return float(red), float(green), float(blue)


def _cloudy(
    size_px: tuple[int, int], rng: np.random.Generator, *, coarse_px: int, strength: float
) -> Canvas:
    """Smooth random light ``(H, W)`` about 1, changing over ``coarse_px``."""
    width, height = size_px
    coarse = rng.normal(1.0, strength, (height // coarse_px + 2, width // coarse_px + 2))
    light: Canvas = cv2.resize(
        coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return light


def _room(size_px: tuple[int, int], rng: np.random.Generator) -> Background:
    width, height = size_px
    wall, floor = soft_color(rng, 0.5, 0.85), soft_color(rng, 0.25, 0.6)
    floor_top = int(height * rng.uniform(0.62, 0.78))
    canvas = gradient(size_px, wall * 0.95, wall * 1.05)
    canvas[floor_top:] = gradient((width, height - floor_top), floor * 0.8, floor * 1.1)
    if rng.random() < 0.5:
        _boards(canvas, floor_top, rng)
    skirting = max(3, height // 90)
    canvas[floor_top - skirting : floor_top] = np.clip(wall * 1.2, 0, 1)
    if rng.random() < 0.6:
        _frame(canvas, floor_top, rng)
    for _ in range(rng.integers(0, 3)):
        box = (int(width * rng.uniform(0.12, 0.35)), int(height * rng.uniform(0.10, 0.32)))
        left = int(rng.uniform(-0.1, 0.85) * width)
        draw_box(canvas, (left, floor_top + 12 - box[1]), box, soft_color(rng, 0.2, 0.7))
    return Background(canvas, floor_top)


def _boards(canvas: Canvas, floor_top: int, rng: np.random.Generator) -> None:
    """Floor boards that run towards the horizon."""
    height, width = canvas.shape[:2]
    dark = _plain(canvas[floor_top + 1, 0].astype(np.float64) * 0.8)
    vanishing = int(width * rng.uniform(0.3, 0.7))
    for foot in np.linspace(-2.0, 3.0, 26):
        near = (int(foot * width), height)
        far = (int(vanishing + (foot * width - vanishing) * 0.35), floor_top)
        cv2.line(canvas, far, near, dark, 1, cv2.LINE_AA)


def _frame(canvas: Canvas, floor_top: int, rng: np.random.Generator) -> None:
    """A picture or a window on the wall."""
    width = canvas.shape[1]
    left, top = int(width * rng.uniform(0.05, 0.7)), int(floor_top * rng.uniform(0.08, 0.25))
    right = left + int(width * rng.uniform(0.15, 0.28))
    bottom = top + int(floor_top * rng.uniform(0.3, 0.45))
    inside = gradient((right - left, bottom - top), soft_color(rng, 0.6, 0.95), soft_color(rng))
    region = canvas[top:bottom, left:right]
    region[:] = inside[:, : region.shape[1]]
    cv2.rectangle(canvas, (left, top), (right, bottom), _plain(soft_color(rng, 0.1, 0.9)), 5)
    if rng.random() < 0.5:
        middle = (left + right) // 2
        cv2.line(canvas, (middle, top), (middle, bottom), _plain(soft_color(rng, 0.7, 0.95)), 4)


def _outdoors(size_px: tuple[int, int], rng: np.random.Generator) -> Background:
    """Sky, something blurred on the horizon, grass or asphalt."""
    width, height = size_px
    horizon = int(height * rng.uniform(0.5, 0.68))
    sky_top, sky_low = np.array([0.42, 0.62, 0.86]), np.array([0.82, 0.88, 0.93])
    if rng.random() < 0.35:
        sky_top, sky_low = np.array([0.70, 0.72, 0.75]), np.array([0.86, 0.86, 0.86])
    canvas = gradient(size_px, sky_top, sky_low)
    far = canvas.copy()
    for _ in range(rng.integers(6, 14)):
        left, wide = int(rng.uniform(-0.1, 1) * width), int(width * rng.uniform(0.06, 0.2))
        top = int(horizon - height * rng.uniform(0.05, 0.3))
        color = soft_color(rng, 0.3, 0.7)
        if rng.random() < 0.5:
            color = np.array([0.22, 0.38, 0.2]) * rng.uniform(0.7, 1.3)
            cv2.ellipse(far, (left, horizon), (wide, horizon - top), 0, 0, 360, _plain(color), -1)
        else:
            cv2.rectangle(far, (left, top), (left + wide, horizon), _plain(color), -1)
    canvas[:] = cv2.GaussianBlur(far, (0, 0), width / 160)
    ground = np.array([0.36, 0.50, 0.24]) if rng.random() < 0.5 else soft_color(rng, 0.35, 0.6)
    canvas[horizon:] = gradient((width, height - horizon), ground * 0.9, ground * 1.1)
    grain = rng.normal(1, 0.07, (height - horizon, width, 1)).astype(np.float32)
    canvas[horizon:] *= cv2.GaussianBlur(grain, (0, 0), 1.2)[..., None]
    return Background(canvas, horizon)


def _striped_wall(size_px: tuple[int, int], rng: np.random.Generator) -> Background:
    width, height = size_px
    first = soft_color(rng, 0.4, 0.9)
    second = np.clip(first * rng.uniform(0.75, 0.92), 0, 1)
    angle = rng.choice([0.0, np.pi / 2, rng.uniform(0, np.pi)])
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / rng.uniform(24, 90))
    share = np.clip(wave * 6 + 0.5, 0, 1)[..., None]
    canvas = (first * share + second * (1 - share)).astype(np.float32)
    floor_top = int(height * rng.uniform(0.66, 0.8))
    floor = soft_color(rng, 0.25, 0.6)
    canvas[floor_top:] = gradient((width, height - floor_top), floor * 0.8, floor * 1.1)
    return Background(canvas, floor_top)


def _blurred_scene(size_px: tuple[int, int], rng: np.random.Generator) -> Background:
    """Coloured noise far out of focus, as behind a portrait."""
    width, height = size_px
    coarse = np.stack([soft_color(rng, 0.2, 0.7) for _ in range(48)]).reshape(6, 8, 3)
    canvas = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(rng.integers(4, 16)):
        center = (int(rng.uniform(0, width)), int(rng.uniform(0, height * 0.7)))
        radius = int(rng.uniform(0.02, 0.06) * width)
        cv2.circle(canvas, center, radius, _plain(soft_color(rng, 0.6, 0.98)), -1)
    return Background(cv2.GaussianBlur(canvas, (0, 0), width / 45), None)


def _studio(size_px: tuple[int, int], rng: np.random.Generator) -> Background:
    """A plain backdrop that runs out onto the floor."""
    color = soft_color(rng, 0.45, 0.9)
    canvas = gradient(size_px, color * 1.05, color * 0.85)
    return Background(canvas, int(size_px[1] * 0.72))
