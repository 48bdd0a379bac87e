"""Features of the trunk belong to one person, and to the mirrored person as well."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.conventions import KEYPOINT_FLIP
from core.engine.detection.movenet import MoveNet
from core.engine.detection.trunk_features import trunk_features
from core.pictures.decoding import load_picture
from core.types.trunk_features import TRUNK_CHANNELS, TRUNK_SIZE


@pytest.fixture(scope="module")
def network():
    return MoveNet.load().network


@pytest.fixture(scope="module")
def people(demo_samples):
    return [sample for sample in demo_samples if (sample.keypoints_px[:, 2] > 0).sum() > 20][:3]


def alike(first, second) -> float:
    return float(np.corrcoef(first.astype(np.float64), second.astype(np.float64))[0, 1])


def test_the_second_features_are_those_of_the_mirrored_picture(network, people):
    for sample in people:
        picture = load_picture(sample.picture_path)
        mirrored = sample.keypoints_px[list(KEYPOINT_FLIP)].copy()
        mirrored[:, 0] = picture.shape[1] - 1 - mirrored[:, 0]
        seen = mirrored[:, 2] > 0
        features = trunk_features(
            network, picture, sample.keypoints_px[sample.keypoints_px[:, 2] > 0]
        )
        of_mirrored = trunk_features(
            network, np.ascontiguousarray(picture[:, ::-1]), mirrored[seen]
        )
        assert features.shape == (2, TRUNK_SIZE)
        # The middle of a crop lies on a pixel's corner, so that mirroring shifts it by one.
        assert alike(of_mirrored[0], features[1]) > 0.97
        assert alike(of_mirrored[1], features[0]) > 0.97
        assert alike(features[0], features[1]) < 0.97


def test_people_differ_more_than_a_person_from_a_shifted_crop(network, people):
    def of(sample, shift_px=0.0):
        keypoints = sample.keypoints_px[sample.keypoints_px[:, 2] > 0].copy()
        keypoints[:, :2] += shift_px
        return trunk_features(network, load_picture(sample.picture_path), keypoints)[0]

    first, other = of(people[0]), of(people[1])
    same = alike(first[:TRUNK_CHANNELS], of(people[0], shift_px=2.0)[:TRUNK_CHANNELS])
    assert same > alike(first[:TRUNK_CHANNELS], other[:TRUNK_CHANNELS])


def test_a_finder_gives_the_features_of_whom_it_measures(people_finder, network, people):
    sample = people[0]
    picture = load_picture(sample.picture_path)
    person = people_finder.measure(picture, box=sample.box)
    own = trunk_features(network, picture, person.coco_keypoints_px)
    assert alike(person.trunk_features[0], own[0]) > 0.9999
    assert alike(person.trunk_features[1], own[1]) > 0.9999
