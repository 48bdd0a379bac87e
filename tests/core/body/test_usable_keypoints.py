"""Usable keypoints are counted by one rule in arrays of NumPy and in tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.body.conventions import IGNORED_KEYPOINTS
from core.body.usable_keypoints import (
    body_confidence,
    enough_keypoints,
    has_usable_keypoints,
    usable_keypoint_count,
    without_absent,
)
from core.engine.failure_detection.rules import MISSING_KEYPOINTS, RULE_THRESHOLD
from core.errors import ShapeError
from core.types.limits import FEW_KEYPOINTS

KINDS = [np.asarray, torch.as_tensor]


def some_confidences() -> np.ndarray:
    confidence = np.zeros((4, 49), np.float32)
    confidence[0, [0, 2, 3, *IGNORED_KEYPOINTS]] = 1
    confidence[1, list(IGNORED_KEYPOINTS)] = 1
    confidence[2] = 0.1
    confidence[3, [0, 2, 3, 4]] = 0.01
    return confidence


@pytest.mark.parametrize("kind", KINDS)
def test_ignored_and_absent_joints_do_not_count(kind: Any) -> None:
    confidence = kind(some_confidences())
    assert usable_keypoint_count(confidence).tolist() == [3, 0, 49 - len(IGNORED_KEYPOINTS), 4]
    assert has_usable_keypoints(confidence).tolist() == [False, False, True, True]


@pytest.mark.parametrize("kind", KINDS)
def test_the_callers_confidences_are_left_alone(kind: Any) -> None:
    """The published code zeroed them, and so changed the camera stage of all that followed."""
    confidence = kind(np.ones((1, 49), np.float32))
    kept = body_confidence(confidence)
    assert kept.dtype == confidence.dtype
    assert float(kept.sum()) == 49 - len(IGNORED_KEYPOINTS)
    assert float(confidence.sum()) == 49


@pytest.mark.parametrize("kind", KINDS)
def test_a_joint_that_is_not_finite_is_absent(kind: Any) -> None:
    keypoints = np.ones((49, 3), np.float32)
    keypoints[4:] = 0
    keypoints[5], keypoints[6] = (np.nan, 1, 1), (1, 1, -1)
    assert without_absent(kind(keypoints))[4:].tolist() == [[0, 0, 0]] * 45
    keypoints[1] = 0  # ignored anyway
    assert not enough_keypoints(kind(keypoints))
    keypoints[7] = 1
    assert enough_keypoints(kind(keypoints))
    keypoints[7, 0] = np.inf
    assert not enough_keypoints(kind(keypoints))


@pytest.mark.parametrize("kind", KINDS)
def test_other_shapes_are_refused(kind: Any) -> None:
    with pytest.raises(ShapeError, match="confidence"):
        usable_keypoint_count(kind(np.ones(25)))
    with pytest.raises(ShapeError, match="keypoints"):
        enough_keypoints(kind(np.ones((25, 3))))


def test_the_rule_and_the_dictionary_call_the_same_people_poor_in_keypoints() -> None:
    for count in range(1, 12):
        score = float(MISSING_KEYPOINTS.score(-torch.tensor(float(count))))
        assert (score >= RULE_THRESHOLD) is (count < FEW_KEYPOINTS)
