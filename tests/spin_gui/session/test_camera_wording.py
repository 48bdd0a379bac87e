"""Cameras and distances in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.geometry.boxes import Box
from core.types.bodies import LONG_LENS, BodyParameters
from core.types.cameras import CameraSource, PictureCamera, assumed_camera, long_lens_camera
from core.types.samples import GroundTruth, Sample
from spin_gui.session.camera_wording import (
    camera_explained,
    camera_text,
    distance_meaning,
    distance_text,
)

SIZE = (1600, 1200)
TYPED = PictureCamera(1250.0, (799.5, 599.5), source=CameraSource.TYPED, note="27 mm")


def sample(camera: PictureCamera) -> Sample:
    return Sample(
        id=1,
        name="a",
        picture_path=Path("/a.jpg"),
        picture_size_px=SIZE,
        dataset="d",
        person_key="0",
        box=Box(700.0, 600.0, 448.0),
        keypoints_px=np.zeros((49, 3), np.float32),
        ground_truth=GroundTruth(),
        imported_at="2026-01-01",
        camera=camera,
    )


def body(camera=LONG_LENS, depth_m=4.0) -> BodyParameters:
    return BodyParameters(
        np.zeros(72, np.float32),
        np.zeros(10, np.float32),
        np.array([0, 0, depth_m], np.float32),
        camera,
    )


def test_a_camera_is_told_with_its_source_and_in_other_units():
    assert camera_text(TYPED) == "1\u202f250 px, typed"
    lines = camera_explained(replace(TYPED, distortion=(-0.1,)), SIZE).splitlines()
    assert lines == [
        "1\u202f250 px, typed in",
        "27 mm",
        "27.0 mm on 35 mm film, 65.2° across, 0.625 diagonals",
        "principal point 800, 600 px",
        "distortion -0.1",
    ]
    assert camera_text(long_lens_camera(SIZE)) == "long lens, 5000 px"


def test_a_distance_that_is_assumed_is_called_so():
    person = sample(assumed_camera(SIZE))
    seen = body(person.crop_camera)
    assert distance_text(seen, person) == "4.00 m, distance assumed"
    assert "assumed from the picture's size" in distance_meaning(seen, person)


def test_a_known_camera_tells_the_distance_that_the_picture_was_taken_from():
    person = sample(TYPED)
    seen = body(person.crop_camera)
    assert distance_text(seen, person) == "4.00 m"
    # 1250 px of the picture are 625 px of the crop: 625 / 4 m.
    assert distance_meaning(seen, person) == (
        "1 m of the body covers 156 px of the 224 px crop, 312 px of the picture. The focal length "
        "is typed in: as far as it holds, this is the distance that the picture was taken from."
    )


def test_a_body_of_the_long_lens_under_another_camera_is_to_be_fitted_again():
    text = distance_meaning(body(depth_m=45.0), sample(TYPED))
    assert "long lens" in text
    assert "a refit (F5)" in text
    assert distance_text(body(depth_m=45.0), sample(TYPED)) == "45.0 m, long lens"


def test_a_body_of_another_camera_does_not_tell_the_distance_of_the_picture():
    fitted_under = sample(assumed_camera(SIZE))
    seen = body(fitted_under.crop_camera)
    assert distance_text(seen, sample(TYPED)) == "4.00 m, former camera"
    meaning = distance_meaning(seen, sample(TYPED))
    assert "a refit (F5)" in meaning
    assert "was taken from" not in meaning
    assert "a refit (F5)" in distance_meaning(seen, sample(long_lens_camera(SIZE)))


def test_someone_far_away_is_not_said_to_be_seen_through_a_long_lens():
    """On a crop of 50 px even a phone's camera has a focal length of 5600 px."""
    person = replace(sample(TYPED), box=Box(700.0, 600.0, 50.0))
    seen = body(person.crop_camera, depth_m=40.0)
    assert distance_text(seen, person) == "40.0 m"
    meaning = distance_meaning(seen, person)
    assert "was taken from" in meaning
    assert "refit" not in meaning


def test_a_corrected_box_leaves_a_body_its_camera():
    """Its camera goes along into the new crop."""
    before, after = Box(700.0, 600.0, 448.0), Box(650.0, 580.0, 500.0)
    known = replace(sample(TYPED), box=after)
    assert distance_text(body(TYPED.crop_camera(before).between_boxes(before, after)), known) == (
        "4.00 m"
    )
    long_lens = replace(sample(long_lens_camera(SIZE)), box=after)
    moved = body(LONG_LENS.between_boxes(before, after), depth_m=45.0)
    assert distance_text(moved, long_lens) == "45.0 m, long lens"
    assert "refit" not in distance_meaning(moved, long_lens)


def test_a_picture_of_before_is_called_so():
    before = replace(long_lens_camera(SIZE), note="imported before cameras were kept")
    assert "imported before cameras" in distance_meaning(body(depth_m=45.0), sample(before))
    assert "imported before" not in distance_meaning(body(), sample(long_lens_camera(SIZE)))


@pytest.mark.parametrize("depth_m", [-3.0, 0.0])
def test_a_body_behind_the_camera_is_called_wrong(depth_m):
    assert "cannot be right" in distance_meaning(body(depth_m=depth_m), sample(TYPED))
