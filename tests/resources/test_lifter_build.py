"""What the lifter is trained on, how it is split, and that its training can stop and go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.mirroring import mirrored_rotations
from core.errors import StudioError
from core.geometry.rotations import axis_angle_to_matrix
from resources.lifter.build.bodies import PoseSet, Recordings, training_poses
from resources.lifter.build.cameras import see
from resources.lifter.build.detection import LAYOUTS, detect
from resources.lifter.build.splits import held_out_actions, held_out_clips
from resources.lifter.build.training import Settings, Training, loss_parts
from resources.resumable_training import train

TINY = Settings(width=32, blocks=1, batch=16, steps=40, dropout=0.2)


def some_poses(count: int = 50) -> PoseSet:
    generator = torch.Generator().manual_seed(0)
    vectors = 0.4 * torch.randn(count, 24, 3, generator=generator)
    vectors[:, 0] *= 0.2
    return PoseSet(axis_angle_to_matrix(vectors), torch.full((count,), 1 / count).double())


@pytest.fixture(scope="module")
def body(open_body: BodyModel) -> KeypointBody:
    return KeypointBody(open_body)


def is_rotation(matrices: torch.Tensor) -> bool:
    identity = torch.eye(3).expand_as(matrices)
    proper = torch.linalg.det(matrices).min() > 0
    return bool(proper and torch.allclose(matrices @ matrices.mT, identity, atol=1e-4))


def test_training_poses_are_rotations_and_repeat_with_the_seed():
    first, second = (
        training_poses(some_poses(), 200, torch.Generator().manual_seed(7)) for _ in range(2)
    )
    assert is_rotation(first)
    assert torch.equal(first, second)


def test_mirroring_twice_changes_nothing():
    matrices = some_poses().matrices
    torch.testing.assert_close(mirrored_rotations(mirrored_rotations(matrices)), matrices)


def test_bodies_are_seen_inside_their_crops_from_every_side(body):
    generator = torch.Generator().manual_seed(0)
    seen = see(body, some_poses(50).matrices.repeat(10, 1, 1, 1), generator)
    assert is_rotation(seen.rotations[:, 0])
    inside = (seen.positions_crop_px > 0) & (seen.positions_crop_px < 224)
    assert inside.float().mean() > 0.97
    facing = seen.rotations[:, 0, 2, 2]
    assert 0.3 < (facing < 0).float().mean() < 0.7


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_a_layout_never_has_joints_of_another(body, layout):
    generator = torch.Generator().manual_seed(0)
    truth = 224 * torch.rand(300, 49, 2, generator=generator)
    keypoints = detect(truth, generator, layout=layout)
    others = [joint for joint in range(49) if joint not in LAYOUTS[layout]]
    assert not keypoints.confidence[:, others].any()
    seen_often = (keypoints.confidence > 0).float().mean(0)[list(LAYOUTS[layout])]
    assert seen_often.min() > 0.3
    assert seen_often.max() < 0.99


def test_most_detections_are_near_and_a_few_far_off(body):
    generator = torch.Generator().manual_seed(0)
    truth = 100 + 100 * torch.rand(500, 49, 2, generator=generator)
    keypoints = detect(truth, generator, layout="all 49")
    error = (keypoints.positions_crop_px - truth).norm(dim=-1)[keypoints.confidence > 0]
    assert error.median() < 4
    assert 0.005 < (error > 20).float().mean() < 0.15


def test_no_clip_is_on_both_sides_and_no_action_leaves_training(shared_folder: Path):
    poses = Recordings.load(shared_folder / "mocap").poses
    hidden = held_out_clips(poses, seed=0)
    assert not set(poses.clips[hidden]) & set(poses.clips[~hidden])
    assert set(poses.actions[~hidden]) == set(poses.actions)
    assert 0.1 < hidden.mean() < 0.35


def test_held_out_actions_leave_nothing_of_them_in_training(shared_folder: Path):
    poses = Recordings.load(shared_folder / "mocap").poses
    hidden = held_out_actions(poses, seed=0)
    assert hidden.any()
    assert not set(poses.actions[hidden]) & set(poses.actions[~hidden])


def test_stopping_and_going_on_gives_the_same_network_to_the_last_bit(body, tmp_path: Path):
    poses = some_poses()
    whole = Training(TINY, poses, body)
    for _ in range(6):
        whole.advance()
    first = Training(TINY, poses, body)
    for _ in range(3):
        first.advance()
    first.save(tmp_path / "checkpoint.pt")
    second = Training(TINY, poses, body)
    torch.manual_seed(99)
    second.resume(tmp_path / "checkpoint.pt")
    for _ in range(3):
        second.advance()
    assert second.step == whole.step
    for name, value in whole.averaged.items():
        assert torch.equal(value, second.averaged[name]), name


def test_a_checkpoint_of_other_settings_than_its_length_is_refused(body, tmp_path: Path):
    Training(TINY, some_poses(), body).save(tmp_path / "checkpoint.pt")
    Training(replace(TINY, steps=41), some_poses(), body).resume(tmp_path / "checkpoint.pt")
    other = Training(replace(TINY, dropout=0.3), some_poses(), body)
    with pytest.raises(StudioError, match="Give the same settings"):
        other.resume(tmp_path / "checkpoint.pt")


def test_training_lowers_its_loss(body, tmp_path: Path):
    settings = replace(TINY, steps=120, dropout=0.0, width=64, batch=32, warm_up_steps=5)
    training = Training(replace(settings, learning_rate=3e-3), some_poses(), body)
    losses = [sum(training.advance().values()) for _ in range(110)]
    assert np.mean(losses[-20:]) < 0.87 * np.mean(losses[:20])
    lines: list[str] = []
    train(training, tmp_path / "checkpoint.pt", seconds=60, tell=lines.append)
    assert training.finished
    assert (tmp_path / "checkpoint.pt").is_file()


def test_the_truth_has_no_loss_and_a_wrong_direction_costs(body):
    generator = torch.Generator().manual_seed(0)
    seen = see(body, some_poses(20).matrices, generator)
    right = loss_parts(body, seen, seen.rotations, seen.betas)
    assert max(float(value) for value in right.values()) < 1e-5
    turned = seen.rotations.clone()
    turned[:, 0] = turned[:, 0] @ axis_angle_to_matrix(torch.tensor([0.0, 2.0, 0.0]))
    assert loss_parts(body, seen, turned, seen.betas)["root"] > 0.5
