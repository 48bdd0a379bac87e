"""The lifter: what its input ignores, and what its file may hold."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.body.conventions import (
    COCO_17_TO_KEYPOINTS,
)
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import Lifter
from core.engine.regression.lifter_input import INPUT_SIZE, lifter_input
from core.engine.regression.lifter_network import LiftingNetwork
from core.engine.smplify.pose_prior import PosePrior
from core.errors import ShapeError, UserFileError
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, facing_root

PEOPLE = 8


@pytest.fixture(scope="module")
def people(open_body: BodyModel) -> SimpleNamespace:
    """Prior poses seen from the front: where their keypoints are, all of them sure."""
    poses = PosePrior.load().sample(PEOPLE, np.random.default_rng(0))
    joints = axis_angle_to_matrix(torch.tensor(poses, dtype=torch.float32).view(PEOPLE, 23, 3))
    root = facing_root(torch.zeros(PEOPLE, 1))
    keypoints = KeypointBody(open_body).keypoints(
        torch.cat([root, joints], dim=1), torch.zeros(PEOPLE, 10)
    )
    camera = torch.tensor([[0.05, -0.1, 48.0]]).expand(PEOPLE, 3)
    return SimpleNamespace(
        seen=project_to_crop(keypoints, camera), confidence=torch.ones(PEOPLE, 49)
    )


def untrained(*, width: int = 16, blocks: int = 1) -> Lifter:
    torch.manual_seed(0)
    network = LiftingNetwork(width=width, blocks=blocks)
    return Lifter(network, joint_spread_rad=torch.full((24,), 0.3), body_name="a body")


def with_joints(confidence: Tensor, joints: tuple[int, ...]) -> Tensor:
    kept = torch.zeros_like(confidence)
    kept[:, list(joints)] = confidence[:, list(joints)]
    return kept


# The input


def test_place_and_size_in_the_picture_do_not_reach_the_network(people):
    elsewhere = 3.7 * people.seen + torch.tensor([900.0, -50.0])
    torch.testing.assert_close(
        lifter_input(elsewhere, people.confidence),
        lifter_input(people.seen, people.confidence),
        atol=1e-4,
        rtol=0,
    )


def test_a_joint_seen_twice_counts_like_one_seen_once(people):
    """Right knee: BODY_25's 10 and the annotated 26 are the same point of the body."""
    both = with_joints(people.confidence, (2, 5, 10, 13, 26))
    once = with_joints(people.confidence, (2, 5, 10, 13))
    torch.testing.assert_close(lifter_input(people.seen, both), lifter_input(people.seen, once))


def test_the_surer_of_two_sightings_counts_more():
    seen, confidence = torch.zeros(1, 49, 2), torch.zeros(1, 49)
    seen[0, 10], seen[0, 26] = torch.tensor([10.0, 0.0]), torch.tensor([20.0, 0.0])
    confidence[0, [10, 26]] = torch.tensor([0.75, 0.25])
    seen[0, 5], confidence[0, 5] = torch.tensor([0.0, 12.5]), 0.75
    inputs = lifter_input(seen, confidence)[0].view(3, -1)
    x, y = inputs[0][inputs[2] > 0], inputs[1][inputs[2] > 0]
    # Met at (12.5, 0): as far along x from the shoulder at (0, 12.5) as along y.
    torch.testing.assert_close((x[0] - x[1]).abs(), (y[0] - y[1]).abs())


def test_what_stands_at_absent_joints_does_not_matter(people):
    confidence = with_joints(people.confidence, COCO_17_TO_KEYPOINTS)
    rubbish = torch.where(confidence[..., None] > 0, people.seen, torch.nan)
    torch.testing.assert_close(
        lifter_input(rubbish, confidence), lifter_input(people.seen, confidence)
    )


@pytest.mark.parametrize("joints", [(), (0,), (0, 44)])
def test_next_to_nothing_seen_gives_a_finite_input_and_a_body(people, joints):
    confidence = with_joints(people.confidence, joints)
    assert torch.isfinite(lifter_input(people.seen, confidence)).all()
    lifted = untrained().lift(people.seen, confidence)
    torch.testing.assert_close(torch.linalg.det(lifted.rotations), torch.ones(PEOPLE, 24))


def test_a_joint_thrown_far_away_is_cut(people):
    seen = people.seen.clone()
    seen[:, 4] = 1e6
    inputs = lifter_input(seen, people.confidence)
    assert inputs.shape == (PEOPLE, INPUT_SIZE)
    assert inputs.abs().max() <= 4


def test_other_shapes_are_refused(people):
    with pytest.raises(ShapeError, match="keypoints_crop_px"):
        lifter_input(people.seen[:, :25], people.confidence)
    with pytest.raises(ShapeError, match="confidence"):
        lifter_input(people.seen, people.confidence[:, :25])


# The file


def test_a_saved_lifter_comes_back(people, tmp_path: Path):
    lifter = untrained()
    lifter.save(tmp_path / "lifter.npz")
    loaded = Lifter.load(tmp_path / "lifter.npz")
    assert loaded.body_name == "a body"
    torch.testing.assert_close(loaded.joint_spread_rad, lifter.joint_spread_rad)
    first, second = (item.lift(people.seen, people.confidence) for item in (lifter, loaded))
    torch.testing.assert_close(first.rotations, second.rotations, atol=2e-3, rtol=0)


def _changed(path: Path, **changes: object) -> Path:
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays.update(changes)
    kept = {name: value for name, value in arrays.items() if value is not None}
    np.savez(path, **kept)
    return path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("head.bias", None),
        ("head.bias", np.zeros(3)),
        ("stem.weight", np.full((16, INPUT_SIZE), np.nan)),
        ("stem.bias", np.zeros(10**6)),
        ("something.else", np.zeros(3)),
        ("joint_spread_rad", np.zeros(24)),
        ("joint_spread_rad", None),
        ("body_name", None),
        ("body_name", np.array({"a": 1}, dtype=object)),
        ("stem.bias", np.array(["a", "b"])),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path: Path, name: str, value: object):
    path = tmp_path / "lifter.npz"
    untrained().save(path)
    with pytest.raises(UserFileError, match=r"lifter\.npz"):
        Lifter.load(_changed(path, **{name: value}))


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "lifter.npz"
    path.write_bytes(content)
    with pytest.raises(UserFileError, match=r"lifter\.npz"):
        Lifter.load(path)


def test_the_lifter_doubts_where_a_person_and_the_mirrored_one_come_out_differently(people):
    from core.body.conventions import SKELETON_FLIP
    from core.engine.regression.mirroring import mirrored_confidence, mirrored_positions

    lifter = untrained()
    uncertainty = lifter.lift(people.seen, people.confidence).uncertainty_rad
    assert uncertainty.shape == (PEOPLE, 24)
    assert float(uncertainty.max()) > 0.01, "an untrained network knows nothing of mirrors"
    flipped = lifter.lift(mirrored_positions(people.seen), mirrored_confidence(people.confidence))
    torch.testing.assert_close(
        flipped.uncertainty_rad[:, list(SKELETON_FLIP)], uncertainty, atol=2e-3, rtol=0
    )
