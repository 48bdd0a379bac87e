"""Keypoints whose left and right are exchanged in one frame, against the frames around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.compared_keypoints.exchanged_sides import with_exchanged_sides
from core.body.usable_keypoints import body_confidence
from core.types.arrays import FloatArray

FLIPPED_SHARE = 0.5
"""Exchanged, the keypoints must lie at most this much as far from the neighbours' as they are."""

LEAST_DISTANCE = 0.06
"""Of the person's extent, how far the keypoints must lie from the neighbours': of someone seen from
the side, left and right lie on one another, and nothing tells them apart."""


def side_flips(
    keypoints_px: FloatArray, before_px: FloatArray, after_px: FloatArray
) -> NDArray[np.float64]:
    """How surely left and right of N people were exchanged, 0 to 1; 0 where they were not.

        score = 1 − max(e_before / d_before, e_after / d_after)

    d is the mean distance of shared joints as they are labelled, e the same with sides exchanged.
    The neighbours must agree with each other as they are labelled.

    Args:
        keypoints_px: ``(N, 49, 3)``.
        before_px: ``(N, 49, 3)`` of the same people in an earlier frame.
        after_px: ``(N, 49, 3)`` of the same people in a later frame.
    """
    size = _extent(keypoints_px)
    exchanged = with_exchanged_sides(keypoints_px)
    as_labelled = np.stack([_apart(keypoints_px, other) for other in (before_px, after_px)])
    as_exchanged = np.stack([_apart(exchanged, other) for other in (before_px, after_px)])
    agree = _apart(before_px, after_px) < _apart(with_exchanged_sides(before_px), after_px)
    ratio = (as_exchanged / np.maximum(as_labelled, 1e-9)).max(axis=0)
    clear = as_labelled.min(axis=0) >= LEAST_DISTANCE * size
    return np.where(agree & clear & (ratio <= FLIPPED_SHARE), 1 - ratio, 0.0)


def _apart(first_px: FloatArray, second_px: FloatArray) -> NDArray[np.float64]:
    """``(N,)`` the mean distance of joints that both have, in pixels; NaN where they share none."""
    shared = _counted(first_px) & _counted(second_px)
    distances = np.linalg.norm(
        first_px[..., :2].astype(np.float64) - second_px[..., :2].astype(np.float64), axis=-1
    )
    count = shared.sum(axis=1)
    total = np.where(shared, distances, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _extent(keypoints_px: FloatArray) -> NDArray[np.float64]:
    """``(N,)`` the longer side of the box around the joints, in pixels; 0 without joints."""
    seen = _counted(keypoints_px)[..., None]
    points = keypoints_px[..., :2].astype(np.float64)
    high = np.where(seen, points, -np.inf).max(axis=1)
    low = np.where(seen, points, np.inf).min(axis=1)
    return np.where(seen.any(axis=(1, 2)), (high - low).max(axis=1), 0.0)


def _counted(keypoints_px: FloatArray) -> NDArray[np.bool_]:
    counted: NDArray[np.bool_] = body_confidence(keypoints_px[..., 2]) > 0
    return counted
