"""Synthetic samples on disk."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.engine.synthetic.samples import make_synthetic_samples, plan_pictures
from core.errors import Cancelled, ShapeError
from core.geometry.boxes import Box
from core.progress import CancelToken

COUNT = 7


@pytest.fixture(scope="module")
def poses(standing):
    return standing + 0.1 * np.random.default_rng(0).normal(size=(COUNT, 69))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def samples(open_body, poses, folder):
    return list(make_synthetic_samples(open_body, poses, folder, seed=3))


def test_every_pose_becomes_a_sample_of_a_readable_picture(samples):
    assert len(samples) == COUNT
    assert len({(sample.picture_path, sample.person_key) for sample in samples}) == COUNT
    for sample in samples:
        picture = cv2.imread(str(sample.picture_path))
        assert (picture.shape[1], picture.shape[0]) == sample.picture_size_px
        assert picture.std() > 5


def test_keypoints_lie_near_the_ground_truth(samples, open_body):
    import torch

    from core.geometry.crop_camera import project_to_crop

    errors = []
    for sample in samples:
        truth = sample.ground_truth.parameters
        posed = open_body.posed(
            torch.from_numpy(truth.pose_axis_angle[None]), torch.from_numpy(truth.betas[None])
        )
        exact = project_to_crop(posed.keypoints, torch.from_numpy(truth.camera_translation[None]))[
            0
        ].numpy()
        box = Box.of(sample.box_center_px, sample.box_scale)
        found = box.keypoints_to_crop(sample.keypoints_px)
        present = found[:, 2] > 0
        assert present.sum() >= 4
        errors.extend(np.linalg.norm(found[present, :2] - exact[present], axis=1))
        relative = posed.keypoints[0] - posed.keypoints[0, 39]
        np.testing.assert_allclose(
            sample.ground_truth.joints_3d[:, :3], relative.numpy(), atol=1e-5
        )
    assert 0.5 < np.median(errors) < 4


def test_the_same_seed_makes_the_same_pictures_and_another_does_not(
    samples, open_body, poses, tmp_path
):
    again = list(make_synthetic_samples(open_body, poses[:2], tmp_path / "again", seed=3))
    other = list(make_synthetic_samples(open_body, poses[:2], tmp_path / "other", seed=4))
    assert again[0].picture_path.read_bytes() == samples[0].picture_path.read_bytes()
    np.testing.assert_array_equal(again[0].keypoints_px, samples[0].keypoints_px)
    assert other[0].picture_path.read_bytes() != samples[0].picture_path.read_bytes()


def test_both_halves_of_the_keypoints_are_used():
    """Counted on the plan of noise alone: detector only, marks only, and both."""
    from core.engine.synthetic.samples import _keypoints_of

    class Person:
        keypoints_px = np.random.default_rng(1).uniform(50, 400, (49, 2)).astype(np.float32)
        box = Box(200.0, 200.0, 400.0)

    seen = np.zeros(49, dtype=np.int64)
    found = [_keypoints_of(Person, seen, np.random.default_rng(seed)) for seed in range(200)]
    detected = np.array([keypoints[:25, 2].any() for keypoints in found])
    marked = np.array([keypoints[25:, 2].any() for keypoints in found])
    assert 0.05 < np.mean(marked & ~detected) < 0.2
    assert 0.12 < np.mean(marked & detected) < 0.35
    assert np.mean(detected & ~marked) > 0.5


def test_plan_places_everybody_alone_or_in_pairs():
    plans = plan_pictures(101, np.random.default_rng(0))
    assert sum(plan.people for plan in plans) == 101
    assert {plan.people for plan in plans} == {1, 2}
    assert [plan.first_pose for plan in plans] == list(
        np.cumsum([0] + [plan.people for plan in plans[:-1]])
    )


def test_a_cancelled_making_stops_between_pictures(open_body, poses, tmp_path):
    token = CancelToken()
    made = make_synthetic_samples(open_body, poses, tmp_path, seed=0, cancel=token)
    next(made)
    token.cancel()
    with pytest.raises(Cancelled):
        list(made)
    assert len(list(tmp_path.glob("*.jpg"))) == 1


def test_poses_with_a_root_are_refused(open_body, tmp_path):
    with pytest.raises(ShapeError, match=r"\(N, 69\)"):
        list(make_synthetic_samples(open_body, np.zeros((2, 72)), tmp_path, seed=0))
