"""The product's 49 keypoints from what two networks say of one person."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import BODY_25_TO_KEYPOINTS, place_keypoints
from core.body.landmarks import BODY_25_LANDMARKS, COCO_17_LANDMARKS
from core.engine.detection.similarity import person_area_px2
from core.types.arrays import FloatArray
from core.types.detected_landmarks import NUM_LANDMARKS

LEAST_CONFIDENCE = 0.2
"""Below it a keypoint is a guess and counts as absent."""

_NEAR = 0.1
"""Two networks mean the same place within this share of the person's size, √area."""

_SEEN = 0.15
"""From this confidence on MoveNet is the better one where the two differ."""

_DOUBT = 0.5
"""The share of its confidence that is left to a joint which the other network puts elsewhere."""


_KNEES_AND_ANKLES = ((10, 11), (13, 14))
"""In BODY_25's order."""


def merged_keypoints(
    coco_keypoints_px: NDArray[np.floating],
    landmarks_px: NDArray[np.floating] | None,
    *,
    picture_size_px: tuple[int, int],
) -> FloatArray:
    """``(49, 3)`` of MoveNet's ``(17, 3)`` and BlazePose's ``(33, 3)``, if it saw the person.

    Where both see a joint at about the same place, it lies in the middle and is as sure as the
    surer one says; where they differ, MoveNet's counts if it sees the joint at all, BlazePose's if
    not, at half its confidence (docs/detector.md has the numbers). A keypoint between two landmarks
    is as sure as the less sure one. What lies outside the picture, width and height, is absent:
    networks make it up. So is an ankle whose knee is absent where MoveNet saw the person alone, as
    in a crowd: it is someone else's.
    """
    landmarks = _joined(np.asarray(coco_keypoints_px, dtype=np.float64), landmarks_px)
    width, height = picture_size_px
    outside = (landmarks[:, :2] < -0.5) | (landmarks[:, :2] > np.array([width, height]) - 0.5)
    landmarks[outside.any(axis=1), 2] = 0
    body_25 = np.zeros((len(BODY_25_LANDMARKS), 3))
    for keypoint, sources in enumerate(BODY_25_LANDMARKS):
        if sources:
            parts = landmarks[list(sources)]
            body_25[keypoint] = [*parts[:, :2].mean(axis=0), parts[:, 2].min()]
    body_25[body_25[:, 2] < LEAST_CONFIDENCE] = 0
    if landmarks_px is None:
        _drop_lone_ankles(body_25)
    return place_keypoints(body_25, BODY_25_TO_KEYPOINTS)


def _drop_lone_ankles(body_25: NDArray[np.float64]) -> None:
    """Take ankles without their knees out of ``(25, 3)``, in place."""
    for knee, ankle in _KNEES_AND_ANKLES:
        if body_25[knee, 2] == 0:
            body_25[ankle] = 0


def _joined(
    coco: NDArray[np.float64], landmarks_px: NDArray[np.floating] | None
) -> NDArray[np.float64]:
    """``(33, 3)``: the landmarks with MoveNet's joints in them; others are absent without them."""
    shared = list(COCO_17_LANDMARKS)
    joined = np.zeros((NUM_LANDMARKS, 3))
    if landmarks_px is None:
        joined[shared] = coco
        return joined
    joined[:] = landmarks_px
    own = joined[shared]
    apart = np.hypot(*(own[:, :2] - coco[:, :2]).T) / np.sqrt(person_area_px2(coco))
    near, coco_sees = apart < _NEAR, coco[:, 2] > _SEEN
    joined[shared, :2] = np.where(
        near[:, None],
        (own[:, :2] + coco[:, :2]) / 2,
        np.where(coco_sees[:, None], coco[:, :2], own[:, :2]),
    )
    joined[shared, 2] = np.where(
        near,
        np.maximum(own[:, 2], coco[:, 2]),
        _DOUBT * np.where(coco_sees, coco[:, 2], own[:, 2]),
    )
    return joined
