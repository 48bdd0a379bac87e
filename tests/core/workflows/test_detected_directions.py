"""Fits of a project use what its detector saw of the directions of bones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.landmarks import BODY_25_LANDMARKS
from core.dictionary.store import Dictionary
from core.engine.smplify.detected_directions import DetectedDirections
from core.engine.smplify.inputs import BodyEstimate
from core.types.detected_landmarks import DetectedLandmarks
from core.workflows.correct_sample import Corrector
from core.workflows.fit_project import fit_samples
from core.workflows.refit_project import refit_samples
from tests.core.workflows.test_lifting import PEOPLE, Crowd


@pytest.fixture(scope="module")
def crowd(open_body) -> Crowd:
    return Crowd(open_body)


def landmarks_of(crowd: Crowd, row: int, *, measured: bool = True) -> DetectedLandmarks:
    """What a perfect detector says of a person."""
    landmarks_m, landmarks_px = np.zeros((33, 3)), np.zeros((33, 3))
    for keypoint, sources in enumerate(BODY_25_LANDMARKS):
        if len(sources) == 1:
            landmarks_m[sources[0]] = crowd.keypoints_3d[row, keypoint].numpy()
            landmarks_px[sources[0], :2] = crowd.keypoints.positions_crop_px[row, keypoint]
    landmarks_px[:, 2] = 1
    return DetectedLandmarks(
        landmarks_px=landmarks_px.astype(np.float32) if measured else None,
        landmarks_m=landmarks_m.astype(np.float32) if measured else None,
        agreement=1.0,
        score=1.0,
        networks="made",
    )


@pytest.fixture
def project(tmp_path: Path, crowd: Crowd) -> Path:
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(crowd.samples())
    return folder


def detect(project: Path, crowd: Crowd) -> None:
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        dictionary.detections.set(
            {sample_id: landmarks_of(crowd, row) for row, sample_id in enumerate(ids)}
        )


def mean_error_mm(project: Path, crowd: Crowd) -> float:
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        fits = dictionary.fits.current(ids)
        bodies = BodyEstimate.from_parameters(fits[sample_id].parameters for sample_id in ids)
        return float(crowd.errors_mm(bodies).mean())


@pytest.mark.parametrize("init", ["mean", "lifter"])
def test_stored_landmarks_make_fits_better(tmp_path, project, crowd, init):
    fit_samples(project, init=init)
    without = mean_error_mm(project, crowd)
    seen = tmp_path / "seen"
    with Dictionary.create(seen) as dictionary:
        dictionary.samples.add(crowd.samples())
    detect(seen, crowd)

    fit_samples(seen, init=init)

    assert mean_error_mm(seen, crowd) < 0.8 * without
    with Dictionary.open(seen) as dictionary:
        fit = next(iter(dictionary.fits.current(dictionary.search.ids().tolist()).values()))
    assert fit.losses.bone_directions > 0


@pytest.mark.parametrize("starts", [("mean", "current"), ("mean", "lifter")])
def test_a_refit_takes_up_landmarks_that_were_measured_later(project, crowd, starts):
    fit_samples(project, init="mean")
    before = mean_error_mm(project, crowd)
    detect(project, crowd)

    report = refit_samples(project, starts=starts)

    # A body that knows more may have a little more 2D error, and replaces the former all the same.
    assert report.became_current >= PEOPLE // 2
    assert mean_error_mm(project, crowd) < 0.9 * before


def test_samples_without_landmarks_have_no_weight_among_those_that_have_some(project, crowd):
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
    first, second, third = samples[:3]
    found = DetectedDirections.of(
        samples,
        {first.id: landmarks_of(crowd, 0), second.id: landmarks_of(crowd, 1, measured=False)},
    )

    known = found.of_samples([third.id, first.id, second.id])

    assert known is not None
    assert (known.weights[1] > 0).all()
    assert not known.weights[[0, 2]].any()
    torch.testing.assert_close(
        torch.linalg.vector_norm(known.directions[1], dim=-1), torch.ones(12)
    )
    assert found.of_samples([second.id, third.id]) is None


def test_a_refit_of_one_sample_uses_its_landmarks(project, crowd):
    with Dictionary.open(project) as dictionary:
        corrector = Corrector.of_project(dictionary)
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())

    found = [
        [
            corrector.refitted(sample, None, stay_near=False, detection=detection).parameters
            for row, sample in enumerate(samples)
            for detection in [landmarks_of(crowd, row) if detected else None]
        ]
        for detected in (False, True)
    ]

    without, seen = (crowd.errors_mm(BodyEstimate.from_parameters(bodies)) for bodies in found)
    assert seen.mean() < 0.8 * without.mean()
