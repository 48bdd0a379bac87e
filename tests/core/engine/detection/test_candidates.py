"""A person who is known by keypoints or by a box is told from others."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.conventions import COCO_17_TO_KEYPOINTS
from core.engine.detection.candidates import Candidate, WantedPerson, coco_keypoints
from core.errors import ShapeError, StudioError
from core.geometry.boxes import Box

SIZE_PX = (400, 300)


def candidate(left_px: float, *, height_px: float = 200, sureness: float = 0.6) -> Candidate:
    places = np.linspace(0, 1, 17)
    x, y = left_px + 50 * places, 20 + height_px * places
    return Candidate(np.stack([x, y, np.full(17, sureness)], axis=1), 0.9)


def wanted(**known) -> WantedPerson:
    return WantedPerson.of(known.get("keypoints_px"), known.get("box"), picture_size_px=SIZE_PX)


def test_keypoints_tell_who_is_meant():
    people = [candidate(20), candidate(200)]
    keypoints = np.zeros((49, 3))
    keypoints[list(COCO_17_TO_KEYPOINTS)] = people[1].coco_keypoints_px
    likeness, found = wanted(keypoints_px=keypoints).likest(people)
    assert found is people[1]
    assert likeness > 0.99
    keypoints[:, 0] += 400
    assert wanted(keypoints_px=keypoints).likest(people) == (0.0, None)


def test_a_box_tells_who_is_meant():
    people = [candidate(20), candidate(200)]
    assert wanted(box=people[0].box).likest(people)[1] is people[0]
    assert wanted(box=Box(390, 290, 20)).likest(people)[1] is None


def test_of_a_box_only_what_lies_in_the_picture_counts():
    """Of someone whom the edge cuts off the box reaches far beyond the picture."""
    cut_off = candidate(150, height_px=280)
    likeness, found = wanted(box=Box(175, 400, 800)).likest([cut_off])
    assert found is cut_off
    assert likeness > 0.5


def test_of_two_in_one_place_the_surer_one_is_meant():
    people = [candidate(100, sureness=0.3), candidate(101, sureness=0.7)]
    assert wanted(box=people[0].box).likest(people)[1] is people[1]


def test_someone_must_be_meant():
    with pytest.raises(StudioError, match="neither is given"):
        wanted(keypoints_px=np.zeros((49, 3)))
    with pytest.raises(ShapeError):
        wanted(keypoints_px=np.zeros((17, 3)))


def test_of_two_keypoints_for_one_place_the_surer_one_counts():
    keypoints = np.zeros((49, 3))
    keypoints[4], keypoints[31] = (10, 20, 0.4), (12, 22, 0.9)
    assert coco_keypoints(keypoints)[10].tolist() == [12, 22, 0.9]
    keypoints[31] = 0
    assert coco_keypoints(keypoints)[10].tolist() == [10, 20, 0.4]
