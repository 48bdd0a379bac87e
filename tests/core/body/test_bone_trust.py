"""How far a detector's directions of bones are trusted."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.bone_directions import BONE_NAMES, bone_directions
from core.body.bone_trust import bone_error_variances, corrected_bone_directions
from core.body.conventions import BODY_25_TO_KEYPOINTS, KEYPOINT_FLIP, place_keypoints
from core.body.landmarks import BODY_25_LANDMARKS
from core.errors import ShapeError

OTHERS = np.zeros(49, dtype=bool)


def person(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Landmarks in metres and pixels, and keypoints that lie exactly where they are seen."""
    landmarks_m = np.random.default_rng(seed).normal(scale=0.3, size=(33, 3))
    points = np.column_stack([300 + 200 * landmarks_m[:, :2], np.ones(33)])
    body_25 = np.zeros((25, 3), dtype=np.float32)
    for keypoint, sources in enumerate(BODY_25_LANDMARKS):
        if sources:
            body_25[keypoint] = points[list(sources)].mean(axis=0)
    return landmarks_m, points, place_keypoints(body_25, BODY_25_TO_KEYPOINTS)


def mirrored_about(keypoints: np.ndarray, x: float) -> np.ndarray:
    flipped = keypoints[list(KEYPOINT_FLIP)].copy()
    flipped[:, 0] = np.where(flipped[:, 2] > 0, 2 * x - flipped[:, 0], 0)
    return flipped


def test_landmarks_along_the_keypoints_are_trusted_as_far_as_each_bone_can_be():
    landmarks_m, points, keypoints = person()

    variances = bone_error_variances(landmarks_m, points, keypoints, OTHERS)

    sigma = dict(zip(BONE_NAMES, np.sqrt(variances), strict=True))
    np.testing.assert_allclose(sigma["right flank"], [0.03, 0.03, 0.14], atol=0.01)
    np.testing.assert_allclose(sigma["left forearm"], [0.10, 0.10, 0.31], atol=0.01)


def test_landmarks_of_exchanged_sides_are_hardly_trusted():
    landmarks_m, points, keypoints = person()
    exchanged = keypoints[list(KEYPOINT_FLIP)]

    trusted = bone_error_variances(landmarks_m, points, keypoints, OTHERS)
    doubted = bone_error_variances(landmarks_m, points, exchanged, OTHERS)

    assert np.median(doubted / trusted) > 4


def test_one_bone_off_its_keypoints_is_doubted_more_than_the_others():
    landmarks_m, points, keypoints = person()
    moved = keypoints.copy()
    moved[4, :2] = 2 * moved[3, :2] - moved[4, :2]  # the right wrist, to the elbow's other side

    rise = bone_error_variances(landmarks_m, points, moved, OTHERS) - bone_error_variances(
        landmarks_m, points, keypoints, OTHERS
    )

    assert BONE_NAMES[int(rise[:, 0].argmax())] == "right forearm"
    assert (rise > 0).all()


def test_an_end_that_is_hardly_visible_makes_its_bones_doubtful():
    landmarks_m, points, keypoints = person()
    hidden = points.copy()
    hidden[28, 2] = 0.0  # the right ankle

    rise = bone_error_variances(landmarks_m, hidden, keypoints, OTHERS) - bone_error_variances(
        landmarks_m, points, keypoints, OTHERS
    )

    assert [BONE_NAMES[bone] for bone in np.flatnonzero(rise.max(axis=1) > 1e-9)] == ["right shin"]


def test_keypoints_of_the_detector_itself_are_weaker_witnesses():
    landmarks_m, points, keypoints = person()
    moved = keypoints + np.array([5, 0, 0], dtype=np.float32) * (np.arange(49) % 2)[:, None]

    others = bone_error_variances(landmarks_m, points, moved, OTHERS)
    own = bone_error_variances(landmarks_m, points, moved, ~OTHERS)

    assert (own >= others).all()
    assert own.mean() > others.mean()


def test_a_person_without_keypoints_on_the_limbs_is_doubtful():
    landmarks_m, points, keypoints = person()

    known = bone_error_variances(landmarks_m, points, keypoints, OTHERS)
    unknown = bone_error_variances(landmarks_m, points, 0 * keypoints, OTHERS)

    assert (unknown > known).all()
    assert np.isfinite(unknown).all()


