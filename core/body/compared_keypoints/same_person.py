"""How far apart two sets of keypoints are: whether they may be of the same person.

Keypoints of OpenPose's half and of the annotated half that mean the same place of the body count as
one, so that a detector's and an annotator's person can be compared.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES, KEYPOINT_TWINS
from core.types.arrays import FloatArray

_FEWEST_SHARED = 3
_SHARE_OF_FEWER = 0.5
"""What share of the joints of the one that has fewer must be there in both."""
_ROWS_AT_ONCE = 32

_PLACES = np.array(
    [
        (index, *KEYPOINT_TWINS[index], index)[:2]
        for index in range(len(KEYPOINT_NAMES))
        if not any(twin < index for twin in KEYPOINT_TWINS[index])
    ]
)
"""``(P, 2)``: a keypoint for each place of the body, and its twin; itself where it has none."""


def joint_distances(first_px: FloatArray, second_px: FloatArray) -> NDArray[np.float64]:
    """The distances between N people and M people: median over shared joints, over their size.

        distance = median_j |first_j − second_j| / max(extent of first, extent of second)

    The median does not heed a few joints that a detector has put on the wrong person.

    Args:
        first_px: keypoints ``(N, 49, 3)`` in pixels of one picture.
        second_px: ``(M, 49, 3)``.

    Returns:
        ``(N, M)``; 0 for the same joints, 0.1 for joints that lie a tenth of the person's extent
        apart, infinite where too few joints are there in both.
    """
    first, second = _body_points(first_px), _body_points(second_px)
    distances = np.full((len(first), len(second)), np.inf)
    for row in range(0, len(first), _ROWS_AT_ONCE):
        rows = slice(row, row + _ROWS_AT_ONCE)
        distances[rows] = _distances(first[rows], second)
    return distances


def _distances(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    seen_first, seen_second = first[..., 2] > 0, second[..., 2] > 0
    shared = seen_first[:, None] & seen_second[None]
    count = shared.sum(axis=2)
    fewer = np.minimum(seen_first.sum(axis=1)[:, None], seen_second.sum(axis=1)[None])
    size = np.maximum(_extents(first)[:, None], _extents(second)[None])
    # A median over fewer than three joints, or over less than half of the joints that the poorer of
    # the two has, is chance.
    enough = (count >= np.maximum(_FEWEST_SHARED, _SHARE_OF_FEWER * fewer)) & (size > 0)
    apart = np.linalg.norm(first[:, None, :, :2] - second[None, :, :, :2], axis=3)
    # Joints that are not shared sort to the end as ∞; the lower middle of the others is the median.
    # (N, M, P) -> (N, M)
    apart = np.sort(np.where(shared, apart, np.inf), axis=2)
    middle = np.maximum(count - 1, 0) // 2
    median = np.take_along_axis(apart, middle[..., None], axis=2)[..., 0]
    return np.where(enough, np.where(enough, median, 0) / np.where(size > 0, size, 1), np.inf)


def _body_points(keypoints_px: FloatArray) -> NDArray[np.float64]:
    """``(N, P, 3)``: one point for each place of the body, the surer one of a pair of twins."""
    keypoints = np.asarray(keypoints_px, dtype=np.float64).reshape(-1, len(KEYPOINT_NAMES), 3)
    ones, twins = keypoints[:, _PLACES[:, 0]], keypoints[:, _PLACES[:, 1]]
    return np.where(twins[..., 2:] > ones[..., 2:], twins, ones)


def _extents(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The longer side ``(N,)`` of what is seen of each person; 0 where nothing is."""
    seen = points[..., 2:] > 0
    low = np.where(seen, points[..., :2], np.inf).min(axis=1)
    high = np.where(seen, points[..., :2], -np.inf).max(axis=1)
    sides = np.where(np.isfinite(low), high, 0) - np.where(np.isfinite(low), low, 0)
    longer: NDArray[np.float64] = sides.max(axis=1)
    return longer
