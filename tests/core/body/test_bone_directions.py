"""Bones point from their first keypoint to their second, for arrays and tensors alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.bone_directions import (
    BONES,
    bone_directions,
    bone_visibility,
    directions_between_keypoints,
)
from core.body.conventions import KEYPOINT_FLIP, KEYPOINT_NAMES
from core.body.landmarks import BODY_25_LANDMARKS, COCO_17_LANDMARKS, LANDMARK_NAMES
from core.errors import ShapeError

RIGHT_SHOULDER, RIGHT_ELBOW = 12, 14


def test_directions_are_unit_vectors_from_one_end_to_the_other():
    landmarks = np.random.default_rng(0).normal(size=(2, 33, 3))
    directions = bone_directions(landmarks)
    assert np.allclose(np.linalg.norm(directions, axis=-1), 1)
    assert BONES[0] == (2, 3)
    arm = landmarks[:, RIGHT_ELBOW] - landmarks[:, RIGHT_SHOULDER]
    assert np.allclose(directions[:, 0], arm / np.linalg.norm(arm, axis=-1, keepdims=True))


def test_tensors_give_what_arrays_give_and_gradients_are_finite():
    landmarks = np.random.default_rng(1).normal(size=(33, 3))
    landmarks[RIGHT_ELBOW] = landmarks[RIGHT_SHOULDER]
    tensor = torch.from_numpy(landmarks).requires_grad_()
    directions = bone_directions(tensor)
    assert np.allclose(directions.detach().numpy(), bone_directions(landmarks))


def test_ends_that_coincide_or_are_unknown_tell_no_direction():
    landmarks = np.random.default_rng(2).normal(size=(33, 3))
    landmarks[RIGHT_ELBOW] = landmarks[RIGHT_SHOULDER]
    landmarks[13] = np.nan
    directions = bone_directions(landmarks)
    assert (directions[0] == 0).all()
    assert (directions[2] == 0).all()
    assert np.isfinite(directions).all()


def test_keypoints_of_bodies_tell_the_same_directions_as_arrays_and_as_tensors():
    keypoints = np.random.default_rng(3).normal(size=(2, 49, 3))
    keypoints[1, 3] = keypoints[1, 2]
    directions = directions_between_keypoints(keypoints)
    arm = keypoints[0, 3] - keypoints[0, 2]
    assert np.allclose(directions[0, 0], arm / np.linalg.norm(arm))
    assert (directions[1, 0] == 0).all()
    from_tensors = directions_between_keypoints(torch.from_numpy(keypoints))
    assert np.allclose(from_tensors.numpy(), directions)
    with pytest.raises(ShapeError):
        directions_between_keypoints(keypoints[:, :33])


def test_a_bone_is_as_visible_as_its_less_visible_end():
    landmarks = np.ones((33, 3))
    landmarks[RIGHT_ELBOW, 2] = 0.25
    assert bone_visibility(landmarks).tolist() == [0.25, 0.25] + [1.0] * 10


def test_other_shapes_are_refused():
    with pytest.raises(ShapeError):
        bone_directions(np.zeros((17, 3)))
    with pytest.raises(ShapeError):
        bone_visibility(np.zeros((33, 2)))


def test_landmarks_lie_on_the_side_of_their_keypoints():
    for keypoint, sources in enumerate(BODY_25_LANDMARKS):
        sides = {LANDMARK_NAMES[source].split()[0] for source in sources}
        name = KEYPOINT_NAMES[keypoint]
        if name.startswith("OP L"):
            assert sides <= {"left"}
        elif name.startswith("OP R"):
            assert sides <= {"right"}
    assert len(COCO_17_LANDMARKS) == 17


def test_bones_of_both_sides_mirror_each_other():
    mirrored = {tuple(KEYPOINT_FLIP[end] for end in bone) for bone in BONES}
    assert {frozenset(bone) for bone in mirrored} == {frozenset(bone) for bone in BONES}