def test_keypoints_in_the_other_half_of_the_49_tell_the_same():
    landmarks_m, points, keypoints = person()
    moved = np.zeros_like(keypoints)
    pairs = {
        2: 33,
        3: 32,
        4: 31,
        5: 34,
        6: 35,
        7: 36,
        9: 27,
        10: 26,
        11: 25,
        12: 28,
        13: 29,
        14: 30,
    }
    for first, twin in pairs.items():
        moved[twin] = keypoints[first]

    np.testing.assert_allclose(
        bone_error_variances(landmarks_m, points, moved, OTHERS),
        bone_error_variances(landmarks_m, points, keypoints, OTHERS),
    )


def test_a_bone_without_a_direction_is_not_trusted_at_all():
    landmarks_m, points, keypoints = person()
    landmarks_m[14] = np.nan  # the right elbow

    variances = bone_error_variances(landmarks_m, points, keypoints, OTHERS)

    assert np.isinf(variances[:2]).all()
    assert np.isfinite(variances[2:]).all()
    assert (corrected_bone_directions(landmarks_m)[:2] == 0).all()


def test_arrays_and_tensors_are_trusted_alike():
    people = [person(seed) for seed in range(3)]
    landmarks_m, points, keypoints = (np.stack(part) for part in zip(*people, strict=True))
    own = np.random.default_rng(0).random((3, 49)) > 0.5

    of_arrays = bone_error_variances(landmarks_m, points, keypoints, own)
    of_tensors = bone_error_variances(
        *(torch.tensor(part) for part in (landmarks_m, points, keypoints)), torch.tensor(own)
    )

    np.testing.assert_allclose(of_arrays, of_tensors.numpy(), rtol=1e-4)


def test_the_systematic_error_that_is_taken_out_is_the_same_for_both_sides():
    landmarks_m, _, _ = person()
    flip = [
        0,
        4,
        5,
        6,
        1,
        2,
        3,
        8,
        7,
        10,
        9,
        *(end + 1 - 2 * (end % 2 == 0) for end in range(11, 33)),
    ]
    assert sorted(flip) == list(range(33))
    mirrored = landmarks_m[flip] * [-1, 1, 1]

    moved = corrected_bone_directions(landmarks_m) - bone_directions(landmarks_m)
    of_mirrored = corrected_bone_directions(mirrored) - bone_directions(mirrored)

    right, left = [0, 1, 4, 5, 10], [2, 3, 6, 7, 11]
    np.testing.assert_allclose(of_mirrored[left], moved[right] * [-1, 1, 1], atol=1e-12)


def test_other_shapes_are_refused():
    landmarks_m, points, keypoints = person()
    with pytest.raises(ShapeError, match="keypoints_px"):
        bone_error_variances(landmarks_m, points, keypoints[:25], OTHERS[:25])


def test_a_witness_who_agrees_is_believed_and_one_who_contradicts_makes_doubtful():
    landmarks_m, points, keypoints = person()
    agreeing = corrected_bone_directions(landmarks_m)
    contradicting = agreeing.copy()
    contradicting[1] *= [1, 1, -1]  # the right forearm, mirrored in depth

    trusted, doubted = (
        bone_error_variances(landmarks_m, points, keypoints, OTHERS, witness=witness)
        for witness in (agreeing, contradicting)
    )

    alone = bone_error_variances(landmarks_m, points, keypoints, OTHERS)
    assert (trusted.mean(), trusted[:, 2].mean()) < (alone.mean(), alone[:, 2].mean())
    rise = doubted - trusted
    assert rise[1, 2] > 0
    np.testing.assert_allclose(np.delete(rise.ravel(), 5), 0, atol=1e-12)


def test_a_keypoint_that_is_guessed_is_no_witness_against_landmarks():
    landmarks_m, points, keypoints = person()
    moved = keypoints.copy()
    moved[4, :2] = 2 * moved[3, :2] - moved[4, :2]  # the right wrist, to the elbow's other side
    guessed = moved.copy()
    guessed[4, 2] = 0.05

    right, wrong, doubtful = (
        bone_error_variances(landmarks_m, points, points_px, OTHERS).sum()
        for points_px in (keypoints, moved, guessed)
    )

    assert doubtful - right < 0.15 * (wrong - right)


def test_witnesses_of_other_shapes_are_refused():
    landmarks_m, points, keypoints = person()
    with pytest.raises(ShapeError, match="witness"):
        bone_error_variances(landmarks_m, points, keypoints, OTHERS, witness=np.zeros((20, 3)))
