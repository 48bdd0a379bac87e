"""How alike two people are: COCO's object keypoint similarity (OKS).

OKS = mean over keypoints of exp(−d² / (2 A (2 σ)²)), d the distance in pixels, A the person's area
in square pixels, σ how widely people who annotate differ (https://cocodataset.org/#keypoints-eval).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

COCO_SIGMAS = np.array(
    [26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]
) / 1000  # fmt: skip
"""Of COCO's 17 keypoints."""

_BODY_SHARE = 0.8
"""Of the box about a person's keypoints, what COCO's annotators fill on average."""
_SURE = 0.2
_LEAST_AREA_PX2 = 1.0


class HasCocoKeypoints(Protocol):
    """A person that was found."""

    @property
    def coco_keypoints_px(self) -> NDArray[np.float64]:
        """(17, 3): x, y in picture pixels, confidence."""

    @property
    def score(self) -> float:
        """How sure the network is of the person, from 0 to 1."""


PersonT = TypeVar("PersonT", bound=HasCocoKeypoints)


def oks(
    first_px: NDArray[np.floating],
    second_px: NDArray[np.floating],
    *,
    area_px2: float,
    seen: NDArray[np.bool_] | None = None,
) -> float:
    """Similarity of two sets ``(17, 2 or more)``, over the keypoints ``seen`` ``(17,)``.

    0 where none of them is seen.
    """
    squares = ((first_px[:, :2] - second_px[:, :2]) ** 2).sum(axis=1)
    each = np.exp(-squares / (2 * area_px2 * (2 * COCO_SIGMAS) ** 2))
    counted = each if seen is None else each[seen]
    return float(counted.mean()) if len(counted) else 0.0


def extent_px(keypoints_px: NDArray[np.floating]) -> NDArray[np.float64]:
    """Left, top, right and bottom ``(4,)`` of ``(K, 3)`` keypoints, of all if few are sure."""
    sure = keypoints_px[keypoints_px[:, 2] > _SURE]
    points = np.asarray(sure if len(sure) > 1 else keypoints_px, dtype=np.float64)[:, :2]
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def person_area_px2(keypoints_px: NDArray[np.floating]) -> float:
    """About how many pixels the person of ``(K, 3)`` keypoints fills."""
    left, top, right, bottom = extent_px(keypoints_px)
    return max(float((right - left) * (bottom - top)), _LEAST_AREA_PX2) * _BODY_SHARE


def without_doubles(people: Sequence[PersonT], *, most_alike: float) -> list[PersonT]:
    """Of people who are more alike than allowed, the one of the highest score; best first."""
    kept: list[PersonT] = []
    for person in sorted(people, key=lambda person: -person.score):
        if not any(_alike(person, other) >= most_alike for other in kept):
            kept.append(person)
    return kept


def _alike(first: HasCocoKeypoints, second: HasCocoKeypoints) -> float:
    areas = [person_area_px2(person.coco_keypoints_px) for person in (first, second)]
    return oks(first.coco_keypoints_px, second.coco_keypoints_px, area_px2=max(areas))
