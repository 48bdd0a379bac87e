"""Corrections by people: one transaction each, undone to the last bit, never quiet."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from core.dictionary.assessment.assessments import Assessment
from core.errors import DictionaryError, NoSuchRecordError
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.types.bodies import LONG_LENS, camera_batch
from core.types.fits import OfferOutcome, Origin, Verdict
from core.types.predictions import NewPrediction
from core.types.samples import GroundTruth, NewSample

TABLES = ("samples", "annotations", "fits", "predictions", "set_predictions", "flags")
NOT_RESTORED = ("assessed_at", "suspicion", "informativeness", "disagreement_deg", "error_2d_px",
                "checksum")  # fmt: skip
"""An assessment is forgotten, and made again; it is never put back. Checksums follow."""


def compare(keypoints_crop_px, bodies, _camera):
    """A stand-in for the fitting: the mean of the keypoints, told apart by the body's pose."""
    if not (keypoints_crop_px[:, 2] > 0).any():
        return None
    mean = float(keypoints_crop_px[:, :2].mean())
    return [mean + 0.01 * float(body.pose_axis_angle[5]) for body in bodies]


def rows(dictionary, sample_id):
    """All rows of a sample, as they stand on the disk."""
    connection = dictionary._connection
    found = {}
    for table in TABLES:
        key = "id" if table == "samples" else "sample_id"
        found[table] = [
            {name: value for name, value in row.items() if name not in NOT_RESTORED}
            for row in connection.rows(f"SELECT * FROM {table} WHERE {key} = ?", (sample_id,))
        ]
    return found


@pytest.fixture
def fitted_id(dictionary, sample_id, make_fit) -> int:
    """A sample with two fits, a prediction, an assessment and a rival's prediction."""
    dictionary.fits.offer(
        [make_fit(sample_id, loss=50.0), make_fit(sample_id, loss=80.0, pose=1.0)]
    )
    body = make_fit(sample_id).parameters
    dictionary.predictions.store([NewPrediction(sample_id=sample_id, parameters=body)])
    dictionary.assessments.store(
        [
            Assessment(basis=basis, suspicion=0.7, informativeness=0.2)
            for basis in dictionary.assessments.inputs([sample_id]).values()
        ]
    )
    dictionary._connection.execute(
        "INSERT INTO prediction_sets (name, kind, source, created_at) "
        "VALUES ('rival', 'imported', 'file', '2026')"
    )
    dictionary._connection.execute(
        "INSERT INTO set_predictions (set_id, sample_id, pose_axis_angle, betas, "
        "camera_translation) SELECT 1, sample_id, pose_axis_angle, betas, camera_translation "
        "FROM predictions"
    )
    return sample_id


def moved(dictionary, sample_id, joint=30, by=(7.0, -3.0)):
    keypoints = dictionary.samples.get(sample_id).keypoints_px.copy()
    keypoints[joint, :2] += by
    return keypoints


def test_edited_keypoints_are_stored_with_counts_flags_losses_and_event(dictionary, fitted_id):
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[[30, 31, 32, 27]] = [100, 50, 1.0]
    change = dictionary.corrections.set_keypoints(
        fitted_id, keypoints, compare=compare, author="maria"
    )
    sample, row = dictionary.samples.get(fitted_id), dictionary.search.rows([fitted_id])[0]
    np.testing.assert_array_equal(sample.keypoints_px, keypoints)
    assert sample.corrections == 1
    assert row.visible_keypoints == 4
    assert [flag.name for flag in dictionary.flags.of(fitted_id)] == ["few keypoints"]
    assert row.suspicion is None
    wanted = compare(
        sample.keypoints_crop_px, [dictionary.fits.current_of(fitted_id).parameters], None
    )[0]
    assert row.loss == pytest.approx(wanted)
    assert all(
        fit.losses.comparison
        == pytest.approx(compare(sample.keypoints_crop_px, [fit.parameters], None)[0])
        for fit in dictionary.fits.history(fitted_id)
    )
    event = dictionary.events.of(fitted_id)[-1]
    assert (event.what, event.author, event.fit_id) == ("keypoints", "maria", None)
    assert json.loads(event.after)["Left Ankle"] == [100.0, 50.0, 1.0]
    assert len(json.loads(event.before)) == 49
    assert change.before.corrections == 0


