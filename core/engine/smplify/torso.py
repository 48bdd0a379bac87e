"""Which joints the camera stage is fitted to."""

from __future__ import annotations

import torch
from torch import Tensor

from core.body.conventions import TORSO_GROUND_TRUTH, TORSO_OPENPOSE
from core.runs.fitting_profiles import TorsoRule

TORSO_KEYPOINTS: tuple[int, ...] = TORSO_OPENPOSE + TORSO_GROUND_TRUTH


def torso_weights(confidence: Tensor, rule: TorsoRule) -> Tensor:
    """Weights ``(B, 8)`` of ``TORSO_KEYPOINTS`` from confidences ``(B, 49)``.

    Absent joints never count, whatever the rule: the published code fitted the camera to hips that
    were not annotated (docs/method.md, "Faults of the published code", 1). Where neither set is
    complete, ``ALL_OR_NOTHING`` too takes each joint where it is.
    """
    openpose = confidence[:, list(TORSO_OPENPOSE)]
    annotated = confidence[:, list(TORSO_GROUND_TRUTH)]
    seen, instead = openpose > 0, (openpose <= 0) & (annotated > 0)
    if rule is TorsoRule.PER_JOINT:
        return torch.cat([openpose, torch.where(instead, annotated, 0.0)], dim=1)
    all_openpose = seen.all(1, keepdim=True)
    all_annotated = ~all_openpose & (annotated > 0).all(1, keepdim=True)
    return torch.cat([seen & ~all_annotated, (instead | all_annotated) & ~all_openpose], dim=1).to(
        confidence.dtype
    )
