"""Pure edits of keypoints, and the view of a picture that they are made in."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.conventions import KEYPOINT_FLIP, KEYPOINT_NAMES, KEYPOINT_TWINS
from core.geometry.boxes import Box
from spin_gui.correcting import keypoint_edits as edits
from spin_gui.correcting.picture_view import MAX_ZOOM, PictureView
from spin_gui.session.joint_states import JointState

NOSE, LEFT_WRIST, RIGHT_WRIST, OP_LEFT_WRIST = 44, 36, 31, 7


@pytest.fixture
def keypoints() -> np.ndarray:
    drawn = np.random.default_rng(0).uniform(10, 90, (49, 3)).astype(np.float32)
    drawn[:, 2] = 0.8
    return drawn


def test_every_keypoint_is_in_one_group_of_the_list():
    listed = [index for group in edits.GROUPS.values() for index in group]
    assert sorted(listed) == list(range(49))


def test_twins_are_mutual_and_on_the_same_side():
    for index, twins in enumerate(KEYPOINT_TWINS):
        for twin in twins:
            assert index in KEYPOINT_TWINS[twin]
            assert KEYPOINT_FLIP[twin] in KEYPOINT_TWINS[KEYPOINT_FLIP[index]]


def test_a_moved_keypoint_takes_its_twin_along_only_where_linked_and_there(keypoints):
    assert edits.with_twins(keypoints, LEFT_WRIST, linked=True) == [LEFT_WRIST, OP_LEFT_WRIST]
    assert edits.with_twins(keypoints, LEFT_WRIST, linked=False) == [LEFT_WRIST]
    keypoints[OP_LEFT_WRIST] = 0
    assert edits.with_twins(keypoints, LEFT_WRIST, linked=True) == [LEFT_WRIST]


def test_what_a_person_moved_is_certain_unless_it_is_hidden(keypoints):
    keypoints[NOSE, 2] = 0.5
    keypoints[25] = 0
    result = edits.moved(keypoints, [LEFT_WRIST, NOSE, 25], (3.0, -4.0))
    np.testing.assert_allclose(result[LEFT_WRIST, :2], keypoints[LEFT_WRIST, :2] + [3, -4])
    assert result[LEFT_WRIST, 2] == 1.0
    assert result[NOSE, 2] == 0.5
    assert not result[25].any()


def test_states_go_there_and_back_and_absent_has_no_place(keypoints):
    for state in (JointState.HIDDEN, JointState.VISIBLE):
        keypoints = edits.with_state(keypoints, [NOSE], state)
        assert edits.state_of(float(keypoints[NOSE, 2])) is state
    keypoints = edits.with_state(keypoints, [NOSE], JointState.ABSENT)
    assert not keypoints[NOSE].any()
    assert not edits.with_state(keypoints, [NOSE], JointState.VISIBLE)[NOSE].any()


def test_swapping_twice_is_as_before_and_once_exchanges_the_sides(keypoints):
    once = edits.swapped(keypoints)
    np.testing.assert_array_equal(once[LEFT_WRIST], keypoints[RIGHT_WRIST])
    np.testing.assert_array_equal(edits.swapped(once), keypoints)


def test_swapping_a_limb_leaves_the_others(keypoints):
    arm = edits.limb_of(LEFT_WRIST)
    assert {KEYPOINT_NAMES[index] for index in arm} == {
        "OP LShoulder", "OP LElbow", "OP LWrist", "Left Shoulder", "Left Elbow", "Left Wrist",
    }  # fmt: skip
    result = edits.swapped(keypoints, arm)
    changed = np.flatnonzero((result != keypoints).any(axis=1))
    assert set(changed) == {*arm, *(KEYPOINT_FLIP[index] for index in arm)}
    assert edits.limb_of(NOSE) == ()


def test_every_keypoint_with_a_side_has_a_limb():
    for index in range(49):
        if KEYPOINT_FLIP[index] != index:
            assert index in edits.limb_of(index)


def test_joints_taken_from_a_body_are_hidden_until_a_person_says_more(keypoints):
    keypoints[NOSE] = 0
    seen = np.full((49, 2), 7.0)
    result = edits.copied(keypoints, seen, [NOSE, LEFT_WRIST])
    assert result[NOSE].tolist() == [7, 7, 0.5]
    assert result[LEFT_WRIST, 2] == pytest.approx(0.8)


def test_missing_joints_are_asked_for_in_the_order_of_the_list_and_round(keypoints):
    keypoints[:25] = 0
    for index in (NOSE, LEFT_WRIST, 40):
        keypoints[index] = 0
    assert edits.missing(keypoints) == [NOSE, LEFT_WRIST]
    assert edits.next_missing(keypoints, None) == NOSE
    assert edits.next_missing(keypoints, NOSE) == LEFT_WRIST
    assert edits.next_missing(keypoints, LEFT_WRIST) == NOSE


def test_a_twin_that_is_there_stands_for_both(keypoints):
    keypoints[LEFT_WRIST] = 0
    assert edits.missing(keypoints) == []


def test_who_has_openposes_joints_alone_is_asked_for_those(keypoints):
    keypoints[25:] = 0
    keypoints[19] = 0
    assert edits.missing(keypoints) == [19]


def test_a_coco_person_with_all_its_joints_is_told_that_the_rest_may_stay_empty(keypoints):
    coco = [index for index in range(25, 49) if index not in range(37, 44)]
    keypoints[[index for index in range(49) if index not in coco]] = 0
    assert edits.coverage_text(keypoints) == (
        "17 of 49 keypoints are annotated by this source; the others may stay empty."
    )
    keypoints[NOSE] = 0
    assert "16 of 49 keypoints are annotated, 1 missing" in edits.coverage_text(keypoints)


def test_a_view_zooms_about_the_pointer_and_never_loses_the_picture():
    view = PictureView.around(Box(50, 40, 30), width=400, height=300)
    pixel = view.to_picture(37, 211)
    zoomed = view.zoomed(2.0, x=37, y=211, least=0.1)
    assert zoomed.to_picture(37, 211) == pytest.approx(pixel)
    assert zoomed.to_view(*pixel) == pytest.approx((37, 211))
    assert view.zoomed(1e9, x=0, y=0, least=0.1).zoom == MAX_ZOOM
    lost = view.panned(1e6, -1e6).kept_on((100, 80))
    assert 0 <= lost.center_x_px <= 100
    assert 0 <= lost.center_y_px <= 80
    assert view.square.side_px == pytest.approx(400 / view.zoom)
