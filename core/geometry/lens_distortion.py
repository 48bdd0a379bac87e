"""Lens distortion by the model of Brown and Conrady, as OpenCV and the calibration files count it.

With a point (x, y) of the plane at distance 1 and r² = x² + y²::

    s    = (1 + k1 r² + k2 r⁴ + k3 r⁶) / (1 + k4 r² + k5 r⁴ + k6 r⁶)
    x_d  = s x + 2 p1 x y + p2 (r² + 2 x²)
    y_d  = s y + p1 (r² + 2 y²) + 2 p2 x y

The coefficients come in OpenCV's order: k1, k2, p1, p2, k3, k4, k5, k6; those that are left out
are 0. Source: https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html, docs/method.md, "Where a
camera comes from".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_COEFFICIENTS = 8

NEWTON_STEPS = 12
"""The distance to the root is squared with each; real lenses need four."""

_CONVERGED = 1e-6
"""Of the plane at distance 1: a hundredth of a pixel at a focal length of 10 000 px."""

_STEP = 1e-6
"""Of the derivative by differences, on the scale of the plane."""


def distorted(points: NDArray[np.floating], coefficients: Sequence[float]) -> NDArray[np.float64]:
    """Where a lens shows points ``(..., 2)`` of the plane at distance 1; the same shape."""
    k1, k2, p1, p2, k3, k4, k5, k6 = _all_coefficients(coefficients)
    points = np.asarray(points, dtype=np.float64)
    x, y = points[..., 0], points[..., 1]
    square = x * x + y * y
    numerator = 1 + square * (k1 + square * (k2 + square * k3))
    denominator = 1 + square * (k4 + square * (k5 + square * k6))
    scale = numerator / denominator
    return np.stack(
        [
            scale * x + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            scale * y + p1 * (square + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def undistorted(points: NDArray[np.floating], coefficients: Sequence[float]) -> NDArray[np.float64]:
    """The inverse of ``distorted``, by Newton's method.

    A point that no ray comes to, as coefficients that were measured near the middle promise for
    the corners, stays where it is: an estimate far outside the measured range would be worse.

    Args:
        points: ``(..., 2)`` of the plane at distance 1, as the lens shows them.
        coefficients: up to eight, in OpenCV's order.
    """
    shown = np.asarray(points, dtype=np.float64)
    if not any(coefficients):
        return shown
    found = shown.copy()
    # A step that leaves the range of the model divides by 0; such points stay as they are below.
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_STEPS):
            missing = distorted(found, coefficients) - shown
            found = found - _solved(_jacobian(found, coefficients), missing)
        error = np.abs(distorted(found, coefficients) - shown).max(axis=-1)
        is_near = np.linalg.norm(found - shown, axis=-1) <= 1 + np.linalg.norm(shown, axis=-1)
    usable = (error <= _CONVERGED) & is_near
    return np.where(usable[..., None], found, shown)


def _all_coefficients(coefficients: Sequence[float]) -> tuple[float, ...]:
    given = tuple(float(coefficient) for coefficient in coefficients)
    return given + (0.0,) * (MOST_COEFFICIENTS - len(given))


def _jacobian(
    points: NDArray[np.float64], coefficients: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The derivatives ``(..., 2)`` of both coordinates by x and by y, by central differences."""
    by_x, by_y = (
        (distorted(points + step, coefficients) - distorted(points - step, coefficients))
        / (2 * _STEP)
        for step in (np.array([_STEP, 0]), np.array([0, _STEP]))
    )
    return by_x, by_y


def _solved(
    jacobian: tuple[NDArray[np.float64], NDArray[np.float64]], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The step ``(..., 2)`` of Newton's method, by Cramer's rule."""
    by_x, by_y = jacobian
    determinant = by_x[..., 0] * by_y[..., 1] - by_x[..., 1] * by_y[..., 0]
    return (
        np.stack(
            [
                right[..., 0] * by_y[..., 1] - right[..., 1] * by_y[..., 0],
                by_x[..., 0] * right[..., 1] - by_x[..., 1] * right[..., 0],
            ],
            axis=-1,
        )
        / determinant[..., None]
    )
