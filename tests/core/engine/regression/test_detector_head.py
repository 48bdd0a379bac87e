"""The head behind the detector: left and right alike, what is absent, and odd files."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.body.conventions import SKELETON_FLIP
from core.engine.regression.checkpoints import load_regressor
from core.engine.regression.detector_head import DetectorHead, SeenPeople, network_inputs
from core.engine.regression.head_checkpoints import head_state, load_detector_head
from core.engine.regression.landmark_bones import (
    LANDMARK_BONES,
    LandmarkBones,
    bones_of_keypoints,
    bones_of_landmarks,
)
from core.engine.regression.lifter_input import lifter_input
from core.engine.regression.mirroring import mirrored_rotations
from core.engine.regression.weight_files import write_weight_file
from core.errors import ShapeError, UserFileError
from core.geometry.rotations import axis_angle_to_matrix
from core.types.trunk_features import TRUNK_SIZE

PEOPLE = 6


def untrained() -> DetectorHead:
    """A head that says something else of everybody: its last layers are not zero."""
    torch.manual_seed(0)
    head = DetectorHead(width=32, blocks=1, body_name="a body")
    torch.nn.init.normal_(head.head.weight, std=0.05)
    torch.nn.init.normal_(head.spread.weight, std=0.3)
    head.joint_spread_scale.uniform_(0.5, 2.0)
    return head.eval()


def seen(count: int = PEOPLE, seed: int = 0) -> SeenPeople:
    """People of random numbers, for some of whom landmarks or features are missing."""
    generator = torch.Generator().manual_seed(seed)
    landmarks_m = torch.randn(count, 33, 3, generator=generator)
    visibility = torch.rand(count, 33, generator=generator)
    visibility[0] = 0
    return SeenPeople(
        224 * torch.rand(count, 49, 2, generator=generator),
        torch.rand(count, 49, generator=generator),
        bones_of_landmarks(landmarks_m, visibility),
        torch.randn(count, 2, TRUNK_SIZE, generator=generator),
        torch.arange(count) % 3 > 0,
    )


# Left and right


def test_a_mirrored_person_gets_exactly_the_mirrored_body():
    head, people = untrained(), seen()
    straight, mirrored = head.bodies(people), head.bodies(people.mirrored())
    torch.testing.assert_close(
        mirrored.rotations, mirrored_rotations(straight.rotations), atol=2e-5, rtol=0
    )
    torch.testing.assert_close(mirrored.betas, straight.betas, atol=1e-6, rtol=0)
    torch.testing.assert_close(
        mirrored.spread_rad, straight.spread_rad[:, list(SKELETON_FLIP)], atol=1e-6, rtol=1e-5
    )


def test_mirroring_people_twice_changes_nothing():
    people = seen()
    back = people.mirrored().mirrored()
    torch.testing.assert_close(back.keypoints_crop_px, people.keypoints_crop_px)
    torch.testing.assert_close(back.bones.directions, people.bones.directions)
    torch.testing.assert_close(back.trunk, people.trunk)


def test_bones_of_a_mirrored_body_are_its_mirrored_bones(keypoint_body):
    generator = torch.Generator().manual_seed(1)
    pose = axis_angle_to_matrix(0.4 * torch.randn(3, 24, 3, generator=generator))
    betas = torch.randn(3, 10, generator=generator)
    bones = bones_of_keypoints(keypoint_body.keypoints(pose, betas))
    of_mirrored = bones_of_keypoints(keypoint_body.keypoints(mirrored_rotations(pose), betas))
    # The open body is not symmetric to the last millimetre.
    apart = (of_mirrored.directions - bones.mirrored().directions).norm(dim=-1)
    assert apart.max() < 0.1


# What is not seen


def test_what_stands_in_the_features_of_those_without_any_does_not_matter():
    head, people = untrained(), seen()
    rubbish = people.trunk.clone()
    rubbish[~people.has_trunk] = 1e4
    torch.testing.assert_close(
        head.bodies(replace(people, trunk=rubbish)).rotations, head.bodies(people).rotations
    )


def test_a_hidden_or_lost_landmark_hides_its_bones():
    landmarks_m, visibility = torch.rand(1, 33, 3), torch.ones(1, 33)
    visibility[0, 16] = 0  # right wrist
    landmarks_m[0, 27] = torch.nan  # left ankle
    bones = bones_of_landmarks(landmarks_m, visibility)
    hidden = {((3,), (4,)), ((13,), (14,)), ((14,), (19,))}
    assert {LANDMARK_BONES[row] for row in torch.nonzero(bones.visibility[0] == 0)[:, 0]} == hidden
    assert not bones.directions[bones.visibility == 0].any()
    assert not bones.lengths_m[bones.visibility == 0].any()


def test_directions_are_unit_vectors_and_lengths_metres():
    landmarks_m = torch.zeros(1, 33, 3)
    landmarks_m[0, 12], landmarks_m[0, 14] = torch.tensor([0.0, 0, 0]), torch.tensor([0, 0.3, 0.4])
    bones = bones_of_landmarks(landmarks_m, torch.ones(1, 33))
    torch.testing.assert_close(bones.directions[0, 0], torch.tensor([0.0, 0.6, 0.8]))
    torch.testing.assert_close(bones.lengths_m[0, 0], torch.tensor(0.5))
    # All other landmarks lie on one point, and a bone of no length has no direction.
    assert not bones.visibility[0, 2:].any()


def test_people_known_by_keypoints_alone_get_a_body():
    people = seen()
    alone = SeenPeople.by_keypoints(people.keypoints_crop_px, people.confidence)
    bodies = untrained().bodies(alone)
    torch.testing.assert_close(torch.linalg.det(bodies.rotations), torch.ones(PEOPLE, 24))
    assert (bodies.spread_rad > 0).all()


def test_other_shapes_are_refused():
    people = seen()
    with pytest.raises(ShapeError, match="trunk"):
        replace(people, trunk=people.trunk[:, 0])
    with pytest.raises(ShapeError, match="bones"):
        replace(people, bones=LandmarkBones.none(PEOPLE + 1))
    with pytest.raises(ShapeError, match="landmarks_m"):
        bones_of_landmarks(torch.zeros(2, 32, 3), torch.zeros(2, 32))


def test_the_first_inputs_are_those_of_the_lifter():
    people = seen()
    inputs, _, _ = network_inputs(people)
    of_lifter = lifter_input(people.keypoints_crop_px, people.confidence)
    torch.testing.assert_close(inputs[:, : of_lifter.shape[1]], of_lifter)


# Files


def test_a_head_reads_back_as_it_was_written(tmp_path):
    head, people = untrained(), seen()
    write_weight_file(tmp_path / "head.pt", head_state(head))
    again = load_detector_head(tmp_path / "head.pt")
    assert again.body_name == "a body"
    assert not again.training
    torch.testing.assert_close(again.bodies(people).rotations, head.bodies(people).rotations)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "spin-studio-regressor"}, "format"),
        ({"version": 2}, "version"),
        ({"width": 10**9}, "width"),
        ({"width": 31}, "of shape"),
        ({"blocks": "1"}, "blocks"),
        ({"model": {}}, "not there"),
        ({"model": None}, "model"),
    ],
)
def test_a_file_of_something_else_is_refused_by_name(tmp_path, change, said):
    path = tmp_path / "head.pt"
    write_weight_file(path, {**head_state(untrained()), **change})
    with pytest.raises(UserFileError, match=said):
        load_detector_head(path)


def test_a_head_is_no_regressor_that_looks_at_pictures(tmp_path):
    path = tmp_path / "head.pt"
    write_weight_file(path, head_state(untrained()))
    with pytest.raises(UserFileError, match="looks at no picture"):
        load_regressor(path)
