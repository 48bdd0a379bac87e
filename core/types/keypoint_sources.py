"""Where each keypoint of a sample comes from."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import NUM_KEYPOINTS

KeypointSources = NDArray[np.uint8]
"""(49,) values of ``KeypointSource``."""


class KeypointSource(IntEnum):
    """Who placed a keypoint, or left it out; the numbers are those of the database."""

    IMPORTED = 0
    """It stands in an annotation file."""
    DETECTED = 1
    """The program's own detector found it."""
    MARKED = 2
    """A person placed it, or marked it as absent: nothing but a person changes it."""

    PROJECTED = 3
    """A joint of the person's own body as its camera sees it, where a file of bodies states no 2D
    keypoints: it shows where the person is, and is no evidence. Its confidence is 0."""

    @property
    def label(self) -> str:
        """As the window says it."""
        return self.name.lower()


def all_from(source: KeypointSource) -> KeypointSources:
    """The sources of 49 keypoints that come from one place."""
    return np.full(NUM_KEYPOINTS, source, dtype=np.uint8)


def is_projected(keypoints_px: NDArray[np.float32], sources: KeypointSources) -> NDArray[np.bool_]:
    """Which of keypoints (49, 3) have a place that only the person's own body gives them: (49,)."""
    there = (keypoints_px[:, :2] != 0).any(axis=1) & (keypoints_px[:, 2] == 0)
    projected: NDArray[np.bool_] = there & (sources == KeypointSource.PROJECTED)
    return projected


def kept_where_marked(
    before_px: NDArray[np.float32], detected_px: NDArray[np.float32], sources: KeypointSources
) -> NDArray[np.float32]:
    """Detected keypoints (49, 3), with those that a person marked as they stood before."""
    marked = sources == KeypointSource.MARKED
    return np.where(marked[:, None], before_px, detected_px)
