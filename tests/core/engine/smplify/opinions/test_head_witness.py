"""The head behind the detector says what it thinks of bones without having seen their landmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.detected_directions import DetectedDirections
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.types.detected_landmarks import DetectedLandmarks
from core.types.samples import Sample
from tests.core.workflows.test_detected_directions import landmarks_of
from tests.core.workflows.test_lifting import Crowd


@pytest.fixture(scope="module")
def crowd(open_body) -> Crowd:
    return Crowd(open_body)


@pytest.fixture(scope="module")
def witness(open_body) -> HeadWitness:
    return HeadWitness(KeypointBody(open_body))


@pytest.fixture
def samples(tmp_path, crowd) -> list[Sample]:
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(crowd.samples())
        return dictionary.samples.get_many(dictionary.search.ids().tolist())


@pytest.fixture
def detections(samples, crowd) -> dict[int, DetectedLandmarks]:
    return {sample.id: landmarks_of(crowd, row) for row, sample in enumerate(samples)}


def test_the_head_is_asked_about_those_who_have_landmarks(samples, crowd, witness, detections):
    unmeasured = landmarks_of(crowd, 0, measured=False)
    some = {**detections, samples[0].id: unmeasured}
    del some[samples[1].id]

    said = witness.directions(samples, some)

    assert sorted(said) == sorted(sample.id for sample in samples[2:])
    lengths = np.linalg.norm(np.stack(list(said.values())), axis=-1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_what_it_says_does_not_depend_on_the_landmarks(samples, witness, detections):
    others = {
        sample_id: replace(detection, landmarks_m=detection.landmarks_m * [1, 1, -1])
        for sample_id, detection in detections.items()
    }

    for sample_id, said in witness.directions(samples, detections).items():
        np.testing.assert_array_equal(said, witness.directions(samples, others)[sample_id])


def test_features_of_the_picture_tell_it_more(samples, witness, detections):
    features = np.random.default_rng(0).random((2, 2304)).astype(np.float16)
    pictured = {
        sample_id: replace(detection, trunk_features=features)
        for sample_id, detection in detections.items()
    }

    without, with_features = (witness.directions(samples, of) for of in (detections, pictured))

    first = samples[0].id
    assert np.abs(without[first] - with_features[first]).max() > 1e-3


def test_landmarks_that_the_head_contradicts_weigh_less(samples, witness, detections):
    mirrored = {
        sample_id: replace(
            detection, landmarks_m=(detection.landmarks_m * [1, 1, -1]).astype(np.float32)
        )
        for sample_id, detection in detections.items()
    }

    right, wrong = (
        np.stack([w for _, w in DetectedDirections.of(samples, of, witness).by_sample.values()])
        for of in (detections, mirrored)
    )

    assert wrong[..., 2].mean() < 0.8 * right[..., 2].mean()


def test_nothing_is_asked_where_nothing_was_measured(samples, witness):
    assert witness.directions(samples, {}) == {}
