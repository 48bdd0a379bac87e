"""The places of the body that label checks look at, and the two sets of labels a sample can hold.

The 49 keypoints hold two sets, OpenPose's and the annotated ones, and both may name the same place
of the body. Each set is looked at by itself, as ``(..., 25, 3)`` places: a person's joints from one
hand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import OPENPOSE_KEYPOINTS
from core.body.landmarks import BODY_25_LANDMARKS, COCO_17_LANDMARKS
from core.types.arrays import FloatArray

PLACE_NAMES: tuple[str, ...] = (
    "nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder",
    "left elbow", "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee",
    "right knee", "left ankle", "right ankle", "neck", "top of the head", "left big toe",
    "right big toe", "left small toe", "right small toe", "left heel", "right heel",
)  # fmt: skip
NUM_PLACES = len(PLACE_NAMES)

ANNOTATED_KEYPOINTS: tuple[int, ...] = (
    44, 45, 46, 47, 48, 34, 33, 35, 32, 36, 31, 28, 27, 29, 26, 30, 25, 37, 38,
    -1, -1, -1, -1, -1, -1,
)  # fmt: skip
"""Which of the 49 the annotated set has for each place; −1 for none."""
OPENPOSE_PLACES: tuple[int, ...] = (
    0, 16, 15, 18, 17, 5, 2, 6, 3, 7, 4, 12, 9, 13, 10, 14, 11, 1, -1, 19, 22, 20, 23, 21, 24,
)  # fmt: skip
"""The same for OpenPose's set."""
LABEL_SETS: tuple[tuple[int, ...], ...] = (ANNOTATED_KEYPOINTS, OPENPOSE_PLACES)

PLACE_FLIP: tuple[int, ...] = (
    0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 17, 18, 20, 19, 22, 21, 24, 23,
)  # fmt: skip
PAIRS: tuple[tuple[int, int], ...] = tuple(
    (place, other) for place, other in enumerate(PLACE_FLIP) if place < other
)
"""Left and right of each pair."""
PAIR_NAMES: tuple[str, ...] = tuple(
    {"foot": "feet"}.get(name, f"{name}s")
    for name in (PLACE_NAMES[left].removeprefix("left ") for left, _ in PAIRS)
)

_SPOTS = (0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 11, 12, 11, 12, 11, 12)
"""Places whose numbers are the same lie near each other in anyone: a face, a foot."""
SPOT_OF_PLACE = np.array(_SPOTS)

FEWEST_PLACES = 5
"""Sets with fewer labels are not looked at."""


def label_sets(keypoints_px: FloatArray) -> FloatArray:
    """Keypoints ``(N, 49, 3)`` as their two sets of places ``(N, 2, 25, 3)``; absent: 0, 0, 0."""
    padded = np.concatenate([keypoints_px, np.zeros_like(keypoints_px[:, :1])], axis=1)
    sets: FloatArray = padded[:, np.array(LABEL_SETS)]
    kept: FloatArray = np.where(sets[..., 2:] > 0, sets, np.float32(0))
    return kept


def keypoints_of_places(places_px: FloatArray, label_set: int) -> FloatArray:
    """Places ``(N, 25, 3)`` of one of the ``LABEL_SETS`` as 49 keypoints, the others absent."""
    keypoints = np.zeros((len(places_px), 49, 3), np.float32)
    indices = np.array(LABEL_SETS[label_set])
    there = indices >= 0
    keypoints[:, indices[there]] = places_px[:, there]
    return keypoints


def landmark_places(landmarks_px: FloatArray) -> FloatArray:
    """The detector's ``(N, 33, 3)`` landmarks as places ``(N, 25, 3)``; 0, 0, 0 for the others.

    A place between two landmarks is as visible as the worse of them.
    """
    places = np.zeros((len(landmarks_px), NUM_PLACES, 3), np.float32)
    for place, found in enumerate(_LANDMARKS):
        if found:
            chosen = landmarks_px[:, list(found)]
            places[:, place, :2] = chosen[..., :2].mean(axis=1)
            places[:, place, 2] = chosen[..., 2].min(axis=1)
    return places


def extents_px(places_px: FloatArray) -> NDArray[np.float64]:
    """The longer side of all labels' bounding box ``(N,)``, 1 px at least: a person's size."""
    present = places_px[..., 2:] > 0
    low = np.where(present, places_px[..., :2], np.inf).min(axis=-2)
    high = np.where(present, places_px[..., :2], -np.inf).max(axis=-2)
    sides = np.where(np.isfinite(high - low), high - low, 0.0).max(axis=-1)
    longest: NDArray[np.float64] = np.maximum(sides, 1.0)
    return longest


def _landmarks_of_places() -> tuple[tuple[int, ...], ...]:
    annotated = [(landmark,) for landmark in COCO_17_LANDMARKS]
    others = [
        BODY_25_LANDMARKS[keypoint] if 0 <= keypoint < OPENPOSE_KEYPOINTS else ()
        for keypoint in OPENPOSE_PLACES[len(annotated) :]
    ]
    return (*annotated, *others)


_LANDMARKS = _landmarks_of_places()
