"""What is told from the frames before and after: who is who, what jumps, and which sides flip."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.compared_keypoints.exchanged_sides import with_exchanged_sides
from core.body.motion.bone_jumps import FOLLOWED, bone_jumps, followed_directions
from core.body.motion.person_links import linked_people
from core.body.motion.side_flips import side_flips
from core.errors import ShapeError
from core.geometry.rotations import axis_angle_to_matrix

SHOULDER, ELBOW = 16, 18


def person(x_px=300.0, *, seed=0, moved_px=0.0):
    """Keypoints of someone some 200 px tall, seen from the front."""
    random = np.random.default_rng(seed)
    keypoints = np.ones((49, 3), np.float32)
    keypoints[:, :2] = [x_px, 250] + random.uniform(-60, 60, (49, 2)) * [0.6, 1.6]
    keypoints[:, 0] += moved_px
    return keypoints


def rotations(**turned_deg):
    """One pose at rest but for turns of joints about the axis that the picture is seen along."""
    pose = np.zeros((1, 24, 3))
    for joint, degrees in turned_deg.items():
        pose[0, int(joint[1:]), 2] = np.deg2rad(degrees)
    return axis_angle_to_matrix(pose)


def test_at_rest_arms_point_sideways_and_legs_down():
    directions = dict(zip(FOLLOWED, followed_directions(rotations())[0], strict=True))
    np.testing.assert_allclose(directions["left upper arm"], [1, 0, 0])
    np.testing.assert_allclose(directions["right forearm"], [-1, 0, 0])
    np.testing.assert_allclose(directions["left shin"], [0, -1, 0])


def test_what_hangs_on_a_turned_joint_turns_with_it():
    directions = dict(zip(FOLLOWED, followed_directions(rotations(j16=-90))[0], strict=True))
    np.testing.assert_allclose(directions["left forearm"], [0, -1, 0], atol=1e-12)
    np.testing.assert_allclose(directions["right forearm"], [-1, 0, 0])


def test_a_straight_arm_twisted_about_itself_does_not_jump():
    pose = np.zeros((1, 24, 3))
    pose[0, SHOULDER, 0] = np.pi / 2
    still, twisted = (
        followed_directions(rotations()),
        followed_directions(axis_angle_to_matrix(pose)),
    )
    assert bone_jumps(twisted, still, still).angle_deg == 0


@pytest.mark.parametrize("turn_deg", [50, 120, 179])
def test_a_limb_that_leaves_and_comes_back_jumps(turn_deg):
    here, around = followed_directions(rotations(j18=turn_deg)), followed_directions(rotations())
    jumps = bone_jumps(here, around, around)
    assert jumps.angle_deg == pytest.approx(turn_deg)
    assert FOLLOWED[jumps.limb[0]] == "left forearm"


def test_a_limb_on_its_way_and_a_small_turn_do_not_jump():
    way = [followed_directions(rotations(j18=degrees)) for degrees in (0, 60, 120)]
    assert bone_jumps(way[1], way[0], way[2]).angle_deg == 0
    little = followed_directions(rotations(j18=30))
    assert bone_jumps(little, way[0], way[0]).angle_deg == 0


def test_where_a_neighbour_has_no_body_nothing_jumps():
    here, around = followed_directions(rotations(j18=120)), followed_directions(rotations())
    assert bone_jumps(here, around, np.full_like(around, np.nan)).angle_deg == 0


def test_rotations_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match="24"):
        followed_directions(np.zeros((1, 23, 3, 3)))


def test_exchanged_sides_between_right_ones_flip():
    here = with_exchanged_sides(person(moved_px=3))[None]
    before, after = person()[None], person(moved_px=6)[None]
    assert side_flips(here, before, after)[0] > 0.8
    assert side_flips(person(moved_px=3)[None], before, after)[0] == 0


def test_sides_that_lie_on_one_another_flip_for_no_one():
    profile = person()
    profile[:, 0] = 300
    partner = with_exchanged_sides(profile)
    profile[:, 1] = (profile[:, 1] + partner[:, 1]) / 2
    flipped = with_exchanged_sides(profile)
    assert side_flips(flipped[None], profile[None], profile[None])[0] == 0


def test_neighbours_that_disagree_or_have_no_joints_prove_nothing():
    here, right = with_exchanged_sides(person())[None], person()[None]
    assert side_flips(here, right, here)[0] == 0
    assert side_flips(here, right, np.zeros_like(right))[0] == 0
    assert side_flips(np.zeros_like(right), right, right)[0] == 0


def test_people_are_linked_by_where_they_are_however_they_are_listed():
    before = np.stack([person(200), person(400, seed=1), person(600, seed=2)])
    after = np.stack([person(610, seed=2), person(210), person(1500, seed=3)])
    assert linked_people(before, after) == [(0, 1), (2, 0)]


def test_someone_whose_sides_were_exchanged_is_the_same_person():
    before, after = person()[None], with_exchanged_sides(person(moved_px=5))[None]
    assert linked_people(before, after) == [(0, 0)]


def test_without_people_no_one_is_linked():
    assert linked_people(np.zeros((0, 49, 3)), person()[None]) == []
