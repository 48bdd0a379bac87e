"""What flags compare fits with: opinions on stored samples, and when assessments are forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.store import Dictionary
from core.types.detected_landmarks import DetectedLandmarks
from core.types.predictions import NewPrediction
from core.types.view_groups import GroupNames
from core.workflows.fit_project import fit_samples
from core.workflows.flag_project import SampleFlagger, flag_samples
from tests.core.body.people_seen import landmarks_on
from tests.core.workflows.test_fitting import people_of

PEOPLE = 3


def detected(sample) -> DetectedLandmarks:
    landmarks = landmarks_on(sample.keypoints_px[None])[0]
    return DetectedLandmarks(
        landmarks_px=landmarks, landmarks_m=landmarks, agreement=0.9, score=0.9, networks="made"
    )


@pytest.fixture
def project(tmp_path: Path, open_body) -> Path:
    """Two pictures of the first person and one of another, all fitted and flagged."""
    first, other = people_of(open_body, 2)
    again = replace(first, picture_path=Path("/pictures/again.jpg"))
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add([first, again, other])
    fit_samples(folder, init="mean")
    flag_samples(folder)
    return folder


def opinions(dictionary: Dictionary) -> dict[str, list[bool]]:
    inputs = SampleFlagger(dictionary).inputs(range(1, PEOPLE + 1))
    return {other.who: other.present.tolist() for other in inputs.alternatives}


def test_without_anything_else_the_lifter_alone_is_asked(project):
    with Dictionary.open(project) as dictionary:
        assert opinions(dictionary) == {"the lifted pose": [True] * PEOPLE}


def test_what_the_detector_saw_is_an_opinion_and_has_fits_judged_again(project):
    with Dictionary.open(project) as dictionary:
        assert dictionary.assessments.due() == []
        dictionary.detections.set({1: detected(dictionary.samples.get(1))})
        assert dictionary.assessments.due() == [1]
        assert opinions(dictionary)["the picture"] == [True, False, False]
        inputs = SampleFlagger(dictionary).inputs([1, 3])
        assert inputs.keypoints.bone_directions is not None
        assert inputs.keypoints.bone_directions.weights[1].count_nonzero() == 0


def test_an_assessment_made_before_the_detector_looked_is_not_stored(project):
    with Dictionary.open(project) as dictionary:
        made = SampleFlagger(dictionary).assessments([1, 2])
        dictionary.detections.set({1: detected(dictionary.samples.get(1))})
        assert dictionary.assessments.store(made) == 1
        assert dictionary.assessments.due() == [1]


def test_imported_sets_are_opinions_until_they_are_deleted(project):
    with Dictionary.open(project) as dictionary:
        sets = dictionary.prediction_sets
        body = dictionary.fits.current_of(3).parameters
        said = [NewPrediction(sample_id=3, parameters=body)]
        number = sets.open("hmr", SetKind.IMPORTED, source="hmr.npz")
        sets.add(number, said)
        own = sets.open("ours", SetKind.RUN, source="a regressor")
        sets.add(own, said)
        assert dictionary.assessments.due() == [3]
        assert opinions(dictionary)["the set 'hmr'"] == [False, False, True]
        assert len(opinions(dictionary)) == 2
        flag_samples(project)
        sets.delete(number)
        assert dictionary.assessments.due() == [3]


def test_pictures_of_a_moment_are_judged_by_one_another(project):
    """Both show the same person alike, so the other view says what the own picture says."""
    with Dictionary.open(project) as dictionary:
        people = {number: dictionary.samples.get(number) for number in (1, 2)}
        dictionary.detections.set({number: detected(one) for number, one in people.items()})
        dictionary.groups.assign({number: GroupNames(moment="jump") for number in people})
        assert dictionary.assessments.due() == [1, 2]
        inputs = SampleFlagger(dictionary).inputs([1, 2, 3])
        said = {other.who: other for other in inputs.alternatives}
        views = said["the other views"]
        assert views.present.tolist() == [True, True, False]
        picture = said["the picture"].estimate.rotations
        torch.testing.assert_close(views.estimate.rotations[:2], picture[:2], atol=2e-3, rtol=0)


def test_a_change_of_one_picture_has_the_moment_judged_again(project):
    with Dictionary.open(project) as dictionary:
        dictionary.groups.assign({number: GroupNames(moment="jump") for number in (1, 2)})
    flag_samples(project)
    with Dictionary.open(project) as dictionary:
        assert dictionary.assessments.due() == []
        dictionary.detections.set({1: detected(dictionary.samples.get(1))})
        assert dictionary.assessments.due() == [1, 2]
    flag_samples(project)
    with Dictionary.open(project) as dictionary:
        dictionary.groups.ungroup([1, 2])
        assert dictionary.assessments.due() == [1, 2]
        assert np.isfinite([row.suspicion for row in dictionary.search.rows([3])]).all()