def test_the_keypoints_as_imported_are_kept_the_first_time_and_stay(dictionary, fitted_id):
    imported = dictionary.samples.get(fitted_id).keypoints_px
    for by in ((1.0, 0.0), (2.0, 0.0)):
        dictionary.corrections.set_keypoints(
            fitted_id, moved(dictionary, fitted_id, by=by), compare=compare
        )
    stored = dictionary._connection.scalar("SELECT imported_keypoints_px FROM annotations")
    np.testing.assert_array_equal(np.frombuffer(stored, "<f4").reshape(49, 3), imported)
    assert dictionary.samples.get(fitted_id).corrections == 2


def test_no_fit_becomes_current_by_a_correction_alone(dictionary, fitted_id):
    before = dictionary.fits.current_of(fitted_id).id
    dictionary.corrections.set_keypoints(
        fitted_id,
        moved(dictionary, fitted_id),
        compare=lambda _keypoints, bodies, _camera: [
            500.0 - 499.0 * index for index in range(len(bodies))
        ],
    )
    assert dictionary.fits.current_of(fitted_id).id == before
    assert dictionary.fits.current_of(fitted_id).losses.comparison in (500.0, 1.0)


def test_a_fit_offered_later_competes_with_the_loss_measured_again(dictionary, fitted_id, make_fit):
    dictionary.corrections.set_keypoints(
        fitted_id,
        moved(dictionary, fitted_id),
        compare=lambda _keypoints, bodies, _camera: [300.0] * 2,
    )
    result = dictionary.fits.offer([make_fit(fitted_id, loss=200.0, pose=0.5)])[0]
    assert result.outcome is OfferOutcome.BECAME_CURRENT


@pytest.mark.parametrize("edit", ["keypoints", "box", "both"])
def test_undo_and_redo_restore_every_row_exactly(dictionary, fitted_id, edit):
    before = rows(dictionary, fitted_id)
    changes = []
    corrections = dictionary.corrections
    if edit != "box":
        keypoints = moved(dictionary, fitted_id)
        changes.append(corrections.set_keypoints(fitted_id, keypoints, compare=compare))
    if edit != "keypoints":
        changes.append(corrections.set_box(fitted_id, Box(300.1, 251.7, 333.3), compare=compare))
    after = rows(dictionary, fitted_id)
    assert after != before
    for _ in range(2):
        for change in reversed(changes):
            corrections.restore(change.before, compare=compare)
        assert rows(dictionary, fitted_id) == before
        for change in changes:
            corrections.restore(change.after, compare=compare)
        assert rows(dictionary, fitted_id) == after


def test_undo_takes_along_what_was_made_since(dictionary, fitted_id, make_fit):
    change = dictionary.corrections.set_box(fitted_id, Box(330.0, 250.0, 500.0), compare=compare)
    since = dictionary.fits.offer([make_fit(fitted_id, loss=1.0, pose=0.3, depth_m=80.0)])[0].fit_id
    dictionary.corrections.restore(change.before, compare=compare)
    fit = dictionary.fits.get_many([since])[0]
    assert fit.parameters.camera_translation[2] == 80.0
    assert fit.parameters.camera.focal_length_px == 2 * LONG_LENS.focal_length_px
    wanted = compare(dictionary.samples.get(fitted_id).keypoints_crop_px, [fit.parameters], None)
    assert fit.losses.comparison == pytest.approx(wanted[0])


