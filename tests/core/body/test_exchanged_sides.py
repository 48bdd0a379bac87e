"""Left and right: what a face tells, what shoulders and hips tell, and what a picture tells."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.compared_keypoints.exchanged_sides import (
    face_from_behind,
    side_contradiction,
    torso_from_behind,
)
from core.body.conventions import COCO_17_TO_KEYPOINTS as COCO
from core.body.conventions import KEYPOINT_FLIP, KEYPOINT_NAMES, place_keypoints
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from tests.core.body.people_seen import landmarks_on


def seen(open_body, *, turned_deg: float = 0.0, tilted_deg: float = 0.0) -> np.ndarray:
    """Keypoints ``(1, 49, 3)`` of the body at rest, turned about its axis, then in the picture."""
    upright = torch.diag(torch.tensor([1.0, -1.0, -1.0]))  # y up, facing the camera
    about_axis = axis_angle_to_matrix(torch.tensor([0.0, np.radians(turned_deg), 0.0]).float())
    in_picture = axis_angle_to_matrix(torch.tensor([0.0, 0.0, np.radians(tilted_deg)]).float())
    pose = torch.zeros(1, 72)
    pose[0, :3] = matrix_to_axis_angle(in_picture @ upright @ about_axis)
    points = open_body.posed(pose, torch.zeros(1, 10)).keypoints[0, :, :2].numpy()
    return np.concatenate([100 * points + 300, np.ones((49, 1))], axis=1)[None].astype(np.float32)


def exchanged(keypoints: np.ndarray) -> np.ndarray:
    return keypoints[:, list(KEYPOINT_FLIP)]


@pytest.mark.parametrize("tilted_deg", [0, 90, 180, 250])
@pytest.mark.parametrize("verdict_of", [face_from_behind, torso_from_behind])
def test_front_and_back_are_told_however_the_body_is_tilted(open_body, verdict_of, tilted_deg):
    front = seen(open_body, turned_deg=20, tilted_deg=tilted_deg)
    back = seen(open_body, turned_deg=200, tilted_deg=tilted_deg)
    assert verdict_of(front) == [0]
    assert verdict_of(back) == [1]
    assert verdict_of(exchanged(front)) == [1]
    assert verdict_of(exchanged(back)) == [0]


def test_a_profile_and_a_person_without_eyes_tell_nothing(open_body):
    profile = seen(open_body, turned_deg=90)
    assert np.isnan(face_from_behind(profile))
    assert np.isnan(torso_from_behind(profile))
    faceless = seen(open_body)
    faceless[:, [KEYPOINT_NAMES.index(name) for name in ("Nose", "OP Nose")], 2] = 0
    assert np.isnan(face_from_behind(faceless))
    assert torso_from_behind(faceless) == [0]


@pytest.mark.parametrize("turned_deg", [0, 60, 180])
@pytest.mark.parametrize("annotated", [True, False])
def test_landmarks_contradict_exchanged_sides_alone(open_body, turned_deg, annotated):
    keypoints = seen(open_body, turned_deg=turned_deg)
    landmarks = landmarks_on(keypoints)
    if annotated:
        keypoints = place_keypoints(keypoints[:, list(COCO)], COCO)
    assert side_contradiction(keypoints, landmarks)[0] < -0.9
    assert side_contradiction(exchanged(keypoints), landmarks)[0] > 0.9


def test_two_pairs_or_unseen_landmarks_tell_nothing(open_body):
    keypoints = seen(open_body)
    landmarks = landmarks_on(keypoints)
    hidden = landmarks.copy()
    hidden[..., 2] = 0.1
    assert np.isnan(side_contradiction(keypoints, hidden))
    shoulders_and_hips = [2, 5, 9, 12, 27, 28, 33, 34]
    few = np.zeros_like(keypoints)
    few[:, shoulders_and_hips] = keypoints[:, shoulders_and_hips]
    assert np.isnan(side_contradiction(few, landmarks))
    few[:, [26, 29]] = keypoints[:, [26, 29]]
    assert side_contradiction(few, landmarks)[0] < -0.9
