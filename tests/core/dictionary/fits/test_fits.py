"""Fits, predictions, runs and settings as they are stored and read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.dictionary.storage.blobs import from_blob, to_blob
from core.errors import DictionaryError, NoSuchRecordError
from core.types.fits import Origin
from core.types.predictions import NewPrediction
from core.types.runs import RunStatus


def test_arrays_are_stored_as_little_endian_float32():
    assert to_blob(np.array([1.0, -2.0])) == b"\x00\x00\x80\x3f\x00\x00\x00\xc0"
    big_endian = np.array([1.0, -2.0], dtype=">f8")
    assert from_blob(to_blob(big_endian), (2,), what="x").tolist() == [1.0, -2.0]


def test_an_array_of_the_wrong_length_is_named(dictionary, sample_id, make_fit):
    fit_id = dictionary.fits.offer([make_fit(sample_id)])[0].fit_id
    dictionary._connection.execute("UPDATE fits SET betas = x'0000'")
    with pytest.raises(DictionaryError, match=rf"betas of fit {fit_id} has 2 bytes, expected 40"):
        dictionary.fits.current_of(sample_id)


def test_a_fit_is_read_back_as_it_was_offered(dictionary, sample_id, make_fit):
    pose = np.random.default_rng(0).normal(size=72).astype(np.float32)
    run = dictionary.runs.start("training", configuration={}, versions={})
    offered = make_fit(sample_id, pose=pose, run_id=run, iteration=12, origin=Origin.REFIT)
    fit_id = dictionary.fits.offer([offered])[0].fit_id
    fit = dictionary.fits.get_many([fit_id])[0]
    np.testing.assert_array_equal(fit.parameters.pose_axis_angle, pose)
    np.testing.assert_array_equal(
        fit.parameters.camera_translation, offered.parameters.camera_translation
    )
    assert (fit.origin, fit.run_id, fit.iteration) == (Origin.REFIT, run, 12)
    assert fit.is_current


def test_current_fits_leave_out_samples_without_one(dictionary, make_sample, make_fit):
    first, second = dictionary.samples.add([make_sample(1), make_sample(2)]).added_ids
    dictionary.fits.offer([make_fit(second)])
    assert list(dictionary.fits.current([first, second])) == [second]
    assert dictionary.fits.current_of(first) is None


def test_the_first_fit_is_the_first_that_smplify_made(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id, origin=Origin.IMPORTED, loss=90.0)])
    assert dictionary.fits.first_of(sample_id) is None
    dictionary.fits.offer([make_fit(sample_id, origin=Origin.MEAN, pose=0.5, runner_up=True)])
    first = dictionary.fits.offer([make_fit(sample_id, origin=Origin.MEAN, loss=80.0)])[0].fit_id
    dictionary.fits.offer([make_fit(sample_id, loss=10.0)])
    assert dictionary.fits.first_of(sample_id).id == first


def test_flags_follow_the_current_fit(dictionary, sample_id, make_fit):
    first = dictionary.fits.offer([make_fit(sample_id, loss=150.0, beta=4.0)])[0].fit_id
    assert dictionary.search.rows([sample_id])[0].flags == ("betas", "reprojection")
    dictionary.fits.offer([make_fit(sample_id, loss=50.0, beta=4.0)])
    assert dictionary.search.rows([sample_id])[0].flags == ("betas",)
    dictionary.fits.offer([make_fit(sample_id, loss=20.0, beta=1.0)])
    assert dictionary.search.rows([sample_id])[0].flags == ()
    dictionary.fits.make_current(sample_id, first, "maria")
    assert dictionary.search.rows([sample_id])[0].flags == ("betas", "reprojection")


def test_only_the_latest_prediction_is_kept_and_no_fit_comes_of_it(dictionary, sample_id, make_fit):
    run = dictionary.runs.start("training", configuration={}, versions={})
    assert dictionary.predictions.latest_of(sample_id) is None
    for iteration in (1, 2):
        parameters = make_fit(sample_id, beta=iteration).parameters
        dictionary.predictions.store(
            [
                NewPrediction(
                    sample_id=sample_id, parameters=parameters, run_id=run, iteration=iteration
                )
            ]
        )
    prediction = dictionary.predictions.latest_of(sample_id)
    assert (prediction.iteration, prediction.run_id) == (2, run)
    assert prediction.parameters.betas[0] == 2
    assert dictionary.fits.history(sample_id) == []


def test_a_prediction_that_is_not_finite_or_of_no_sample_is_refused(
    dictionary, sample_id, make_fit
):
    good = NewPrediction(sample_id=sample_id, parameters=make_fit(sample_id).parameters)
    bad = NewPrediction(sample_id=sample_id, parameters=make_fit(0, pose=math.nan).parameters)
    orphan = NewPrediction(sample_id=999, parameters=good.parameters)
    for refused in (bad, orphan):
        with pytest.raises(DictionaryError):
            dictionary.predictions.store([good, refused])
    assert dictionary.predictions.latest_of(sample_id) is None


def test_a_run_is_recorded_from_start_to_end(dictionary):
    run_id = dictionary.runs.start(
        "training", configuration={"rate": 3e-5}, versions={"torch": "2"}, seed=7
    )
    run = dictionary.runs.all()[0]
    assert (run.kind, run.configuration, run.seed, run.versions) == (
        "training",
        {"rate": 3e-5},
        7,
        {"torch": "2"},
    )
    assert (run.status, run.ended_at) == (RunStatus.RUNNING, None)
    dictionary.runs.end(run_id, RunStatus.FINISHED)
    run = dictionary.runs.all()[0]
    assert run.status is RunStatus.FINISHED
    assert run.ended_at >= run.started_at


def test_ending_an_unknown_run_is_an_error(dictionary):
    with pytest.raises(NoSuchRecordError, match="no run 5"):
        dictionary.runs.end(5, RunStatus.FINISHED)


def test_a_fit_of_an_unknown_run_is_refused(dictionary, sample_id, make_fit):
    with pytest.raises(DictionaryError, match="FOREIGN KEY"):
        dictionary.fits.offer([make_fit(sample_id, run_id=77)])
    assert dictionary.fits.history(sample_id) == []


def test_settings_are_kept_and_replaced(project):
    from core.dictionary.store import Dictionary

    with Dictionary.create(project, settings={"body_name": "open body"}) as dictionary:
        assert dictionary.settings.get("body_name") == "open body"
        assert dictionary.settings.get("body_file") is None
        dictionary.settings.set("body_file", "/a.pkl")
        dictionary.settings.set("body_file", "/b.pkl")
    with Dictionary.open(project) as dictionary:
        assert dictionary.settings.get("body_file") == "/b.pkl"
