"""How much two sets of joints differ once position, size and orientation are taken out."""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import ShapeError


def procrustes_aligned(points: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Points moved, turned and scaled onto ``target`` in the least-squares sense.

    Reflections are not allowed, so left never becomes right.

    Args:
        points: ``(B, N, 3)``.
        target: ``(B, N, 3)`` in the same unit.
        weights: ``(B, N)``, how much each pair counts; equal where not given.

    Returns:
        ``(B, N, 3)``, in the frame and unit of ``target``.
    """
    if points.shape != target.shape or points.ndim != 3 or points.shape[-1] != 3:
        raise ShapeError("points", actual=points.shape, expected=f"{tuple(target.shape)} (B, N, 3)")
    if weights is None:
        weights = points.new_ones(points.shape[:2])
    if weights.shape != points.shape[:2]:
        raise ShapeError("weights", actual=weights.shape, expected=f"{tuple(points.shape[:2])}")
    share = (weights / weights.sum(1, keepdim=True).clamp_min(1e-12)).double()[..., None]
    source, goal = points.double(), target.double()
    source_center = (share * source).sum(1, keepdim=True)
    goal_center = (share * goal).sum(1, keepdim=True)
    centered, wanted = source - source_center, goal - goal_center
    left, stretch, right = torch.linalg.svd((share * centered).transpose(1, 2) @ wanted)
    signs = torch.ones_like(stretch)
    signs[:, 2] = torch.sign(torch.linalg.det(left @ right))
    rotation = (left * signs[:, None]) @ right
    spread = (share * centered**2).sum((1, 2)).clamp_min(1e-12)
    scale = (stretch * signs).sum(1) / spread
    aligned: Tensor = scale[:, None, None] * (centered @ rotation) + goal_center
    return aligned.to(points.dtype)


def procrustes_error(points: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Weighted mean distance ``(B,)`` after ``procrustes_aligned``, in the unit of ``target``."""
    aligned = procrustes_aligned(points, target, weights)
    distance: Tensor = torch.linalg.vector_norm(aligned - target, dim=-1)
    if weights is None:
        return distance.mean(1)
    return (weights * distance).sum(1) / weights.sum(1).clamp_min(1e-12)
