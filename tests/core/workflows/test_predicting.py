"""Predictions reach the dictionary with their run, and nothing stops at a broken picture."""

from __future__ import annotations

import io
import sys

import cv2
import numpy as np
import pytest
import torch

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.fits.predictions import Predictions
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.body.load_body import OPEN_BODY_NAME
from core.engine.regression.checkpoints import SPIN_BODY_NAME, regressor_state, save_checkpoint
from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.regressor import Regressor
from core.errors import SetupError, StudioError, UserFileError
from core.geometry.crop_camera import translation_to_weak_perspective
from core.progress import CancelToken
from core.runs.run_folder import RunFolder
from core.types.bodies import camera_batch
from core.types.samples import NewSample
from core.workflows import predict_project as predicting
from core.workflows.predict_project import predict_samples, predict_the_unpredicted, shares_betas


def small_regressor(seed=0, body_name=OPEN_BODY_NAME):
    torch.manual_seed(seed)
    mean = MeanParameters.of_body_pose(np.zeros(69))
    return Regressor("test_resnet", mean=mean, input_size_px=64, body_name=body_name)


@pytest.fixture(autouse=True)
def _without_shipped_head(monkeypatch):
    """``test_predicting_by_head`` has it."""
    monkeypatch.setattr(predicting, "detector_head_path", lambda: None)


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "regressor.pt"
    save_checkpoint(path, regressor_state(small_regressor()))
    return path


@pytest.fixture
def project(tmp_path):
    """Five people in five pictures, two of one dataset."""
    folder = tmp_path / "project"
    new = []
    for number in range(5):
        path = tmp_path / f"{number}.png"
        rng = np.random.default_rng(number)
        cv2.imwrite(str(path), rng.integers(0, 256, (80, 100, 3), dtype=np.uint8))
        new.append(
            NewSample(
                picture_path=path,
                picture_size_px=(100, 80),
                dataset="few" if number < 2 else "many",
                person_key="0",
                box_center_px=np.float32([50, 40]),
                box_scale=0.4,
                keypoints_px=np.zeros((49, 3), np.float32),
            )
        )
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(new)
    return folder


def predictions(project):
    with Dictionary.open(project) as dictionary:
        return {
            sample_id: dictionary.predictions.latest_of(sample_id)
            for sample_id in dictionary.search.ids().tolist()
        }


def test_everyone_gets_what_the_regressor_says_of_the_crop(project, checkpoint):
    report = predict_samples(project, checkpoint=checkpoint, batch_size=2)
    assert (report.predicted, report.picture_problems, report.cancelled) == (5, (), False)
    stored = predictions(project)
    bodies = [item.parameters for item in stored.values()]
    assert all(body.camera_translation[2] > 0 for body in bodies)
    assert not np.array_equal(bodies[0].pose_axis_angle, bodies[1].pose_axis_angle)
    assert bodies[0].betas.any()


def test_a_predicted_body_names_the_camera_of_its_crop_and_fills_as_much_of_it(project, checkpoint):
    """An untrained regressor says s = 0.9 for everyone, before whatever camera."""
    predict_samples(project, checkpoint=checkpoint, workers=0)
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(sorted(predictions(project)))
    for sample in samples:
        body = predictions(project)[sample.id].parameters
        assert body.camera == sample.crop_camera
        weak = translation_to_weak_perspective(
            body.camera_translation[None], camera_batch([body.camera])
        )
        assert weak[0, 0] == pytest.approx(0.9, abs=0.1)


def test_batches_and_worker_processes_make_no_difference(project, checkpoint):
    predict_samples(project, checkpoint=checkpoint, batch_size=1)
    alone = predictions(project)
    predict_samples(project, checkpoint=checkpoint, batch_size=3, workers=1)
    for one, other in zip(alone.values(), predictions(project).values(), strict=True):
        np.testing.assert_allclose(
            one.parameters.camera_translation, other.parameters.camera_translation, rtol=1e-4
        )


