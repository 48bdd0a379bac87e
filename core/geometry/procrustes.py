"""How much two sets of points differ once position, size and orientation are taken out.

    minimise over scale k, rotation R, shift s:   Σ_n share_n |k p_n R + s − q_n|²

With points p and targets q as rows, both less their weighted centres, and H = Σ share pᵀ q, R is
the rotation nearest to H, and k = tr(Rᵀ H) / Σ share |p|². Source: Umeyama, "Least-squares
estimation of transformation parameters between two point patterns", IEEE PAMI 13(4), 1991,
<https://doi.org/10.1109/34.88573>; docs/method.md, "When two bodies differ".
"""

from __future__ import annotations

from core.errors import ShapeError
from core.geometry.array_namespace import ArrayT, array_namespace
from core.geometry.rotations import nearest_rotation

_LEAST = 1e-12
"""Keeps the quotients finite where no point has any weight, or all points coincide."""


def procrustes_aligned(points: ArrayT, target: ArrayT, weights: ArrayT | None = None) -> ArrayT:
    """Points moved, turned and scaled onto ``target`` in the least-squares sense.

    Reflections are not allowed, so left never becomes right. Computed in double precision.

    Args:
        points: ``(..., N, 3)``.
        target: ``(..., N, 3)`` in the same unit.
        weights: ``(..., N)``, how much each pair counts; equal where not given.

    Returns:
        ``(..., N, 3)``, in the frame, unit and precision of ``target``.

    Raises:
        ShapeError: the shapes do not belong together.
    """
    if points.shape != target.shape or points.ndim < 2 or points.shape[-1] != 3:
        raise ShapeError(
            "points", actual=points.shape, expected=f"{tuple(target.shape)} (..., N, 3)"
        )
    if weights is not None and weights.shape != points.shape[:-1]:
        raise ShapeError("weights", actual=weights.shape, expected=f"{tuple(points.shape[:-1])}")
    xp = array_namespace(points)
    source, goal = xp.astype(points, xp.float64), xp.astype(target, xp.float64)
    weight = xp.ones_like(source[..., 0]) if weights is None else xp.astype(weights, xp.float64)
    share = (weight / xp.clip(xp.sum(weight, axis=-1, keepdims=True), _LEAST, None))[..., None]
    source_center = xp.sum(share * source, axis=-2, keepdims=True)
    goal_center = xp.sum(share * goal, axis=-2, keepdims=True)
    centered = source - source_center
    # H, (..., 3, N) @ (..., N, 3) -> (..., 3, 3)
    covariance = xp.moveaxis(share * centered, -1, -2) @ (goal - goal_center)
    rotation = nearest_rotation(covariance)
    spread = xp.clip(xp.sum(share * centered**2, axis=(-2, -1)), _LEAST, None)
    # tr(Rᵀ H) is the sum of products of their entries.
    scale = xp.sum(rotation * covariance, axis=(-2, -1)) / spread
    aligned = scale[..., None, None] * (centered @ rotation) + goal_center
    result: ArrayT = xp.astype(aligned, target.dtype)
    return result


def procrustes_error(points: ArrayT, target: ArrayT, weights: ArrayT | None = None) -> ArrayT:
    """The weighted mean distance ``(...)`` after ``procrustes_aligned``, in the unit of ``target``.

    Arguments and errors are those of ``procrustes_aligned``.
    """
    xp = array_namespace(points)
    aligned = procrustes_aligned(points, target, weights)
    distance = xp.linalg.vector_norm(aligned - target, axis=-1)
    if weights is None:
        error: ArrayT = xp.mean(distance, axis=-1)
        return error
    total = xp.clip(xp.sum(weights, axis=-1), _LEAST, None)
    weighted: ArrayT = xp.sum(weights * distance, axis=-1) / total
    return weighted
