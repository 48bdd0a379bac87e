"""Who of one frame is who of the next, by their keypoints alone."""

from __future__ import annotations

import numpy as np

from core.body.compared_keypoints.exchanged_sides import with_exchanged_sides
from core.body.compared_keypoints.same_person import joint_distances
from core.types.arrays import FloatArray

FARTHEST = 0.5
"""Median distance of shared joints over the person's extent. A person may walk a stride between two
frames; two people side by side are about as far apart, and there the nearest one is taken."""


def linked_people(before_px: FloatArray, after_px: FloatArray) -> list[tuple[int, int]]:
    """Pairs of rows that are the same person, as far as keypoints tell.

    Each of the two is the other's nearest, and they are near. Someone whose left and right were
    exchanged in one of the frames is the same person.

    Args:
        before_px: keypoints ``(N, 49, 3)`` in pixels of one frame.
        after_px: ``(M, 49, 3)`` of the other frame.
    """
    if not len(before_px) or not len(after_px):
        return []
    distances = np.minimum(
        joint_distances(before_px, after_px),
        joint_distances(before_px, with_exchanged_sides(after_px)),
    )
    nearest_after, nearest_before = distances.argmin(axis=1), distances.argmin(axis=0)
    return [
        (row, int(other))
        for row, other in enumerate(nearest_after)
        if nearest_before[other] == row and distances[row, other] <= FARTHEST
    ]
