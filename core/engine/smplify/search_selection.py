"""Which of several fits of a sample are fitted further, and when two fits are different bodies.

docs/method.md, "When two bodies differ".
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.geometry.procrustes import procrustes_error

COMPARED_KEYPOINTS: tuple[int, ...] = (*range(25, 38), 43)
"""The 14 joints of SPIN's evaluation: limbs, neck and head."""

DIFFERENT_BODY_M = 0.050
"""The mean distance in metres after Procrustes beyond which two fits are different bodies."""


def body_distance(keypoints: Tensor, others: Tensor) -> Tensor:
    """The mean distance of 14 joints ``(N,)`` in metres after Procrustes.

    Position, size and orientation are taken out: they are the camera's and the root's part, and two
    starts that only differ there are of no use as alternatives.

    Args:
        keypoints: ``(N, 49, 3)`` metres.
        others: ``(N, 49, 3)`` metres, moved onto the first.
    """
    chosen = list(COMPARED_KEYPOINTS)
    return procrustes_error(keypoints[:, chosen], others[:, chosen])


def best_two_distinct(cost: Tensor, keypoints: Tensor) -> Tensor:
    """Of S fits of every sample, choose the best and the best one that is a different body.

    Where no other fit is a different body, the second is the second best.

    Args:
        cost: ``(S, B)`` px², at least two fits of a sample.
        keypoints: ``(S, B, 49, 3)`` metres.

    Returns:
        ``(2, B)`` indices into S.
    """
    starts, samples = cost.shape
    best = cost.argmin(0)
    rows = torch.arange(samples, device=cost.device)
    # (B, 49, 3) of the best -> (S, B, 49, 3) -> (S·B, 49, 3): compared with every start at once.
    of_best = keypoints[best, rows].expand_as(keypoints).flatten(0, 1)
    distance = body_distance(keypoints.flatten(0, 1), of_best).view(starts, samples)
    # The best is at distance 0 from itself, but rounding decides nothing here: it is left out by
    # its index. ∞ takes a fit out of the minimum.
    is_best = torch.arange(starts, device=cost.device)[:, None] == best
    others = torch.where(is_best, torch.inf, cost)
    different = torch.where(distance > DIFFERENT_BODY_M, others, torch.inf)
    any_different = torch.isfinite(different).any(0)
    # argmin of a column of ∞ is 0, a fit like any other; hence the case without a different body.
    second = torch.where(any_different, different.argmin(0), others.argmin(0))
    return torch.stack([best, second])