def test_an_unchanged_edit_writes_nothing(dictionary, fitted_id):
    events = dictionary.events.of(fitted_id)
    sample = dictionary.samples.get(fitted_id)
    corrections = dictionary.corrections
    assert corrections.set_keypoints(fitted_id, sample.keypoints_px, compare=compare) is None
    box = Box(320.5, 240.25, 250.0)
    assert corrections.set_box(fitted_id, box, compare=compare) is None
    assert dictionary.events.of(fitted_id) == events
    assert dictionary.search.rows([fitted_id])[0].suspicion == 0.7


@pytest.mark.parametrize(("value", "word"), [(np.nan, "finite"), (1.5, "confidence")])
def test_keypoints_that_are_none_are_refused_whole(dictionary, fitted_id, value, word):
    keypoints = moved(dictionary, fitted_id)
    keypoints[30, 2] = value
    before = rows(dictionary, fitted_id)
    with pytest.raises(DictionaryError, match=word):
        dictionary.corrections.set_keypoints(fitted_id, keypoints, compare=compare)
    assert rows(dictionary, fitted_id) == before


def test_a_comparison_that_fails_leaves_nothing_behind(dictionary, fitted_id):
    before = rows(dictionary, fitted_id)

    def broken(_keypoints, _bodies, _camera):
        raise DictionaryError("no body")

    with pytest.raises(DictionaryError, match="no body"):
        dictionary.corrections.set_keypoints(
            fitted_id, moved(dictionary, fitted_id), compare=broken
        )
    assert rows(dictionary, fitted_id) == before


def test_without_any_keypoint_the_losses_measured_last_stay(dictionary, fitted_id):
    nothing = np.zeros((49, 3), np.float32)
    dictionary.corrections.set_keypoints(fitted_id, nothing, compare=compare)
    assert dictionary.fits.current_of(fitted_id).losses.comparison == 50.0
    assert [flag.name for flag in dictionary.flags.of(fitted_id)] == ["no keypoints"]


def test_the_body_stays_in_its_place_in_the_picture_when_the_box_moves(dictionary, fitted_id):
    points = np.array([[0.2, -0.7, 0.0], [-0.3, 0.9, 0.0], [0.0, 0.0, 0.0], [0.4, 0.1, 0.4]])

    def in_picture(parameters, box):
        cameras = camera_batch([parameters.camera])
        crop = project_to_crop(points[None], parameters.camera_translation[None], cameras)
        return box.crop_to_picture(crop[0])

    old = dictionary.samples.get(fitted_id).box
    bodies = [fit.parameters for fit in dictionary.fits.history(fitted_id)]
    prediction = dictionary.predictions.latest_of(fitted_id).parameters
    before = [in_picture(body, old) for body in (*bodies, prediction)]
    dictionary.corrections.set_box(fitted_id, Box(355.0, 220.0, 320.0), compare=compare)
    new = dictionary.samples.get(fitted_id).box
    bodies = [fit.parameters for fit in dictionary.fits.history(fitted_id)]
    prediction = dictionary.predictions.latest_of(fitted_id).parameters
    after = [in_picture(body, new) for body in (*bodies, prediction)]
    np.testing.assert_allclose(after, before, atol=2e-3)
    stored = dictionary._connection.execute(
        "SELECT predictions.crop_camera = set_predictions.crop_camera "
        "FROM predictions JOIN set_predictions USING (sample_id)"
    )
    assert stored == [(1,)]


def test_bodies_are_measured_under_the_cameras_that_they_have_in_the_new_box(dictionary, fitted_id):
    """One that is measured by the axis of its former box would look worse than it is."""
    measured = []

    def recording(keypoints_crop_px, bodies, camera):
        measured.append({body.camera for body in bodies})
        return compare(keypoints_crop_px, bodies, camera)

    def stored():
        return {fit.parameters.camera for fit in dictionary.fits.history(fitted_id)}

    before = stored()
    change = dictionary.corrections.set_box(fitted_id, Box(355.0, 220.0, 320.0), compare=recording)
    assert stored() != before
    assert measured == [stored()]
    dictionary.corrections.restore(change.before, compare=recording)
    assert stored() == before


