"""How bodies are turned, found from keypoints, where a file says nothing of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle

_UPRIGHT = np.diag([1.0, -1.0, -1.0])
"""Facing the camera, in whose frame y points down."""

_TURNS_ABOUT_Y = 12
_TURNS_IN_PICTURE = 4
_FIRST_STEP_RAD, _STEPS, _ROUNDS_A_STEP = np.radians(16.0), 6, 3


def search_roots(
    errors_px: Callable[[NDArray[np.float64]], NDArray[np.float64]], count: int
) -> NDArray[np.float64]:
    """Roots ``(count, 3)`` with the least error: the best of a coarse grid, then ever finer steps.

    Args:
        errors_px: of bodies turned so, ``(count, 3)`` to ``(count,)``; infinite where unknown.
        count: of bodies.
    """
    best = np.repeat(_UPRIGHT[None], count, axis=0)
    least = errors_px(matrix_to_axis_angle(best))
    for turn in _coarse_turns():
        best, least = _better(errors_px, best, least, np.repeat(turn[None], count, axis=0))
    step = _FIRST_STEP_RAD
    for _ in range(_STEPS):
        for axis in (*np.eye(3), *-np.eye(3)) * _ROUNDS_A_STEP:
            best, least = _better(errors_px, best, least, axis_angle_to_matrix(step * axis) @ best)
        step /= 2
    return matrix_to_axis_angle(best)


def _coarse_turns() -> list[NDArray[np.float64]]:
    about_y, in_picture = (
        [axis_angle_to_matrix(2 * np.pi * turn / count * axis) for turn in range(count)]
        for count, axis in ((_TURNS_ABOUT_Y, np.eye(3)[1]), (_TURNS_IN_PICTURE, np.eye(3)[2]))
    )
    return [tilt @ _UPRIGHT @ turn for tilt in in_picture for turn in about_y]


def _better(
    errors_px: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    best: NDArray[np.float64],
    least: NDArray[np.float64],
    tried: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The better of what was best and what is tried, body by body."""
    errors = errors_px(matrix_to_axis_angle(tried))
    better = errors < least
    return np.where(better[:, None, None], tried, best), np.where(better, errors, least)