def test_only_the_selected_are_predicted(project, checkpoint):
    few = SampleQuery(datasets=frozenset({"few"}))
    assert predict_samples(project, checkpoint=checkpoint, where=few).predicted == 2
    assert [prediction is not None for prediction in predictions(project).values()] == [
        True
    ] * 2 + [False] * 3


def test_bad_pictures_are_named_and_left_out(project, checkpoint, tmp_path):
    (tmp_path / "1.png").unlink()
    (tmp_path / "3.png").write_bytes(b"no picture")
    report = predict_samples(project, checkpoint=checkpoint, batch_size=2)
    assert report.predicted == 3
    assert ["1.png" in report.picture_problems[0], "3.png" in report.picture_problems[1]] == [
        True
    ] * 2
    assert "2 pictures could not be used" in report.summary()


def test_newest_run_is_taken_and_noted(project, checkpoint):
    with Dictionary.open(project) as dictionary:
        runs = [dictionary.runs.start("train", configuration={}, versions={}) for _ in range(3)]
    for run_id, seed in ((runs[0], 1), (runs[1], 2)):
        path = RunFolder.of(project, run_id).last
        save_checkpoint(path, regressor_state(small_regressor(seed)))
    report = predict_samples(project)
    assert f"run {runs[1]}" in report.source
    assert {prediction.run_id for prediction in predictions(project).values()} == {runs[1]}
    predict_samples(project, checkpoint=RunFolder.of(project, runs[0]).last)
    assert {prediction.run_id for prediction in predictions(project).values()} == {runs[0]}
    predict_samples(project, checkpoint=checkpoint)
    assert {prediction.run_id for prediction in predictions(project).values()} == {None}


def test_without_a_run_the_demo_regressor_is_taken(project, checkpoint, monkeypatch):
    monkeypatch.setattr(predicting, "demo_regressor_path", lambda: checkpoint)
    assert predict_samples(project).source == "the demo regressor"
    monkeypatch.setattr(predicting, "demo_regressor_path", lambda: None)
    with pytest.raises(SetupError, match=r"main\.py train"):
        predict_samples(project)


def test_betas_of_another_body_are_left_out(project, tmp_path):
    path = tmp_path / "other.pt"
    save_checkpoint(path, regressor_state(small_regressor(body_name="SMPL_NEUTRAL (01234567)")))
    report = predict_samples(project, checkpoint=path)
    assert report.without_betas
    assert "another body" in report.summary()
    assert not any(
        prediction.parameters.betas.any() for prediction in predictions(project).values()
    )


def test_released_checkpoints_share_betas_with_smpl_files_only():
    released = small_regressor(body_name=SPIN_BODY_NAME)
    assert shares_betas(released, "SMPL_NEUTRAL (01234567)")
    assert not shares_betas(released, OPEN_BODY_NAME)


def test_a_cancel_keeps_the_batches_before_it(project, checkpoint, monkeypatch):
    cancel, store = CancelToken(), Predictions.store

    def store_and_cancel(predictions, new_predictions, **options):
        store(predictions, new_predictions, **options)
        cancel.cancel()

    monkeypatch.setattr(Predictions, "store", store_and_cancel)
    report = predict_samples(project, checkpoint=checkpoint, batch_size=2, cancel=cancel)
    assert report.cancelled
    assert report.predicted == 2
    assert sum(prediction is not None for prediction in predictions(project).values()) == 2


def test_what_cannot_be_done_is_refused(project, checkpoint, tmp_path):
    with pytest.raises(UserFileError, match="absent"):
        predict_samples(project, checkpoint=tmp_path / "absent.pt")
    with pytest.raises(StudioError, match="batch size"):
        predict_samples(project, checkpoint=checkpoint, batch_size=0)


def test_the_command_is_there(project, checkpoint):
    options = build_parser().parse_args(["predict", str(project), "--checkpoint", str(checkpoint)])
    assert options.checkpoint == checkpoint
    assert options.where == ""
    console = Console(io.StringIO(), io.StringIO())
    assert options.run(options, console) == 0
    assert console.out.getvalue().startswith("Predicted 5 people")