def test_the_true_camera_moves_with_the_box_and_back(dictionary, make_sample, make_fit):
    known = make_fit(1, depth_m=50.0).parameters
    sample = replace(make_sample(9), ground_truth=GroundTruth(parameters=known))
    assert isinstance(sample, NewSample)
    sample_id = dictionary.samples.add([sample]).added_ids[0]
    change = dictionary.corrections.set_box(sample_id, Box(320.5, 240.25, 500.0), compare=compare)
    truth = dictionary.samples.get(sample_id).ground_truth.parameters
    assert truth.camera_translation[2] == 50.0
    assert truth.camera.focal_length_px == LONG_LENS.focal_length_px / 2
    dictionary.corrections.restore(change.before, compare=compare)
    truth = dictionary.samples.get(sample_id).ground_truth.parameters
    np.testing.assert_array_equal(truth.camera_translation, known.camera_translation)
    assert truth.camera == LONG_LENS


def test_a_body_kept_by_a_person_is_current_whatever_its_loss(dictionary, fitted_id, make_fit):
    former = dictionary.fits.current_of(fitted_id).id
    dictionary.verdicts.set({fitted_id: Verdict.ACCEPTED})
    worse = make_fit(fitted_id, loss=900.0, pose=0.2, origin=Origin.CORRECTED)
    kept = dictionary.corrections.keep_fit(worse, made_from_fit_id=former, author="maria")
    fit = dictionary.fits.current_of(fitted_id)
    assert (fit.id, kept.previous_fit_id) == (kept.fit_id, former)
    assert (fit.origin, fit.made_by, fit.made_from_fit_id) == (Origin.CORRECTED, "maria", former)
    assert dictionary.search.rows([fitted_id])[0].origin is Origin.CORRECTED
    event = dictionary.events.of(fitted_id)[-1]
    assert (event.what, event.author, event.before) == ("current fit", "maria", str(former))
    dictionary.fits.make_current(fitted_id, former)
    assert dictionary.fits.current_of(fitted_id).verdict is Verdict.ACCEPTED
    assert kept.fit_id in [item.id for item in dictionary.fits.history(fitted_id)]


def test_a_body_made_from_another_samples_fit_is_refused(
    dictionary, fitted_id, make_sample, make_fit
):
    other = dictionary.samples.add([make_sample(2)]).added_ids[0]
    with pytest.raises(NoSuchRecordError, match="never had"):
        dictionary.corrections.keep_fit(
            make_fit(other), made_from_fit_id=dictionary.fits.current_of(fitted_id).id
        )


def test_a_corrected_fit_is_not_the_first_fit_of_smplify(dictionary, sample_id, make_fit):
    dictionary.corrections.keep_fit(
        make_fit(sample_id, origin=Origin.CORRECTED), made_from_fit_id=None
    )
    assert dictionary.fits.first_of(sample_id) is None


def test_a_fit_of_keypoints_that_were_corrected_since_is_refused(dictionary, fitted_id, make_fit):
    fit = replace(make_fit(fitted_id, loss=1.0, pose=0.4), annotation_revision=0)
    dictionary.corrections.set_keypoints(fitted_id, moved(dictionary, fitted_id), compare=compare)
    result = dictionary.fits.offer([fit])[0]
    assert result.outcome is OfferOutcome.REFUSED
    assert "corrected since" in result.reason
    assert dictionary.fits.offer([replace(fit, annotation_revision=1)])[0].fit_id is not None


def test_a_drawn_person_joins_the_others_of_the_picture(dictionary, fitted_id):
    box = Box(100.0, 120.0, 80.0)
    drawn = dictionary.manual_people.draw(fitted_id, box, author="maria")
    second = dictionary.manual_people.draw(fitted_id, box)
    sample = dictionary.samples.get(drawn)
    assert sample.drawn_by == "maria"
    assert sample.box == box
    assert not sample.keypoints_px.any()
    assert sample.person_key == "drawn 1"
    assert sample.name == "000000.jpg · drawn 1"
    assert dictionary.samples.get(second).person_key == "drawn 2"
    assert dictionary.manual_people.in_picture(drawn) == [fitted_id, drawn, second]
    assert [flag.name for flag in dictionary.flags.of(drawn)] == ["no keypoints"]
    event = dictionary.events.of(drawn)[0]
    assert (event.what, event.author, event.before) == ("sample", "maria", None)
    assert json.loads(event.after)["side_px"] == 80.0


