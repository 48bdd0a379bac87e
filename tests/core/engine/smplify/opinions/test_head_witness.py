"""The head behind the detector says what it thinks of bones without having seen their landmarks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.body.bone_directions import directions_between_keypoints
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.replayed_people import ReplayedPeople
from core.engine.regression.seen_people import ANKLES
from core.engine.smplify.detected_directions import DetectedDirections
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.geometry.boxes import Box
from core.types.detected_landmarks import DetectedLandmarks
from core.types.samples import Sample
from core.types.trunk_features import TRUNK_SIZE
from tests.core.workflows.test_detected_directions import landmarks_of
from tests.core.workflows.test_lifting import Crowd

WHOLE_CROP = Box(112.0, 112.0, 224.0)
"""The box of a picture that is the crop."""


class WellInformed(HeadWitness):
    """A head that saw pictures of the crowd, and that is right."""

    def __init__(self, body: KeypointBody, crowd: Crowd) -> None:
        super().__init__(body)
        self._crowd = crowd

    def directions(self, samples, detections):
        true = directions_between_keypoints(self._crowd.keypoints_3d).numpy()
        return {sample.id: true[row] for row, sample in enumerate(samples)}


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
    features = np.zeros((2, TRUNK_SIZE), np.float16)
    return {
        sample.id: replace(landmarks_of(crowd, row), trunk_features=features)
        for row, sample in enumerate(samples)
    }


def test_the_head_is_asked_about_those_who_have_landmarks_and_features(
    samples, crowd, witness, detections
):
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


def test_what_it_says_depends_on_the_picture(samples, witness, detections):
    features = np.random.default_rng(0).random((2, TRUNK_SIZE)).astype(np.float16)
    pictured = {
        sample_id: replace(detection, trunk_features=features)
        for sample_id, detection in detections.items()
    }

    of_one, of_other = (witness.directions(samples, of) for of in (detections, pictured))

    first = samples[0].id
    assert np.abs(of_one[first] - of_other[first]).max() > 1e-3


def test_who_has_not_seen_the_picture_is_no_witness(samples, witness, detections):
    measured_before = {
        sample_id: replace(detection, trunk_features=None)
        for sample_id, detection in detections.items()
    }

    assert witness.directions(samples, measured_before) == {}
    judged, plain = (
        DetectedDirections.of(samples, measured_before, asked).by_sample
        for asked in (witness, None)
    )
    for sample in samples:
        np.testing.assert_array_equal(judged[sample.id][1], plain[sample.id][1])


def test_with_the_picture_it_knows_where_bones_point(samples, witness, detections, open_body):
    people = ReplayedPeople.load().rows(torch.arange(len(samples)))
    keypoints_crop_px = torch.cat(
        (people.seen.keypoints_crop_px, people.seen.confidence[..., None]), dim=-1
    )
    pictured = [
        replace(sample, keypoints_px=keypoints, box=WHOLE_CROP)
        for sample, keypoints in zip(samples, keypoints_crop_px.numpy(), strict=True)
    ]
    seen = {
        sample.id: replace(detections[sample.id], trunk_features=features.numpy())
        for sample, features in zip(samples, people.seen.trunk.half(), strict=True)
    }

    said = witness.directions(pictured, seen)

    bodies = KeypointBody(open_body).keypoints(people.rotations, people.betas)
    true = directions_between_keypoints(bodies).numpy()
    cosines = np.stack(
        [
            (said[sample.id] * true[row]).sum(-1)
            for row, sample in enumerate(samples)
            if sample.id in said
        ]
    )
    assert len(cosines) > len(samples) / 2
    assert np.median(np.rad2deg(np.arccos(cosines.clip(-1, 1)))) < 20


def test_who_was_cut_by_the_picture_is_no_witness(samples, witness, detections):
    keypoints_px = samples[0].keypoints_px.copy()
    keypoints_px[ANKLES, 2] = 0

    said = witness.directions(
        [replace(samples[0], keypoints_px=keypoints_px), *samples[1:]], detections
    )

    assert sorted(said) == sorted(sample.id for sample in samples[1:])


def test_landmarks_that_the_head_contradicts_weigh_less(samples, crowd, detections, open_body):
    mirrored = {
        sample_id: replace(
            detection, landmarks_m=(detection.landmarks_m * [1, 1, -1]).astype(np.float32)
        )
        for sample_id, detection in detections.items()
    }

    right, wrong = (
        np.stack(
            [
                weights
                for _, weights in DetectedDirections.of(
                    samples, of, WellInformed(KeypointBody(open_body), crowd)
                ).by_sample.values()
            ]
        )
        for of in (detections, mirrored)
    )

    assert wrong[..., 2].mean() < 0.8 * right[..., 2].mean()


def test_nothing_is_asked_where_nothing_was_measured(samples, witness):
    assert witness.directions(samples, {}) == {}
