"""Landmarks that lie on keypoints, as a detector that makes no mistake would have them."""

from __future__ import annotations

import numpy as np

from core.body.conventions import COCO_17_TO_KEYPOINTS
from core.body.landmarks import COCO_17_LANDMARKS


def landmarks_on(keypoints_px: np.ndarray) -> np.ndarray:
    """``(N, 33, 3)`` on the annotated half of keypoints ``(N, 49, 3)``."""
    landmarks = np.zeros((len(keypoints_px), 33, 3), np.float32)
    landmarks[:, list(COCO_17_LANDMARKS)] = keypoints_px[:, list(COCO_17_TO_KEYPOINTS)]
    return landmarks
