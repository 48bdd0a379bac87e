"""Which of several fits of one sample go on, and whether two of them are different bodies."""

from __future__ import annotations

import torch
from torch import Tensor

from core.geometry.procrustes import procrustes_error

COMPARED_KEYPOINTS: tuple[int, ...] = (*range(25, 38), 43)
"""The 14 joints of SPIN's evaluation: limbs, neck and head."""

DIFFERENT_BODY_M = 0.050
"""Mean distance after Procrustes beyond which two fits are different bodies."""


def body_distance(keypoints: Tensor, others: Tensor) -> Tensor:
    """Mean distance of 14 joints ``(N,)`` in metres, of ``(N, 49, 3)`` after Procrustes."""
    chosen = list(COMPARED_KEYPOINTS)
    return procrustes_error(keypoints[:, chosen], others[:, chosen])


def best_two_distinct(cost: Tensor, keypoints: Tensor) -> Tensor:
    """Of S fits of every sample the best, and the best among those that are different bodies.

    Where all others are the same body, the second best.

    Args:
        cost: ``(S, B)``, at least two of a sample.
        keypoints: ``(S, B, 49, 3)`` metres.

    Returns:
        ``(2, B)`` indices into S.
    """
    starts, samples = cost.shape
    best = cost.argmin(0)
    rows = torch.arange(samples, device=cost.device)
    of_best = keypoints[best, rows].expand_as(keypoints).flatten(0, 1)
    distance = body_distance(keypoints.flatten(0, 1), of_best).view(starts, samples)
    is_best = torch.arange(starts, device=cost.device)[:, None] == best
    others = torch.where(is_best, torch.inf, cost)
    different = torch.where(distance > DIFFERENT_BODY_M, others, torch.inf)
    any_different = torch.isfinite(different).any(0)
    second = torch.where(any_different, different.argmin(0), others.argmin(0))
    return torch.stack([best, second])
