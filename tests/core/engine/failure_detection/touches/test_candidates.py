"""Which keypoints people are asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.body.conventions import IGNORED_KEYPOINTS, KEYPOINT_TWINS
from core.engine.failure_detection.touches.candidates import (
    LIMB_JOINTS,
    LeftOut,
    asked_names,
    placeable,
)
from core.engine.smplify.inputs import Keypoints2D

WRISTS = (7, 36)
NECK = 1


@pytest.fixture
def whole(make_people) -> Keypoints2D:
    """Two people with all 49 keypoints."""
    return replace(make_people(2, seed=1).keypoints, confidence=torch.ones(2, 49), marked=None)


def without(keypoints: Keypoints2D, names: tuple[int, ...]) -> Keypoints2D:
    confidence = keypoints.confidence.clone()
    confidence[0, list(names)] = 0.0
    return replace(keypoints, confidence=confidence)


def pairs(left_out: LeftOut) -> dict[tuple[int, int], bool]:
    rows = zip(
        left_out.person.tolist(), left_out.keypoint.tolist(), left_out.missing.tolist(), strict=True
    )
    return {(person, keypoint): missing for person, keypoint, missing in rows}


def test_a_limbs_joint_without_any_keypoint_is_asked_for_as_missing(whole, keypoint_body):
    wrist = int(keypoint_body.distinct_of_keypoint[WRISTS[0]])
    found = pairs(LeftOut.of(without(whole, WRISTS), keypoint_body))
    assert found[0, wrist] is True
    assert found[1, wrist] is False
    assert [pair for pair, missing in found.items() if missing] == [(0, wrist)]


def test_one_of_two_names_is_enough_to_be_there(whole, keypoint_body):
    wrist = int(keypoint_body.distinct_of_keypoint[WRISTS[0]])
    assert pairs(LeftOut.of(without(whole, WRISTS[:1]), keypoint_body))[0, wrist] is False


def test_what_fits_ignore_and_what_is_no_limb_is_not_asked_for_when_it_is_missing(
    whole, keypoint_body
):
    ignored = {int(keypoint_body.distinct_of_keypoint[index]) for index in IGNORED_KEYPOINTS}
    nothing = replace(whole, confidence=torch.zeros(2, 49))
    found = pairs(LeftOut.of(nothing, keypoint_body))
    assert all(found.values())
    assert not {keypoint for _, keypoint in found} & ignored
    assert len(found) == 2 * len(LIMB_JOINTS)
    assert placeable(keypoint_body).sum() == len(LIMB_JOINTS)


def test_what_a_person_placed_or_took_away_is_not_asked_for(whole, keypoint_body):
    wrist = int(keypoint_body.distinct_of_keypoint[WRISTS[0]])
    marked = torch.zeros(2, 49, dtype=torch.bool)
    marked[:, WRISTS[1]] = True
    found = pairs(LeftOut.of(replace(without(whole, WRISTS), marked=marked), keypoint_body))
    assert (0, wrist) not in found
    assert (1, wrist) not in found


def test_people_with_openposes_keypoints_alone_are_asked_for_those(whole):
    present = torch.ones(2, 49, dtype=torch.bool)
    present[0, 25:] = False
    asked = asked_names(present)
    assert asked[0].nonzero()[:, 0].tolist() == sorted(LIMB_JOINTS)
    assert asked[1].nonzero()[:, 0].tolist() == sorted(
        KEYPOINT_TWINS[joint][0] for joint in LIMB_JOINTS
    )
