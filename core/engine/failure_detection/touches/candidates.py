"""Which keypoints a person may be asked for: those that count, and limbs' joints that are missing.

A limb's joint that no keypoint shows is placed by one click like any other, and the fit, which only
guessed at it, learns more from it than from most that are there.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.conventions import KEYPOINT_TWINS, OPENPOSE_KEYPOINTS
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import Keypoints2D

LIMB_JOINTS = (2, 3, 4, 5, 6, 7, 10, 11, 13, 14)
"""Shoulders, elbows, wrists, knees and ankles, by OpenPose's names; each has an annotated twin."""


def placeable(body: KeypointBody) -> Tensor:
    """``(U,)`` bool: the distinct keypoints that are asked for where they are missing."""
    there = torch.zeros(body.num_distinct, dtype=torch.bool, device=body.device)
    there[body.distinct_of_keypoint[list(LIMB_JOINTS)]] = True
    return there


def asked_names(present: Tensor) -> Tensor:
    """``(B, 49)`` bool: by which name each limb's joint is asked for, whether it is there or not.

    By the annotated one, but of people who have OpenPose's keypoints alone by that.

    Args:
        present: ``(B, 49)`` bool, the keypoints that are there.
    """
    openpose = present[:, :OPENPOSE_KEYPOINTS].any(1) & ~present[:, OPENPOSE_KEYPOINTS:].any(1)
    names = torch.zeros_like(present)
    names[:, list(LIMB_JOINTS)] = openpose[:, None]
    names[:, [KEYPOINT_TWINS[joint][0] for joint in LIMB_JOINTS]] = ~openpose[:, None]
    return names


@dataclass(frozen=True, eq=False)
class LeftOut:
    """R pairs of a person and a keypoint: rows of the batch, and distinct keypoints ``(R,)``.

    missing: (R,) bool, those that no keypoint shows yet.
    """

    person: Tensor
    keypoint: Tensor
    missing: Tensor

    @classmethod
    def of(cls, keypoints: Keypoints2D, body: KeypointBody) -> LeftOut:
        """Every keypoint that counts, of everybody, and the limbs' joints that are missing.

        Those that a person placed are right, and those that a person took away are not there.
        """
        there = _of_any_name(body, keypoints.body_confidence > 0)
        missing = ~_of_any_name(body, keypoints.confidence > 0) & placeable(body)
        asked = there | missing
        if keypoints.marked is not None:
            asked &= ~_of_any_name(body, keypoints.marked)
        person, keypoint = asked.nonzero(as_tuple=True)
        return cls(person, keypoint, missing[person, keypoint])

    def rows(self, chosen: Tensor | slice) -> LeftOut:
        """Some of the pairs."""
        return LeftOut(self.person[chosen], self.keypoint[chosen], self.missing[chosen])

    def confidence(self, keypoints: Keypoints2D, body: KeypointBody) -> Tensor:
        """``(R, 49)`` with zeros for all names of the keypoint that is left out."""
        same = body.distinct_of_keypoint[None] == self.keypoint[:, None]
        return torch.where(same, 0.0, keypoints.confidence[self.person])


def _of_any_name(body: KeypointBody, names: Tensor) -> Tensor:
    """``(B, U)``: whether it holds of any of the names ``(B, 49)`` of a distinct keypoint."""
    there = names.new_zeros(len(names), body.num_distinct, dtype=torch.int32)
    index = body.distinct_of_keypoint.expand_as(names)
    return there.scatter_add(1, index, names.int()) > 0
