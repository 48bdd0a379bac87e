"""The head behind the detector predicts without a GPU, without timm, and without a picture."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest
import torch

from core.dictionary.fits.predictions import Predictions
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import OPEN_BODY_NAME, load_body
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import head_state
from core.engine.regression.weight_files import write_weight_file
from core.engine.smplify.inputs import BodyEstimate, camera_tensors
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import facing_root
from core.progress import CancelToken
from core.types.samples import NewSample
from core.types.trunk_features import TRUNK_SIZE
from core.workflows import predict_project as predicting
from core.workflows.photos import detect_project
from core.workflows.predict_project import predict_samples, predict_the_unpredicted
from tests.core.workflows.photos.scripted_finder import ScriptedFinder

PEOPLE = 4


def untrained(body_name=OPEN_BODY_NAME, seed=0):
    torch.manual_seed(seed)
    head = DetectorHead(width=16, blocks=1, body_name=body_name)
    torch.nn.init.normal_(head.head.weight, std=0.05)
    return head


def standing_person():
    """Keypoints ``(49, 3)`` in metres about their middle, y down."""
    rotations = torch.eye(3).repeat(1, 24, 1, 1)
    rotations[:, 0] = facing_root(torch.zeros(1))
    points = KeypointBody(load_body()).keypoints(rotations, torch.zeros(1, 10))[0].numpy()
    return points - points.mean(0)


class CountingFinder(ScriptedFinder):
    """As scripted, with features of the trunk."""

    def measure(self, rgb, **asked):
        person = super().measure(rgb, **asked)
        features = np.full((2, TRUNK_SIZE), len(self.asked), np.float16)
        if person is not None:
            object.__setattr__(person, "trunk_features", features)
        return person


@pytest.fixture
def finder(monkeypatch):
    scripted = CountingFinder()
    monkeypatch.setattr(detect_project, "load_finder", lambda: scripted)
    return scripted


@pytest.fixture
def head_file(tmp_path):
    path = tmp_path / "head.pt"
    write_weight_file(path, head_state(untrained()))
    return path


@pytest.fixture
def project(tmp_path):
    """People in red pictures, which the scripted finder sees, and one in a black one."""
    rng = np.random.default_rng(0)
    standing = [50, 40] + 35 * standing_person()[:, :2]
    new = []
    for number in range(PEOPLE):
        path = tmp_path / f"{number}.png"
        picture = np.zeros((80, 100, 3), np.uint8)
        picture[..., 2] = 255 if number < PEOPLE - 1 else 0
        cv2.imwrite(str(path), picture)
        moved = standing + rng.normal(0, 0.5, (49, 2))
        keypoints = np.concatenate([moved, rng.uniform(0.4, 1, (49, 1))], axis=1)
        new.append(
            NewSample(
                picture_path=path,
                picture_size_px=(100, 80),
                dataset="some",
                person_key="0",
                box_center_px=np.float32([50, 40]),
                box_scale=0.4,
                keypoints_px=keypoints.astype(np.float32),
            )
        )
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(new)
    return folder


def bodies(project):
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        return [dictionary.predictions.latest_of(sample_id).parameters for sample_id in ids]


def test_everyone_is_measured_once_and_then_predicted(project, head_file, finder):
    report = predict_samples(project, checkpoint=head_file, batch_size=3)
    assert (report.predicted, report.picture_problems, report.cancelled) == (PEOPLE, (), False)
    assert len(finder.asked) == PEOPLE
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        assert list(dictionary.detections.trunk_features(ids)) == ids[:-1]
    predict_samples(project, checkpoint=head_file)
    assert len(finder.asked) == PEOPLE


def test_batches_make_no_difference(project, head_file, finder):
    predict_samples(project, checkpoint=head_file, batch_size=1)
    alone = bodies(project)
    predict_samples(project, checkpoint=head_file, batch_size=PEOPLE)
    for first, second in zip(alone, bodies(project), strict=True):
        np.testing.assert_allclose(first.pose_axis_angle, second.pose_axis_angle, atol=1e-4)


def test_the_camera_brings_the_body_to_the_keypoints(project, head_file, finder):
    predict_samples(project, checkpoint=head_file)
    keypoint_body = KeypointBody(load_body())
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
    for body, sample in zip(bodies(project), samples, strict=True):
        assert body.camera == sample.crop_camera
        estimate = BodyEstimate.from_parameters([body])
        points = keypoint_body.keypoints(estimate.rotations, estimate.betas)
        seen = project_to_crop(points, estimate.camera_translation, camera_tensors([body.camera]))[
            0
        ].numpy()
        weight = sample.keypoints_crop_px[:, 2:]
        apart = (weight * (seen - sample.keypoints_crop_px[:, :2])).sum(0) / weight.sum()
        # Its perspective is that of a few metres; under the long lens it would be off by 100 px.
        assert np.abs(apart).max() < 5


def test_a_missing_picture_is_told_and_its_person_known_by_keypoints(
    project, head_file, finder, tmp_path
):
    (tmp_path / "1.png").unlink()
    report = predict_samples(project, checkpoint=head_file)
    assert report.predicted == PEOPLE
    assert len(report.picture_problems) == 1
    assert "1.png" in report.picture_problems[0]


def test_the_shipped_head_needs_no_timm(project, head_file, finder, monkeypatch):
    monkeypatch.setattr(predicting, "detector_head_path", lambda: head_file)
    monkeypatch.setitem(sys.modules, "timm", None)
    report = predict_the_unpredicted(project)
    assert report.predicted == PEOPLE
    assert report.source == "the shipped head behind the detector"


def test_another_body_keeps_the_poses_alone(project, tmp_path, finder):
    path = tmp_path / "other.pt"
    write_weight_file(path, head_state(untrained(body_name="SMPL_NEUTRAL (01234567)")))
    report = predict_samples(project, checkpoint=path)
    assert report.without_betas
    assert not any(body.betas.any() for body in bodies(project))
    assert bodies(project)[0].pose_axis_angle.any()


def test_a_cancelled_prediction_keeps_its_batches(project, head_file, finder, monkeypatch):
    cancel, store = CancelToken(), Predictions.store

    def store_and_cancel(predictions, new_predictions, **options):
        store(predictions, new_predictions, **options)
        cancel.cancel()

    monkeypatch.setattr(Predictions, "store", store_and_cancel)
    report = predict_samples(project, checkpoint=head_file, batch_size=3, cancel=cancel)
    assert report.cancelled
    assert report.predicted == 3


def test_a_prediction_cancelled_while_measuring_keeps_what_was_measured(
    project, head_file, finder, monkeypatch
):
    cancel, measure = CancelToken(), CountingFinder.measure

    def measure_and_cancel(self, rgb, **asked):
        person = measure(self, rgb, **asked)
        if len(self.asked) == 2:
            cancel.cancel()
        return person

    monkeypatch.setattr(CountingFinder, "measure", measure_and_cancel)
    report = predict_samples(project, checkpoint=head_file, cancel=cancel)
    assert (report.cancelled, report.predicted) == (True, 0)
    with Dictionary.open(project) as dictionary:
        assert len(dictionary.detections.get_many(dictionary.search.ids().tolist())) == 2
