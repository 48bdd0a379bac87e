"""Whether a person's left and right were exchanged: what the keypoints alone tell, and a picture.

A body seen from behind and one seen from the front with its sides exchanged have the same
keypoints, but for two things. A face that is seen is seen from the front. And a network that looks
at the picture says itself which side is which.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import (
    COCO_17_TO_KEYPOINTS,
    KEYPOINT_FLIP,
    TORSO_GROUND_TRUTH,
    TORSO_OPENPOSE,
)
from core.body.landmarks import BODY_25_LANDMARKS, COCO_17_LANDMARKS
from core.types.arrays import FloatArray

_FACES = ((0, 16, 15), (44, 45, 46))
"""Nose, left eye, right eye: OpenPose's, then the annotated ones."""

_CLEAR_FACE = 0.3
"""Sine of the angle between the line of the eyes and the way from it to the nose: below it the face
is seen from the side. Of 37 annotated and reprojected faces of real people none lies below 0.66."""

_CLEAR_TORSO = 0.1
"""Of the torso's length, how far left lies from right at least: below it the torso is seen from the
side."""

_FEWEST_PAIRS = 3
"""Pairs of joints, left and right of each given and seen, from which sides can be told."""

_LEAST_VISIBILITY = 0.3


def _landmark_of_keypoint() -> dict[int, int]:
    annotated = dict(zip(COCO_17_TO_KEYPOINTS, COCO_17_LANDMARKS, strict=True))
    openpose = {index: found[0] for index, found in enumerate(BODY_25_LANDMARKS) if len(found) == 1}
    return annotated | openpose


_LANDMARKS = _landmark_of_keypoint()
_PAIRS = np.array(
    [
        (one, other)
        for one, other in enumerate(KEYPOINT_FLIP)
        if one < other and one in _LANDMARKS and other in _LANDMARKS
    ]
)
"""``(P, 2)``: the keypoints of both sides that the detector has a landmark for."""
_PAIR_LANDMARKS = np.vectorize(_LANDMARKS.get)(_PAIRS)


def with_exchanged_sides(keypoints: FloatArray) -> FloatArray:
    """Keypoints ``(..., 49, 3)`` with the labels of left and right exchanged; no place changes."""
    return keypoints[..., list(KEYPOINT_FLIP), :]


def face_from_behind(keypoints_px: FloatArray) -> NDArray[np.float64]:
    """Whether the left eye lies where a face that is seen has the right one.

        s = (left − right) × (nose − (left + right) / 2) / (their lengths)

    In a picture, y down, s is 1 for a face seen from the front, however the head is tilted.

    Args:
        keypoints_px: ``(N, 49, 3)``.

    Returns:
        ``(N,)`` 1 where it does, 0 where not, NaN without nose and eyes or for a profile.
    """
    verdicts = np.full(len(keypoints_px), np.nan)
    for nose, left, right in _FACES:
        points = keypoints_px[:, [nose, left, right]].astype(np.float64)
        given = (points[..., 2] > 0).all(axis=1)
        eyes = points[:, 1, :2] - points[:, 2, :2]
        down = points[:, 0, :2] - points[:, 1:, :2].mean(axis=1)
        sine = _cross(eyes, down) / np.maximum(_length(eyes) * _length(down), 1e-9)
        clear = given & (np.abs(sine) >= _CLEAR_FACE)
        verdicts = np.where(clear, sine < 0, verdicts)
    return verdicts


def torso_from_behind(keypoints_px: FloatArray) -> NDArray[np.float64]:
    """Whether shoulders and hips lie as those of a body seen from behind.

        s = ((left − right) of the shoulders + of the hips) / 2 × (hips − shoulders) / |…|²

    Args:
        keypoints_px: ``(N, 49, 3)``.

    Returns:
        ``(N,)`` 1 where they do, 0 where not, NaN where one lacks or for a body seen from the side.
    """
    verdicts = np.full(len(keypoints_px), np.nan)
    for torso in (TORSO_OPENPOSE, TORSO_GROUND_TRUTH):
        points = keypoints_px[:, list(torso)].astype(np.float64)
        given = (points[..., 2] > 0).all(axis=1)
        right_hip, left_hip, right_shoulder, left_shoulder = np.moveaxis(points[..., :2], 1, 0)
        across = (left_hip - right_hip + left_shoulder - right_shoulder) / 2
        down = (left_hip + right_hip - left_shoulder - right_shoulder) / 2
        width = _cross(across, down) / np.maximum(_length(down) ** 2, 1e-9)
        clear = given & (np.abs(width) >= _CLEAR_TORSO)
        verdicts = np.where(clear, width < 0, verdicts)
    return verdicts


def side_contradiction(keypoints_px: FloatArray, landmarks_px: FloatArray) -> NDArray[np.float64]:
    """How much better the keypoints lie on the detector's landmarks with left and right exchanged.

        c = (Σ v d − Σ v d') / (Σ v d + Σ v d')

    over the joints of both sides; d is the distance of a keypoint from its landmark, d' from that
    of the other side, v the smaller visibility of the two landmarks.

    Args:
        keypoints_px: ``(N, 49, 3)`` in picture pixels, with confidence.
        landmarks_px: ``(N, 33, 3)`` in picture pixels, with visibility.

    Returns:
        ``(N,)`` −1 where left and right agree, 1 where they are exchanged, NaN where fewer than
        three pairs are given and seen.
    """
    keypoints = keypoints_px[:, _PAIRS].astype(np.float64)
    landmarks = landmarks_px[:, _PAIR_LANDMARKS].astype(np.float64)
    visibility = landmarks[..., 2].min(axis=2)
    usable = (keypoints[..., 2] > 0).all(axis=2) & (visibility >= _LEAST_VISIBILITY)
    weights = np.where(usable, visibility, 0.0)
    straight = (weights * _pair_distance(keypoints, landmarks)).sum(axis=1)
    exchanged = (weights * _pair_distance(keypoints, landmarks[:, :, ::-1])).sum(axis=1)
    total = straight + exchanged
    enough = (_places(usable) >= _FEWEST_PAIRS) & (total > 0)
    return np.where(enough, (straight - exchanged) / np.where(total > 0, total, 1.0), np.nan)


def _places(usable: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many places of the body ``(N,)`` the usable pairs name: twins are one."""
    landmarks = _PAIR_LANDMARKS.min(axis=1)
    named = [usable[:, landmarks == place].any(axis=1) for place in np.unique(landmarks)]
    count: NDArray[np.int64] = np.sum(named, axis=0)
    return count


def _pair_distance(
    keypoints: NDArray[np.float64], landmarks: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances ``(N, P)`` of both joints of each pair, summed."""
    distances: NDArray[np.float64] = _length(keypoints[..., :2] - landmarks[..., :2]).sum(axis=2)
    return distances


def _cross(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    length: NDArray[np.float64] = np.linalg.norm(vectors, axis=-1)
    return length
