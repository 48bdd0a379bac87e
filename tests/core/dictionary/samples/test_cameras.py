"""The cameras of pictures: kept, given, undone, and what follows for their people's fits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.samples.camera_rows import camera_from_json, camera_json
from core.dictionary.storage.edit_log import read_lines
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.geometry.boxes import Box
from core.types.bodies import LONG_LENS, CropCamera
from core.types.camera_poses import CameraPose
from core.types.cameras import (
    CameraSource,
    PictureCamera,
    assumed_camera,
    long_lens_camera,
)
from core.types.predictions import NewPrediction
from core.types.samples import GroundTruth

SIZE = (640, 480)
PICTURE = Path("/pictures/000000.jpg")
GIVEN = PictureCamera(900.0, (318.0, 241.5), (-0.1, 0.02), CameraSource.GIVEN, "cameras.json")
PLACED = replace(
    GIVEN, pose=CameraPose((1.0, 0, 0, 0, 1, 0, 0, 0, 1), (0.5, 0.0, 4.0), "set.json ab", 0.001)
)
TYPED = PictureCamera(700.0, (319.5, 239.5), source=CameraSource.TYPED)


def by_focal_length(_keypoints_crop_px, bodies, camera: CropCamera):
    """A stand-in for the fitting, which tells the camera that it was asked with."""
    return [camera.focal_length_px] * len(bodies)


def test_a_picture_that_nothing_is_known_of_has_the_assumed_camera(dictionary, sample_id):
    assert dictionary.samples.get(sample_id).camera == assumed_camera(SIZE)
    assert dictionary.cameras.counts() == {CameraSource.ASSUMED: 1}


def test_a_camera_comes_in_with_its_picture_and_comes_back_exactly(dictionary, make_sample):
    ids = dictionary.samples.add(
        [
            replace(make_sample(0), camera=GIVEN),
            replace(make_sample(1), camera=long_lens_camera(SIZE)),
        ]
    ).added_ids
    first, second = dictionary.samples.get_many(ids)
    assert first.camera == GIVEN
    assert second.camera == long_lens_camera(SIZE)
    assert second.crop_camera == LONG_LENS
    assert dictionary.cameras.counts() == {CameraSource.GIVEN: 1, CameraSource.LONG_LENS: 1}


def test_the_camera_of_a_picture_with_people_is_not_replaced_by_an_import(dictionary, make_sample):
    dictionary.samples.add([make_sample(0)])
    another = replace(make_sample(5, picture="000000.jpg"), camera=GIVEN)
    dictionary.samples.add([another])
    assert dictionary.cameras.of_picture(PICTURE).camera == assumed_camera(SIZE)


def test_people_of_one_picture_share_its_camera(dictionary, make_sample):
    first = replace(make_sample(0), camera=GIVEN)
    other = replace(make_sample(1, picture="000000.jpg"), camera=TYPED)
    ids = dictionary.samples.add([first, other]).added_ids
    assert [sample.camera for sample in dictionary.samples.get_many(ids)] == [GIVEN, GIVEN]
    (picture,) = dictionary.cameras.of_samples(ids[:1])
    assert (picture.path, picture.size_px) == (PICTURE, SIZE)
    assert picture.sample_ids == tuple(ids)


@pytest.fixture
def fitted_id(dictionary, sample_id, make_fit) -> int:
    dictionary.fits.offer([make_fit(sample_id), make_fit(sample_id, loss=60.0, pose=1.0)])
    return sample_id


def test_another_camera_measures_fits_again_and_leaves_their_bodies_alone(dictionary, fitted_id):
    before = dictionary.fits.history(fitted_id)
    change = dictionary.cameras.set({PICTURE: GIVEN}, compare=by_focal_length, author="maria")
    sample = dictionary.samples.get(fitted_id)
    assert sample.camera == GIVEN
    assert change.sample_ids == (fitted_id,)
    for old, new in zip(before, dictionary.fits.history(fitted_id), strict=True):
        np.testing.assert_array_equal(
            new.parameters.pose_axis_angle, old.parameters.pose_axis_angle
        )
        assert new.parameters.camera == LONG_LENS
        assert new.losses.comparison == pytest.approx(sample.crop_camera.focal_length_px)
    assert dictionary.search.rows([fitted_id])[0].loss == pytest.approx(900 * 224 / 250)


def test_a_change_of_cameras_can_be_undone(dictionary, fitted_id):
    dictionary.cameras.set({PICTURE: GIVEN}, compare=by_focal_length)
    losses = [fit.losses for fit in dictionary.fits.history(fitted_id)]
    change = dictionary.cameras.set({PICTURE: None}, compare=by_focal_length)
    assert dictionary.samples.get(fitted_id).camera == assumed_camera(SIZE)
    dictionary.cameras.set(change.before, compare=by_focal_length)
    assert dictionary.samples.get(fitted_id).camera == GIVEN
    assert [fit.losses for fit in dictionary.fits.history(fitted_id)] == losses


def test_the_same_camera_changes_nothing(dictionary, fitted_id):
    events = dictionary.events.of(fitted_id)
    for same in (None, assumed_camera(SIZE)):
        change = dictionary.cameras.set({PICTURE: same}, compare=by_focal_length)
        assert change.sample_ids == ()
    assert dictionary.events.of(fitted_id) == events


def test_pictures_that_show_no_one_are_passed_over(dictionary, sample_id):
    change = dictionary.cameras.set({Path("/pictures/9.jpg"): GIVEN}, compare=by_focal_length)
    assert change.after == {}


def test_who_gave_a_picture_which_camera_is_in_the_log(dictionary, fitted_id):
    dictionary.cameras.set({PICTURE: GIVEN}, compare=by_focal_length, author="maria")
    event = dictionary.events.of(fitted_id)[-1]
    assert (event.what, event.author, event.before) == ("camera", "maria", "null")
    assert json.loads(event.after)["focal_length_px"] == 900.0
    (line,) = read_lines(dictionary.project)
    assert (line["what"], line["after"]) == ("camera", event.after)


def test_a_camera_moves_with_its_picture(dictionary, make_sample):
    dictionary.samples.add([replace(make_sample(0), camera=GIVEN)])
    new = Path("/elsewhere/000000.jpg")
    dictionary.pictures.move({PICTURE: new})
    assert dictionary.cameras.of_picture(new).camera == GIVEN


def test_pictures_that_change_places_take_their_cameras_along(dictionary, make_sample):
    other = Path("/pictures/000001.jpg")
    dictionary.samples.add(
        [replace(make_sample(0), camera=GIVEN), replace(make_sample(1), camera=TYPED)]
    )
    dictionary.pictures.move({PICTURE: other, other: PICTURE})
    assert dictionary.cameras.of_picture(other).camera == GIVEN
    assert dictionary.cameras.of_picture(PICTURE).camera == TYPED


def test_every_body_comes_back_with_its_own_camera(dictionary, make_sample, make_fit):
    own = CropCamera(800.0, 310.25, -40.5, 100.0, 90.0)
    body = replace(make_fit(1).parameters, camera=own)
    sample = replace(make_sample(0), ground_truth=GroundTruth(parameters=body))
    sample_id = dictionary.samples.add([sample]).added_ids[0]
    fit = replace(make_fit(sample_id), parameters=body)
    dictionary.fits.offer([fit, replace(fit, parameters=replace(body, camera=LONG_LENS))])
    dictionary.predictions.store([NewPrediction(sample_id=sample_id, parameters=body)])
    dictionary.prediction_sets.keep_latest("first")
    (kept,) = dictionary.prediction_sets.all()
    long, short = dictionary.fits.history(sample_id)
    assert (short.parameters.camera, long.parameters.camera) == (own, LONG_LENS)
    assert dictionary.predictions.latest_of(sample_id).parameters.camera == own
    bodies = dictionary.prediction_sets.bodies(kept.id, [sample_id])
    assert bodies[sample_id].camera == own
    assert dictionary.samples.get(sample_id).ground_truth.parameters.camera == own


def test_undoing_a_correction_under_another_camera_measures_again(dictionary, fitted_id):
    change = dictionary.corrections.set_box(
        fitted_id, Box(300.0, 240.0, 500.0), compare=by_focal_length
    )
    dictionary.cameras.set({PICTURE: GIVEN}, compare=by_focal_length)
    dictionary.corrections.restore(change.before, compare=by_focal_length)
    sample = dictionary.samples.get(fitted_id)
    assert sample.camera == GIVEN
    losses = [fit.losses.comparison for fit in dictionary.fits.history(fitted_id)]
    assert losses == pytest.approx([sample.crop_camera.focal_length_px] * 2)


def test_a_stored_camera_that_is_none_is_told_as_damage(dictionary, make_sample):
    sample_id = dictionary.samples.add([replace(make_sample(0), camera=GIVEN)]).added_ids[0]
    connection = dictionary._connection
    connection.execute("UPDATE cameras SET focal_length_px = -4.0")
    with pytest.raises(DictionaryError, match="camera that is none"):
        dictionary.samples.get(sample_id)


def test_fits_to_a_distorted_picture_are_compared_with_straight_keypoints(dictionary, make_sample):
    bent = replace(GIVEN, distortion=(-0.3,))
    sample = replace(make_sample(0), camera=bent)
    sample.keypoints_px[48, :2] = [600.0, 400.0]
    sample_id = dictionary.samples.add([sample]).added_ids[0]
    sample = dictionary.samples.get(sample_id)
    straight = sample.box.picture_to_crop(bent.undistorted(sample.keypoints_px[48, :2]))
    np.testing.assert_allclose(sample.fitted_keypoints_crop_px[48, :2], straight)
    assert not np.allclose(sample.keypoints_crop_px[48, :2], straight)


def test_a_copy_of_the_project_has_its_cameras(dictionary: Dictionary, make_sample, tmp_path):
    dictionary.samples.add([replace(make_sample(0), camera=GIVEN)])
    dictionary.file.copy_to(tmp_path / "copy")
    with Dictionary.open(tmp_path / "copy") as copy:
        assert copy.cameras.of_picture(PICTURE).camera == GIVEN


def test_where_a_camera_stood_is_kept_logged_and_undone(dictionary, fitted_id):
    change = dictionary.cameras.set({PICTURE: PLACED}, compare=by_focal_length)
    assert dictionary.samples.get(fitted_id).camera == PLACED
    (line,) = read_lines(dictionary.project)
    assert camera_from_json(line["after"]) == PLACED
    assert "extrinsics" not in camera_json(GIVEN)
    dictionary.cameras.set(change.before, compare=by_focal_length)
    assert dictionary.samples.get(fitted_id).camera.pose is None


def test_a_stored_place_that_is_none_is_told_as_damage(dictionary, make_sample):
    sample_id = dictionary.samples.add([replace(make_sample(0), camera=PLACED)]).added_ids[0]
    assert dictionary.samples.get(sample_id).camera == PLACED
    dictionary._connection.execute("UPDATE cameras SET extrinsics = ?", ('{"rotation": [1]}',))
    with pytest.raises(DictionaryError, match="camera that is none"):
        dictionary.samples.get(sample_id)
