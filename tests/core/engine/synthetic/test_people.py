"""Bodies, cameras and boxes that belong together."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.engine.synthetic.people import (
    LARGEST_BETA,
    PersonPlacement,
    place_person,
    random_betas,
    random_placements,
    random_root,
)
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix

PLACE = PersonPlacement(center_x_px=320.0, bottom_px=440.0, standing_px=380.0, widest_px=600.0)


@pytest.fixture(scope="module")
def people(open_body, standing):
    return [
        place_person(open_body, standing, PLACE, np.random.default_rng(seed)) for seed in range(6)
    ]


def test_the_true_parameters_project_onto_the_true_keypoints(people, open_body):
    for person in people:
        parameters = person.parameters
        posed = open_body.posed(
            torch.from_numpy(parameters.pose_axis_angle[None]),
            torch.from_numpy(parameters.betas[None]),
        )
        crop_px = project_to_crop(
            posed.keypoints, torch.from_numpy(parameters.camera_translation[None])
        )[0]
        in_picture = person.box.crop_to_picture(crop_px.numpy())
        np.testing.assert_allclose(in_picture, person.keypoints_px, atol=0.05)


def test_people_stand_where_they_are_wanted_at_the_wanted_size(people):
    for person in people:
        low, high = person.keypoints_px.min(axis=0), person.keypoints_px.max(axis=0)
        assert (low[0] + high[0]) / 2 == pytest.approx(320, abs=0.5)
        assert high[1] == pytest.approx(440, abs=0.5)
        assert 0.75 * 380 < high[1] - low[1] < 1.2 * 380


def test_boxes_hold_the_person_but_are_neither_tight_nor_centred(people):
    offsets = []
    for person in people:
        in_box = person.box.picture_to_crop(person.keypoints_px)
        assert in_box.min() > 0
        assert in_box.max() < 224
        offsets.append((in_box.min(axis=0) + in_box.max(axis=0)) / 2 - 112)
    assert np.std(offsets, axis=0).min() > 1


def test_heads_are_up_and_seen_from_above_more_than_from_below():
    directions = []
    for seed in range(300):
        root = axis_angle_to_matrix(torch.from_numpy(random_root(np.random.default_rng(seed))))
        up = root[:, 1].numpy()
        assert up[1] < -0.85
        directions.append(up[2])
    # Seen from above, the head is nearer than the feet.
    assert np.mean(np.array(directions) < 0) > 0.6


def test_people_mostly_face_the_camera_and_some_turn_their_back():
    facing = np.array(
        [
            axis_angle_to_matrix(torch.from_numpy(random_root(np.random.default_rng(seed))))[2, 2]
            for seed in range(400)
        ]
    )
    away_from_front = np.degrees(np.arccos(np.clip(-facing, -1, 1)))
    assert 0.5 < np.mean(away_from_front < 60) < 0.9
    assert np.mean(away_from_front > 120) > 0.06


def test_shapes_are_varied_within_limits():
    betas = np.stack([random_betas(np.random.default_rng(seed)) for seed in range(300)])
    assert np.abs(betas).max() <= LARGEST_BETA
    assert betas.std() == pytest.approx(1.0, abs=0.05)


def test_two_people_stand_at_varied_distances_and_the_nearer_one_is_larger():
    gaps = []
    for seed in range(40):
        far, near = random_placements(2, (640, 480), np.random.default_rng(seed))
        assert near.standing_px > far.standing_px
        gaps.append(math.fabs(near.center_x_px - far.center_x_px))
    assert min(gaps) > 30
    assert max(gaps) > 220
    assert np.std(gaps) > 30


def test_a_posture_lays_the_person_down_before_the_same_camera(open_body, standing):
    def person(posture):
        return place_person(open_body, standing, PLACE, np.random.default_rng(3), posture=posture)

    upright, same, lying = person(None), person(np.zeros(3)), person(np.array([math.pi / 2, 0, 0]))
    np.testing.assert_allclose(
        same.parameters.pose_axis_angle, upright.parameters.pose_axis_angle, atol=1e-5
    )
    up = [
        axis_angle_to_matrix(torch.from_numpy(item.parameters.pose_axis_angle[:3]))[:, 1]
        for item in (upright, lying)
    ]
    assert float(up[0] @ up[1]) == pytest.approx(0, abs=1e-5)
