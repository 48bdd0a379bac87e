"""What the head is told of stored samples: nothing that the detector did not see."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.engine.regression.seen_people import ANKLES, SeenSample, seen_people
from core.types.detected_landmarks import DetectedLandmarks
from core.types.trunk_features import TRUNK_SIZE


def measured(agreement=0.9, *, seen=True):
    landmarks = np.random.default_rng(0).normal(size=(33, 3)).astype(np.float32)
    pixels = np.concatenate([landmarks[:, :2], np.ones((33, 1))], axis=1).astype(np.float32)
    return DetectedLandmarks(
        landmarks_px=pixels if seen else None,
        landmarks_m=landmarks if seen else None,
        agreement=agreement,
        score=0.5,
        networks="test",
    )


def keypoints(value=1.0):
    return np.full((49, 3), value, np.float32)


@pytest.mark.parametrize(
    "landmarks", [None, measured(seen=False), measured(agreement=0.3)], ids=["none", "lost", "odd"]
)
def test_bones_that_no_one_may_trust_are_not_seen(landmarks):
    people = seen_people([SeenSample(keypoints_crop_px=keypoints(), landmarks=landmarks)])
    assert not people.bones.visibility.any()
    assert not people.bones.directions.any()


def test_each_sample_keeps_its_own():
    features = np.ones((2, TRUNK_SIZE), np.float16)
    people = seen_people(
        [
            SeenSample(keypoints_crop_px=keypoints(1.0), landmarks=measured()),
            SeenSample(keypoints_crop_px=keypoints(0.5), trunk_features=features),
        ]
    )
    assert people.bones.visibility[0].all()
    assert not people.bones.visibility[1].any()
    assert people.has_trunk.tolist() == [False, True]
    assert people.trunk[1].min() == 1
    torch.testing.assert_close(people.confidence, torch.tensor([[1.0], [0.5]]).expand(2, 49))


@pytest.mark.parametrize("ankle", [None, *ANKLES])
def test_features_of_someone_without_ankles_tell_the_head_nothing(ankle):
    cut = keypoints()
    cut[ANKLES, 2] = 0
    if ankle is not None:
        cut[ankle, 2] = 0.3
    features = np.ones((2, TRUNK_SIZE), np.float16)

    people = seen_people(
        [SeenSample(keypoints_crop_px=cut, landmarks=measured(), trunk_features=features)]
    )

    assert people.has_trunk.item() == (ankle is not None)
    assert people.trunk.any().item() == (ankle is not None)
    assert people.bones.visibility.all()


def test_a_joint_that_is_not_finite_is_absent():
    odd = keypoints()
    odd[3, 0] = np.nan
    people = seen_people([SeenSample(keypoints_crop_px=odd)])
    assert people.confidence[0, 3] == 0
    assert torch.isfinite(people.keypoints_crop_px).all()


def test_there_may_be_no_sample():
    assert len(seen_people([])) == 0
