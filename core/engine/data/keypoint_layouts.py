"""People as other detectors would have annotated them: by one of two layouts of keypoints alone."""

from __future__ import annotations

import torch
from torch import Tensor

from core.body.conventions import OPENPOSE_KEYPOINTS


def of_layouts(confidence: Tensor, generator: torch.Generator) -> Tensor:
    """Confidence ``(B, 49)`` with one of both networks' keypoints, or neither, left out."""
    draw = torch.rand(len(confidence), 1, generator=generator)
    is_body_25 = torch.arange(confidence.shape[1]) < OPENPOSE_KEYPOINTS
    without_coco, without_body_25 = draw < 1 / 3, draw > 2 / 3
    lost = (without_coco & ~is_body_25) | (without_body_25 & is_body_25)
    # Someone must be seen by something.
    lost &= (torch.where(lost, 0, confidence) > 0).sum(1, keepdim=True) >= 4
    return torch.where(lost, 0, confidence)
