"""Which keypoints count for a body, and whether there are enough of them to fit it to.

The ignored keypoints (OpenPose's neck, and all hips) steer the camera but not the body
(docs/method.md, "Stage 2: the body"). The functions take arrays of NumPy and tensors, so that the
window, the dictionary and the solver count by one rule.
"""

from __future__ import annotations

from typing import Any

from core.body.conventions import IGNORED_KEYPOINTS
from core.errors import ShapeError
from core.geometry.array_namespace import Array, ArrayT, array_like, array_namespace
from core.types.arrays import NUM_KEYPOINTS
from core.types.limits import MIN_USABLE_KEYPOINTS

_COUNTED = [index not in IGNORED_KEYPOINTS for index in range(NUM_KEYPOINTS)]


def without_absent(keypoints: ArrayT) -> ArrayT:
    """Keypoints ``(..., 49, 3)``, zero where a joint is not finite or has no confidence.

    Raises:
        ShapeError: the last dimensions are not (49, 3).
    """
    if tuple(keypoints.shape[-2:]) != (NUM_KEYPOINTS, 3):
        raise ShapeError("keypoints", actual=keypoints.shape, expected="(..., 49, 3)")
    xp = array_namespace(keypoints)
    present = xp.all(xp.isfinite(keypoints), axis=-1) & (keypoints[..., 2] > 0)
    kept: ArrayT = xp.where(present[..., None], keypoints, 0.0)
    return kept


def body_confidence(confidence: ArrayT) -> ArrayT:
    """Confidences ``(..., 49)`` with zeros for the joints that the body stage ignores.

    A copy, because the published code zeroed the caller's array and so changed the camera stage of
    everything that followed (docs/method.md, "Faults of the published code", 1).

    Raises:
        ShapeError: the last dimension is not 49.
    """
    if confidence.shape[-1] != NUM_KEYPOINTS:
        raise ShapeError("confidence", actual=confidence.shape, expected="(..., 49)")
    counted = array_like(confidence, _COUNTED)
    kept: ArrayT = array_namespace(confidence).where(counted, confidence, 0.0)
    return kept


def usable_keypoint_count(confidence: Array) -> Any:
    """How many joints ``(...)`` of confidences ``(..., 49)`` are visible and not ignored."""
    return array_namespace(confidence).sum(body_confidence(confidence) > 0, axis=-1)


def has_usable_keypoints(confidence: Array) -> Any:
    """Whether enough joints of confidences ``(..., 49)`` are usable to fit a body to, ``(...)``."""
    return usable_keypoint_count(confidence) >= MIN_USABLE_KEYPOINTS


def enough_keypoints(keypoints: Array) -> bool:
    """Whether ``(49, 3)`` keypoints are enough; a joint that is not finite counts as absent."""
    return bool(has_usable_keypoints(without_absent(keypoints)[..., 2]))
