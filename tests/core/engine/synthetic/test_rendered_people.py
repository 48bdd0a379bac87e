"""Rendered people: known by the detector alone, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.synthetic.rendered_people import RenderedPeople
from core.pictures.decoding import load_picture
from core.rendering.render_thread import RenderService
from core.types.detections import DetectedPerson
from core.types.keypoint_sources import KeypointSource


class _Finder:
    """Sees the same keypoints in every picture, and remembers what it was asked."""

    def __init__(self, seen=49):
        self.keypoints_px = np.zeros((49, 3), np.float32)
        self.keypoints_px[:seen] = (120, 130, 0.9)
        self.asked = []

    def measure(self, rgb, **known):
        self.asked.append((rgb, known))
        return DetectedPerson(
            keypoints_px=self.keypoints_px,
            coco_keypoints_px=np.zeros((17, 3), np.float32),
            landmarks_px=None,
            landmarks_m=None,
            agreement=0.0,
            score=0.5,
            quarter_turns=0,
        )


@pytest.fixture
def people_with(open_body, tmp_path):
    with RenderService(open_body.faces) as rendering:
        yield lambda finder, folder="pictures": RenderedPeople(
            open_body, rendering, finder, tmp_path / folder, dataset="made", seed=8
        )


def test_a_sample_holds_the_detectors_keypoints_and_the_truth(people_with, standing):
    finder = _Finder()
    person = people_with(finder).make(3, standing)
    sample = person.sample
    assert np.array_equal(sample.keypoints_px, finder.keypoints_px)
    assert sample.keypoint_source is KeypointSource.DETECTED
    assert np.allclose(sample.ground_truth.parameters.pose_axis_angle[3:], standing)
    assert np.allclose(sample.ground_truth.joints_3d[39], (0, 0, 0, 1))
    assert person.detected.keypoints_seen == 49


def test_the_detector_looks_at_the_stored_picture_and_knows_only_the_box(people_with, standing):
    finder = _Finder()
    sample = people_with(finder).make(3, standing).sample
    ((rgb, known),) = finder.asked
    assert np.array_equal(rgb, load_picture(sample.picture_path))
    assert set(known) == {"box"}
    assert np.allclose((known["box"].center_x_px, known["box"].center_y_px), sample.box_center_px)


def test_the_same_seed_and_number_give_the_same_person(people_with, standing):
    once, again, other = (
        people_with(_Finder(), folder).make(number, standing).sample
        for folder, number in (("a", 3), ("b", 3), ("c", 4))
    )
    assert once.picture_path.read_bytes() == again.picture_path.read_bytes()
    betas = [sample.ground_truth.parameters.betas for sample in (once, again, other)]
    assert np.array_equal(betas[0], betas[1])
    assert not np.array_equal(betas[0], betas[2])


def test_a_person_of_whom_too_little_is_seen_is_no_sample(people_with, standing):
    assert people_with(_Finder(seen=2)).make(0, standing) is None
