"""People are found where they are, and pictures of anything else are no reason to fail."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.detection.candidates import coco_keypoints
from core.engine.detection.regions import Region
from core.engine.detection.similarity import oks, person_area_px2
from core.errors import Cancelled, ShapeError, StudioError
from core.geometry.boxes import Box
from core.pictures.decoding import load_picture
from core.progress import CancelToken

ALONE = ("person_005", "person_008", "person_014", "person_022", "person_036")
"""Pictures of the demo with one clear person."""


@pytest.fixture(scope="module")
def alone(demo_samples):
    return [sample for sample in demo_samples if sample.picture_path.stem in ALONE]


def likeness(person, sample) -> float:
    """OKS with what the sample's keypoints tell of the person."""
    known = coco_keypoints(sample.keypoints_px)
    seen = known[:, 2] > 0
    area = person_area_px2(known[seen])
    return oks(person.coco_keypoints_px, known, area_px2=area, seen=seen)


def distances_px(person, sample) -> np.ndarray:
    """Of the merged keypoints from those that are surest of the sample."""
    found, known = coco_keypoints(person.keypoints_px), coco_keypoints(sample.keypoints_px)
    both = (found[:, 2] > 0) & (known[:, 2] > 0)
    return np.linalg.norm(found[both, :2] - known[both, :2], axis=1)


def test_rendered_people_are_found_where_they_are(people_finder, alone):
    assert len(alone) == len(ALONE)
    for sample in alone:
        (person,) = people_finder.find(load_picture(sample.picture_path))
        assert likeness(person, sample) > 0.8
        assert person.agreement > 0.6
        assert person.quarter_turns == 0
        apart = distances_px(person, sample)
        assert len(apart) > 10
        assert np.median(apart) < 10


def test_the_landmarks_in_metres_point_as_the_true_joints_do(people_finder, alone):
    """x right, y down, z forward, as the camera frame has them."""
    for sample in alone:
        person = people_finder.measure(load_picture(sample.picture_path), box=sample.box)
        truth = sample.ground_truth.joints_3d[:, :3]
        knee, hip = person.landmarks_m[25], person.landmarks_m[23]
        true_thigh = truth[13] - truth[12]
        cosine = (knee - hip) @ true_thigh / np.linalg.norm(knee - hip) / np.linalg.norm(true_thigh)
        assert cosine > 0.7
        assert np.abs(person.landmarks_m[23:25].mean(axis=0)).max() < 0.05, "about the hips"


def test_a_known_person_is_measured_by_keypoints_and_by_a_box(people_finder, alone):
    for sample in alone:
        picture = load_picture(sample.picture_path)
        by_keypoints = people_finder.measure(picture, keypoints_px=sample.keypoints_px)
        by_box = people_finder.measure(picture, box=sample.box)
        assert likeness(by_keypoints, sample) > 0.8
        assert likeness(by_box, sample) > 0.8


def test_of_two_people_the_wanted_one_is_measured(people_finder, demo_samples):
    pair = [sample for sample in demo_samples if sample.picture_path.stem == "person_013"]
    picture = load_picture(pair[0].picture_path)
    assert len(people_finder.find(picture)) == 2
    for sample, other in (pair, pair[::-1]):
        person = people_finder.measure(picture, keypoints_px=sample.keypoints_px)
        assert likeness(person, sample) > 0.8
        assert likeness(person, other) < 0.3


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_is_noticed(people_finder, alone, turns):
    sample = alone[0]
    picture = load_picture(sample.picture_path)
    turned = np.ascontiguousarray(np.rot90(picture, -turns))
    people = people_finder.find(turned)
    assert [person.quarter_turns for person in people] == [turns]
    upright = people_finder.find(picture)[0]
    # Turned with the picture: right becomes down for one quarter clockwise.
    x, y, z = upright.landmarks_m.T
    expected = {1: (-y, x, z), 2: (-x, -y, z), 3: (y, -x, z)}[turns]
    assert np.abs(people[0].landmarks_m.T - expected).mean() < 0.1


