"""Which joints the camera stage is fitted to, and what each of them counts.

The hips and shoulders, which move least against one another: each may be there twice, as OpenPose's
joint and as an annotated one (docs/method.md, "Stage 1: camera and root").
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.body.conventions import TORSO_GROUND_TRUTH, TORSO_OPENPOSE
from core.runs.fitting_profiles import TorsoRule

TORSO_KEYPOINTS: tuple[int, ...] = TORSO_OPENPOSE + TORSO_GROUND_TRUTH
"""Eight of the 49 keypoints: OpenPose's four, then the annotated four in the same order."""


def torso_weights(confidence: Tensor, rule: TorsoRule) -> Tensor:
    """Weights w_j ``(B, 8)`` of ``TORSO_KEYPOINTS`` from confidences ``(B, 49)``.

    ``PER_JOINT`` takes each of the four from OpenPose where it has it, otherwise annotated, and
    weighs it by its confidence. ``ALL_OR_NOTHING`` takes OpenPose's four where all are there,
    otherwise the annotated four, each with the weight 1; where neither set is complete, each joint
    where it is.

    Absent joints never count, whatever the rule: the published code fitted the camera to hips that
    were not annotated (docs/method.md, "Faults of the published code", 1).
    """
    openpose = confidence[:, list(TORSO_OPENPOSE)]
    annotated = confidence[:, list(TORSO_GROUND_TRUTH)]
    # A torso joint counts once: annotated ones stand in only where OpenPose's is absent.
    seen, instead = openpose > 0, (openpose <= 0) & (annotated > 0)
    if rule is TorsoRule.PER_JOINT:
        return torch.cat([openpose, torch.where(instead, annotated, 0.0)], dim=1)
    # Of the rule's three cases at most one holds: OpenPose complete, only the annotated complete,
    # neither complete. The masks below leave the other set out in the first two.
    all_openpose = seen.all(1, keepdim=True)
    all_annotated = ~all_openpose & (annotated > 0).all(1, keepdim=True)
    return torch.cat([seen & ~all_annotated, (instead | all_annotated) & ~all_openpose], dim=1).to(
        confidence.dtype
    )
