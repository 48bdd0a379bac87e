"""Procrustes alignment of one NumPy point set, for the window.

``core.engine.geometry.procrustes`` aligns tensors.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError


def aligned_points(
    points: NDArray[np.floating], target: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Points ``(N, 3)`` moved, turned and scaled onto ``target`` ``(N, 3)`` by least squares.

    Reflections are not allowed, so left never becomes right.
    """
    if points.shape != target.shape or points.ndim != 2 or points.shape[-1] != 3:
        raise ShapeError("points", actual=points.shape, expected=f"{target.shape} (N, 3)")
    source, goal = np.asarray(points, np.float64), np.asarray(target, np.float64)
    source_center, goal_center = source.mean(axis=0), goal.mean(axis=0)
    centered = source - source_center
    left, stretch, right = np.linalg.svd(centered.T @ (goal - goal_center))
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    rotation = (left * signs) @ right
    scale = (stretch * signs).sum() / max((centered**2).sum(), 1e-12)
    aligned: NDArray[np.float64] = scale * (centered @ rotation) + goal_center
    return aligned
