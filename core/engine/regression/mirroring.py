"""People mirrored left to right, as tensors: keypoints without a picture, and rotations."""

from __future__ import annotations

from torch import Tensor

from core.body.conventions import KEYPOINT_FLIP, SKELETON_FLIP


def mirrored_positions(positions: Tensor) -> Tensor:
    """Keypoints ``(B, 49, 2)``, about x = 0, with left and right exchanged."""
    return positions[:, list(KEYPOINT_FLIP)] * positions.new_tensor([-1.0, 1.0])


def mirrored_confidence(confidence: Tensor) -> Tensor:
    """Confidence ``(B, 49)`` in the order of ``mirrored_positions``."""
    return confidence[:, list(KEYPOINT_FLIP)]


def mirrored_rotations(rotations: Tensor) -> Tensor:
    """Poses ``(B, 24, 3, 3)``, the root's included, left to right."""
    signs = rotations.new_tensor([-1.0, 1.0, 1.0])
    return rotations[:, list(SKELETON_FLIP)] * signs[:, None] * signs