def test_predictions_kept_as_a_set_leave_the_latest_ones_alone(project, checkpoint, tmp_path):
    predict_samples(project, checkpoint=checkpoint)
    latest = predictions(project)
    other = tmp_path / "other.pt"
    save_checkpoint(other, regressor_state(small_regressor(seed=1)))
    report = predict_samples(project, checkpoint=other, keep_as="other", batch_size=2)
    assert "kept as 'other'" in report.summary()
    with Dictionary.open(project) as dictionary:
        kept = dictionary.prediction_sets.named("other")
        bodies = dictionary.prediction_sets.bodies(kept.id, latest)
    assert (kept.size, kept.kind, kept.source) == (5, "run", str(other))
    for sample_id, before in latest.items():
        now = predictions(project)[sample_id].parameters
        assert np.array_equal(now.pose_axis_angle, before.parameters.pose_axis_angle)
        assert not np.array_equal(bodies[sample_id].pose_axis_angle, now.pose_axis_angle)


def test_an_interrupted_set_is_gone_on_with(project, checkpoint):
    predict_samples(project, checkpoint=checkpoint, keep_as="mine", where=SampleQuery(text="0"))
    report = predict_samples(project, checkpoint=checkpoint, keep_as="mine")
    assert report.predicted == 5
    with Dictionary.open(project) as dictionary:
        assert dictionary.prediction_sets.named("mine").size == 5


def test_a_run_can_be_named_and_one_without_a_regressor_is_refused(project, checkpoint):
    with Dictionary.open(project) as dictionary:
        runs = [dictionary.runs.start("training", configuration={}, versions={}) for _ in range(3)]
    for run_id in runs[:2]:
        target = RunFolder.of(project, run_id).final
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(checkpoint.read_bytes())
    predict_samples(project, run_id=runs[0], keep_as="first run")
    with Dictionary.open(project) as dictionary:
        assert dictionary.prediction_sets.named("first run").run_id == runs[0]
    with pytest.raises(SetupError, match=f"Run {runs[2]} has no trained regressor") as refused:
        predict_samples(project, run_id=runs[2])
    assert refused.value.remedy == f"Runs with one: {runs[1]}, {runs[0]}."
    with pytest.raises(StudioError, match="Both"):
        predict_samples(project, run_id=runs[0], checkpoint=checkpoint)


def test_only_people_without_a_prediction_are_predicted_when_asked(project, checkpoint):
    few = SampleQuery(datasets=frozenset({"few"}))
    predict_samples(project, checkpoint=checkpoint, where=few)
    with Dictionary.open(project) as dictionary:
        before = [dictionary.predictions.latest_of(number).created_at for number in (1, 2)]
    report = predict_samples(project, checkpoint=checkpoint, missing_only=True)
    assert report.predicted == 3
    with Dictionary.open(project) as dictionary:
        assert [dictionary.predictions.latest_of(number).created_at for number in (1, 2)] == before
        assert dictionary.predictions.missing(range(1, 6)) == []


def test_without_any_regressor_no_one_is_predicted_and_nothing_fails(project, monkeypatch):
    monkeypatch.setattr(predicting, "demo_regressor_path", lambda: None)
    assert predict_the_unpredicted(project) is None
    with Dictionary.open(project) as dictionary:
        assert dictionary.predictions.missing([2, 1]) == [2, 1]


def test_without_timm_the_end_of_a_fit_predicts_no_one_and_does_not_fail(
    project, checkpoint, monkeypatch
):
    monkeypatch.setattr(predicting, "demo_regressor_path", lambda: checkpoint)
    monkeypatch.setitem(sys.modules, "timm", None)
    assert predict_the_unpredicted(project) is None
    with pytest.raises(SetupError, match="timm"):
        predict_samples(project)


def test_people_with_a_prediction_are_left_alone(project, checkpoint, monkeypatch):
    monkeypatch.setattr(predicting, "demo_regressor_path", lambda: checkpoint)
    assert predict_the_unpredicted(project).predicted == 5
    assert predict_the_unpredicted(project) is None
