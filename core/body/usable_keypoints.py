"""Which keypoints a body can be fitted to, and whether there are enough of them.

Works on arrays of NumPy and of PyTorch and imports neither for its sums, so that the window, the
dictionary and the solver count by one rule.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from core.body.conventions import IGNORED_KEYPOINTS
from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape
from core.types.limits import MIN_USABLE_KEYPOINTS

_FITTED_KEYPOINTS = [index for index in range(NUM_KEYPOINTS) if index not in IGNORED_KEYPOINTS]
"""All but OP neck and the hips, which SMPLify's body stage ignores."""

ArrayT = TypeVar("ArrayT")


def usable_keypoint_count(confidence: ArrayT) -> ArrayT:
    """How many joints ``(...)`` of confidences ``(..., 49)`` are visible and not ignored."""
    array: Any = confidence
    count: ArrayT = (array[..., _FITTED_KEYPOINTS] > 0).sum(-1)
    return count


def enough_keypoints(keypoints: FloatArray) -> bool:
    """Whether ``(49, 3)`` keypoints with confidence are enough to fit a body to.

    At least four usable ones; a joint that is not finite counts as absent.
    """
    check_shape("keypoints", keypoints, (NUM_KEYPOINTS, 3))
    present = np.isfinite(keypoints).all(axis=1) & (keypoints[:, 2] > 0)
    return int(usable_keypoint_count(present)) >= MIN_USABLE_KEYPOINTS
