"""Usable keypoints are counted alike in arrays of NumPy and of PyTorch."""

from __future__ import annotations

import numpy as np
import torch

from core.body.conventions import IGNORED_KEYPOINTS
from core.body.usable_keypoints import usable_keypoint_count
from core.dictionary.assessment.derived_flags import keypoint_flags
from core.engine.failure_detection.rules import MISSING_KEYPOINTS, RULE_THRESHOLD


def test_ignored_and_absent_joints_do_not_count_in_either_library():
    confidence = np.zeros((3, 49), np.float32)
    confidence[0, [0, 2, 3, *IGNORED_KEYPOINTS]] = 1
    confidence[1, list(IGNORED_KEYPOINTS)] = 1
    confidence[2] = 0.1
    expected = [3, 0, 49 - len(IGNORED_KEYPOINTS)]
    assert usable_keypoint_count(confidence).tolist() == expected
    assert usable_keypoint_count(torch.from_numpy(confidence)).tolist() == expected


def test_the_rule_and_the_dictionary_call_the_same_people_poor_in_keypoints():
    for count in range(1, 12):
        score = float(MISSING_KEYPOINTS.score(-torch.tensor(float(count))))
        assert (score >= RULE_THRESHOLD) is bool(keypoint_flags(count))
