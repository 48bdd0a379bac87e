"""Pictures show their people where the truth says."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.synthetic.backgrounds import paint_background
from core.engine.synthetic.detector import Seen
from core.engine.synthetic.occluders import draw_occluder, draw_shadow
from core.engine.synthetic.people import PersonPlacement, place_person
from core.engine.synthetic.scenes import PICTURE_SIZES_PX, joint_visibility
from core.geometry.boxes import Box

INSIDE_THE_BODY = [1, 2, 5, 8, 9, 10, 12, 13, 38 + 1]
"""Neck, shoulders, hips, knees, pelvis: never at the outline."""


@pytest.mark.parametrize("seed", range(4))
def test_the_drawn_person_covers_the_true_joints(maker, standing, seed):
    scene = maker.make([standing], np.random.default_rng(seed))
    assert (scene.picture.shape[1], scene.picture.shape[0]) in PICTURE_SIZES_PX
    person, covered = scene.people[0], scene.covered[0]
    inside = [joint for joint in INSIDE_THE_BODY if scene.seen[0][joint] != Seen.OUTSIDE]
    columns, rows = person.keypoints_px[inside].astype(int).T
    assert len(inside) >= 5
    assert covered[rows, columns].all()


def test_the_clothed_person_is_what_differs_from_the_empty_scene(maker, standing):
    """Guards the compositing: the mask must be where the picture shows something else."""
    seed = 0
    rng = np.random.default_rng(seed)
    scene = maker.make([standing], np.random.default_rng(seed))
    size_px = PICTURE_SIZES_PX[rng.integers(len(PICTURE_SIZES_PX))]
    empty = paint_background(size_px, rng).canvas
    difference = np.abs(scene.picture / 255 - empty).max(axis=2)
    covered = scene.covered[0]
    assert np.median(difference[covered]) > 3 * np.median(difference[~covered])


def test_the_nearer_person_hides_joints_of_the_farther_one(maker, standing):
    reaching = np.zeros_like(standing)
    scene = maker.make([reaching, reaching], np.random.default_rng(7))
    columns, rows = scene.people[0].keypoints_px.astype(int).T
    height, width = scene.covered[1].shape
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    behind = scene.covered[1][rows.clip(0, height - 1), columns.clip(0, width - 1)] & inside
    assert behind.sum() >= 3, "seed 7 was chosen because these two overlap"
    assert (scene.seen[0][behind] == Seen.BEHIND_OTHERS).all()


@pytest.fixture
def person(open_body, standing):
    place = PersonPlacement(center_x_px=240.0, bottom_px=600.0, standing_px=500.0, widest_px=470.0)
    return place_person(open_body, standing, place, np.random.default_rng(1))


def test_visibility_tells_outside_behind_others_and_visible_apart(person):
    nothing = np.zeros((640, 480), dtype=bool)
    legs = nothing.copy()
    legs[int(person.keypoints_px[10, 1]) - 5 :] = True
    seen = joint_visibility(person, [nothing, legs], (480, 640))
    assert seen[11] == seen[14] == Seen.BEHIND_OTHERS
    assert seen[8] <= Seen.BEHIND_SELF
    cut_off = joint_visibility(person, [], (480, int(person.keypoints_px[8, 1])))
    assert cut_off[11] == Seen.OUTSIDE
    assert cut_off[1] <= Seen.BEHIND_SELF


def test_an_arm_behind_the_back_counts_as_hidden_by_the_body(person):
    """The same joints, once before and once behind the body."""
    moved = person.keypoints.copy()
    moved[4] = person.keypoints[39] + np.array([0, 0, -0.3])
    moved[7] = person.keypoints[39] + np.array([0, 0, 0.3])
    turned = type(person)(**{**person.__dict__, "keypoints": moved})
    seen = joint_visibility(turned, [], (480, 640))
    assert seen[4] == Seen.VISIBLE
    assert seen[7] == Seen.BEHIND_SELF


def test_backgrounds_are_varied_in_range_and_repeat_with_the_seed():
    painted = [paint_background((160, 120), np.random.default_rng(seed)) for seed in range(24)]
    for background in painted:
        assert background.canvas.shape == (120, 160, 3)
        assert 0 <= background.canvas.min() <= background.canvas.max() <= 1
    floors = [background.floor_top_px for background in painted]
    assert None in floors
    assert any(floor is not None and 50 < floor < 105 for floor in floors)
    means = np.stack([background.canvas.mean(axis=(0, 1)) for background in painted])
    assert means.std(axis=0).min() > 0.04
    again = paint_background((160, 120), np.random.default_rng(7)).canvas
    np.testing.assert_array_equal(again, painted[7].canvas)


@pytest.mark.parametrize("seed", range(6))
def test_occluders_change_exactly_what_their_mask_says(seed):
    before = np.full((300, 300, 3), 0.9, np.float32)
    after = before.copy()
    mask = draw_occluder(after, Box(150.0, 150.0, 240.0), np.random.default_rng(seed))
    np.testing.assert_array_equal(mask, (after != before).any(axis=2))
    assert 0.01 < mask.mean() < 0.6
    assert 0 <= after.min() <= after.max() <= 1


def test_shadow_darkens_the_floor_under_the_feet_only():
    canvas = np.full((200, 200, 3), 0.8, np.float32)
    draw_shadow(canvas, np.array([[80.0, 180.0], [120.0, 178.0]]), 150.0)
    assert canvas[180, 100, 0] < 0.6
    assert canvas[:120].min() == pytest.approx(0.8)
