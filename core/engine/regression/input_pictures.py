"""Crops as the regressor takes them: ImageNet's normalisation."""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import ShapeError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def normalise_pictures(pictures: Tensor) -> Tensor:
    """Crops ``(B, H, W, 3)``, RGB in 0..255 of any type, to ``(B, 3, H, W)`` in single precision.

    The result is laid out channels last, as the crops are: nothing is copied about, and
    convolutions are faster for it.
    """
    if pictures.ndim != 4 or pictures.shape[3] != 3:
        raise ShapeError("pictures", actual=pictures.shape, expected="(B, H, W, 3)")
    # Rows of W·3 numbers, because sums over a last dimension of three are six times as slow.
    width = pictures.shape[2]
    mean = (torch.tensor(IMAGENET_MEAN, device=pictures.device) * 255).repeat(width)
    std = (torch.tensor(IMAGENET_STD, device=pictures.device) * 255).repeat(width)
    normalised = torch.sub(pictures.flatten(2).float(), mean).div_(std)
    return normalised.view(pictures.shape).permute(0, 3, 1, 2)