def test_who_lies_among_people_who_stand_is_seen_upright(people_finder, alone):
    standing, lying = (
        load_picture(sample.picture_path)[:600, :600]
        for sample in alone
        if sample.picture_path.stem in {"person_005", "person_014"}
    )
    picture = np.concatenate([standing, np.rot90(lying, -1)], axis=1)
    people = people_finder.find(picture)
    left_to_right = sorted(people, key=lambda person: person.coco_keypoints_px[:, 0].mean())
    assert [person.quarter_turns for person in left_to_right] == [0, 1]


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((40, 3000, 3), 128, np.uint8),
        np.zeros((2000, 3000, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (300, 200, 3), np.uint8),
    ],
    ids=["1×1", "a stripe", "black", "noise"],
)
def test_pictures_without_people_hold_none(people_finder, picture):
    assert people_finder.find(picture) == []
    middle = Box(picture.shape[1] / 2, picture.shape[0] / 2, max(picture.shape[:2]))
    assert people_finder.measure(picture, box=middle) is None


def test_what_is_no_picture_is_refused(people_finder):
    for wrong in (np.zeros((5, 5), np.uint8), np.zeros((5, 5, 3), np.float32)):
        with pytest.raises(ShapeError):
            people_finder.find(wrong)
    with pytest.raises(StudioError, match="neither is given"):
        people_finder.measure(np.zeros((5, 5, 3), np.uint8))


def test_the_search_can_be_cancelled(people_finder):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        people_finder.find(np.zeros((50, 50, 3), np.uint8), cancel=token)
    with pytest.raises(Cancelled):
        people_finder.measure(np.zeros((50, 50, 3), np.uint8), box=Box(25, 25, 50), cancel=token)


MIRRORED_COCO = (0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15)
MIRRORED_LANDMARKS = (
    0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23, 26,
    25, 28, 27, 30, 29, 32, 31,
)  # fmt: skip


def mirrored(points_px, order, width):
    """Points of a mirrored picture where they are in the picture itself."""
    back = np.array(points_px, dtype=np.float64)[list(order)]
    back[:, 0] = width - 1 - back[:, 0]
    return back


def off_px(points, others, input_px_per_px, *, sure):
    """Half of how far two sets of points lie apart across, in pixels of the network's input."""
    both = (points[:, 2] > sure) & (others[:, 2] > sure)
    apart = (points[both, 0] - others[both, 0]) / 2 * input_px_per_px
    return apart[np.abs(apart) < 4].tolist()


def test_a_mirrored_picture_agrees_to_a_tenth_of_a_pixel_of_the_networks_input(
    people_finder, demo_samples
):
    by_movenet, by_blazepose = [], []
    for sample in demo_samples[:24]:
        rgb = load_picture(sample.picture_path)
        width = rgb.shape[1]
        mirror = np.ascontiguousarray(rgb[:, ::-1])
        center = np.array([sample.box.center_x_px, sample.box.center_y_px])
        here = Region(center, sample.box.side_px * 1.25)
        there = Region(np.array([width - 1 - center[0], center[1]]), here.side_px)
        scale = 256 / here.side_px
        found, again = (
            people_finder._search.in_region(picture, region, 0, None)
            for picture, region in ((rgb, here), (mirror, there))
        )
        if len(found) == len(again) == 1:
            seen = mirrored(again[0].coco_keypoints_px, MIRRORED_COCO, width)
            by_movenet += off_px(found[0].coco_keypoints_px, seen, scale, sure=0.4)
        landmarks, others = (
            people_finder._blazepose.landmarks(picture, region).points_px
            for picture, region in ((rgb, here), (mirror, there))
        )
        seen = mirrored(others, MIRRORED_LANDMARKS, width)
        by_blazepose += off_px(landmarks, seen, scale, sure=0.8)
    assert min(len(by_movenet), len(by_blazepose)) > 150
    assert abs(np.mean(by_movenet)) < 0.1
    assert abs(np.mean(by_blazepose)) < 0.1