def test_a_removed_person_comes_back_with_fits_verdicts_and_events(dictionary, fitted_id, make_fit):
    corrections = dictionary.corrections
    drawn = dictionary.manual_people.draw(fitted_id, Box(100.0, 120.0, 80.0))
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[25:40] = [90, 110, 1]
    corrections.set_keypoints(drawn, keypoints, compare=compare)
    first = dictionary.fits.offer([make_fit(drawn)])[0].fit_id
    corrections.keep_fit(make_fit(drawn, pose=0.1), made_from_fit_id=first)
    dictionary.verdicts.set({drawn: Verdict.UNSURE})
    before, events = rows(dictionary, drawn), dictionary.events.of(drawn)
    removed = dictionary.manual_people.remove(drawn)
    with pytest.raises(NoSuchRecordError):
        dictionary.samples.get(drawn)
    assert dictionary.problems() == []
    dictionary.manual_people.put_back(removed)
    assert rows(dictionary, drawn) == before
    assert dictionary.events.of(drawn) == events


def test_an_imported_person_is_never_removed(dictionary, fitted_id):
    with pytest.raises(DictionaryError, match="imported"):
        dictionary.manual_people.remove(fitted_id)
    assert dictionary.samples.get(fitted_id).id == fitted_id


def test_an_unknown_sample_is_named(dictionary):
    with pytest.raises(NoSuchRecordError, match="sample 77"):
        dictionary.corrections.set_box(77, Box(1, 1, 1), compare=compare)
    with pytest.raises(NoSuchRecordError, match="sample 77"):
        dictionary.manual_people.draw(77, Box(1, 1, 1))


def test_bodies_of_many_people_are_kept_together_or_not_at_all(dictionary, make_sample, make_fit):
    ids = dictionary.samples.add(make_sample(number) for number in range(3)).added_ids
    dictionary.fits.offer([make_fit(each) for each in ids])
    before = dictionary.fits.current_ids(ids)
    bodies = [(make_fit(each, pose=0.3), before[each]) for each in ids]
    unknown = [(bodies[0][0], before[ids[0]]), (bodies[1][0], 10**6)]
    with pytest.raises(NoSuchRecordError):
        dictionary.corrections.keep_fits(unknown)
    assert dictionary.fits.current_ids(ids) == before
    kept = dictionary.corrections.keep_fits(bodies)
    assert [each.previous_fit_id for each in kept] == [before[each] for each in ids]
    after = dictionary.fits.current_ids(ids)
    assert not set(after.values()) & set(before.values())
    with pytest.raises(NoSuchRecordError):
        dictionary.fits.make_all_current({ids[0]: before[ids[0]], ids[1]: before[ids[2]]})
    assert dictionary.fits.current_ids(ids) == after, "none, where one is another person's"
    assert dictionary.fits.make_all_current(before) == after
    assert dictionary.fits.current_ids(ids) == before


def test_flags_of_neighbouring_frames_are_asked_for_once_for_all_offered_fits(
    dictionary, make_sample, make_fit
):
    ids = dictionary.samples.add(make_sample(number) for number in range(5)).added_ids
    asked: list[str] = []
    dictionary._connection._raw.set_trace_callback(asked.append)
    dictionary.fits.offer([make_fit(each) for each in ids])
    dictionary._connection._raw.set_trace_callback(None)
    of_tracks = [statement for statement in asked if "tracks" in statement]
    assert of_tracks == ["SELECT EXISTS (SELECT 1 FROM tracks)"]
    of_frames = [text for text in asked if text.strip().startswith("DELETE FROM flags")]
    assert not [text for text in of_frames if "name IN ('jump'" in text]
