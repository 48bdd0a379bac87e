"""Two networks' joints become one set: the middle where they agree, the better one elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.landmarks import COCO_17_LANDMARKS
from core.engine.detection.merged_keypoints import merged_keypoints

SIZE_PX = (400, 600)
RIGHT_WRIST_COCO, RIGHT_WRIST_LANDMARK, RIGHT_WRIST = 10, 16, 4
LEFT_TOE_LANDMARK, LEFT_TOE, LEFT_SMALL_TOE = 31, 19, 20


@pytest.fixture
def coco():
    """A person 300 px high, all joints as sure as 0.6."""
    rng = np.random.default_rng(0)
    places = rng.uniform((100, 100), (250, 400), (17, 2))
    return np.concatenate([places, np.full((17, 1), 0.6)], axis=1)


@pytest.fixture
def landmarks(coco):
    """The same person, 4 px to the right, all landmarks as sure as 0.9."""
    points = np.full((33, 3), (200.0, 300.0, 0.9))
    points[list(COCO_17_LANDMARKS), :2] = coco[:, :2] + (4, 0)
    return points


def test_a_joint_that_both_see_alike_lies_in_the_middle(coco, landmarks):
    wrist = merged_keypoints(coco, landmarks, picture_size_px=SIZE_PX)[RIGHT_WRIST]
    assert np.allclose(wrist, [coco[RIGHT_WRIST_COCO, 0] + 2, coco[RIGHT_WRIST_COCO, 1], 0.9])


def test_where_they_differ_movenets_counts_half_if_it_sees_the_joint(coco, landmarks):
    landmarks[RIGHT_WRIST_LANDMARK, :2] += 100
    wrist = merged_keypoints(coco, landmarks, picture_size_px=SIZE_PX)[RIGHT_WRIST]
    assert np.allclose(wrist, [*coco[RIGHT_WRIST_COCO, :2], 0.3])
    coco[RIGHT_WRIST_COCO, 2] = 0.1
    wrist = merged_keypoints(coco, landmarks, picture_size_px=SIZE_PX)[RIGHT_WRIST]
    assert np.allclose(wrist, [*landmarks[RIGHT_WRIST_LANDMARK, :2], 0.45])


def test_feet_come_with_landmarks_alone(coco, landmarks):
    both = merged_keypoints(coco, landmarks, picture_size_px=SIZE_PX)
    assert np.allclose(both[LEFT_TOE], landmarks[LEFT_TOE_LANDMARK])
    alone = merged_keypoints(coco, None, picture_size_px=SIZE_PX)
    assert (alone[LEFT_TOE] == 0).all()
    assert np.allclose(alone[RIGHT_WRIST], coco[RIGHT_WRIST_COCO])
    assert (both[LEFT_SMALL_TOE] == 0).all()


def test_what_lies_outside_or_is_unsure_is_absent(coco, landmarks):
    landmarks[LEFT_TOE_LANDMARK] = (200, 600.5, 0.9)
    landmarks[LEFT_TOE_LANDMARK - 2] = (200, 300, 0.1)
    keypoints = merged_keypoints(coco, landmarks, picture_size_px=SIZE_PX)
    assert (keypoints[LEFT_TOE] == 0).all()
    assert (keypoints[LEFT_TOE + 2] == 0).all(), "the heel"


def test_only_openposes_half_is_filled(coco, landmarks):
    keypoints = merged_keypoints(coco, landmarks, picture_size_px=SIZE_PX)
    assert keypoints.shape == (49, 3)
    assert (keypoints[25:] == 0).all()
    assert (keypoints[:25, 2] > 0).sum() == 23


def test_an_ankle_without_its_knee_counts_where_both_networks_saw_the_person(coco, landmarks):
    right_knee, right_ankle, left_ankle = 10, 11, 14
    coco[14, 2] = landmarks[26, 2] = 0.1  # the right knee
    alone = merged_keypoints(coco, None, picture_size_px=SIZE_PX)
    assert (alone[[right_knee, right_ankle]] == 0).all()
    assert alone[left_ankle, 2] > 0
    both = merged_keypoints(coco, landmarks, picture_size_px=SIZE_PX)
    assert (both[right_knee] == 0).all()
    assert both[right_ankle, 2] > 0
