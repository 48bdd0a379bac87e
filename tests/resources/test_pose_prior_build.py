"""The mixture that is fitted to motion capture, and the data split it is judged on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import SetupError
from core.resource_files import resource_path
from resources.pose_prior.build.mixture import MAX_ITERATIONS, fit_pose_prior
from resources.pose_prior.build.mocap import MocapPoses, action_of, load_mocap, mirrored
from resources.pose_prior.build.selection import action_folds, unseen_clip_mask


def two_blobs(count: int = 4000) -> np.ndarray:
    generator = np.random.default_rng(3)
    near = generator.normal(loc=(-2.0, 0.0, 1.0), scale=0.2, size=(count // 4, 3))
    far = generator.normal(loc=(2.0, 1.0, 0.0), scale=(0.5, 0.1, 0.3), size=(3 * count // 4, 3))
    return np.concatenate([near, far])


def test_known_mixture_is_recovered() -> None:
    mixture = fit_pose_prior(two_blobs(), components=2, spread=1e-6, seed=0)
    order = np.argsort(mixture.weights)
    np.testing.assert_allclose(mixture.weights[order], [0.25, 0.75], atol=0.01)
    np.testing.assert_allclose(mixture.means[order], [[-2, 0, 1], [2, 1, 0]], atol=0.05)
    spreads = np.sqrt(np.diagonal(mixture.covariances[order], axis1=1, axis2=2))
    np.testing.assert_allclose(spreads, [[0.2] * 3, [0.5, 0.1, 0.3]], rtol=0.1)


def test_every_seed_converges_to_the_same_likelihood() -> None:
    mixtures = [fit_pose_prior(two_blobs(), components=2, spread=1e-4, seed=s) for s in range(5)]
    assert all(mixture.converged and mixture.iterations < MAX_ITERATIONS for mixture in mixtures)
    ends = [mixture.train_log_likelihood for mixture in mixtures]
    assert max(ends) - min(ends) < 0.01


def test_log_likelihood_is_that_of_a_single_gaussian() -> None:
    poses = two_blobs(400)
    mixture = fit_pose_prior(poses, components=1, spread=0.05, seed=0)
    covariance = np.cov(poses.T, bias=True) + 0.05 * np.eye(3)
    offsets = poses - poses.mean(axis=0)
    quadratic = np.einsum("ni,ij,nj->n", offsets, np.linalg.inv(covariance), offsets)
    expected = -0.5 * (quadratic + np.linalg.slogdet(2 * np.pi * covariance)[1])
    np.testing.assert_allclose(mixture.log_likelihood(poses), expected, rtol=1e-9)


def test_sample_weights_count_as_repetition() -> None:
    poses = two_blobs(400)
    weights = np.random.default_rng(0).integers(1, 4, len(poses)).astype(float)
    weighted = fit_pose_prior(poses, components=1, spread=0.01, seed=0, sample_weights=weights)
    repeated = np.repeat(poses, weights.astype(int), axis=0)
    plain = fit_pose_prior(repeated, components=1, spread=0.01, seed=0)
    np.testing.assert_allclose(weighted.covariances, plain.covariances, atol=1e-9)


def test_mirroring_twice_gives_the_pose_back() -> None:
    poses = np.random.default_rng(1).normal(size=(10, 69))
    np.testing.assert_allclose(mirrored(mirrored(poses)), poses, atol=1e-6)


@pytest.mark.parametrize(
    ("clip", "action"),
    [
        ("001_08", "climb"),
        ("002_03", "run"),
        ("007_05", "walk"),
        ("train__walking_extra__walking_20", "walk"),
        ("test__washwindow__washwindow_1", "wash"),
        ("cartwheel", "acrobatics"),
    ],
)
def test_clips_belong_to_their_action(clip: str, action: str) -> None:
    assert action_of(clip) == action


def test_folds_hold_every_action_once() -> None:
    actions = np.array(["walk", "run", "dance", "floor", "kick", "walk"])
    folds = action_folds(actions, seed=0)
    assert sorted(name for fold in folds for name in fold) == sorted(set(actions))


def test_no_clip_is_on_both_sides_of_the_split() -> None:
    clips = np.repeat([f"clip {i}" for i in range(20)], 7)
    poses = MocapPoses(np.zeros((140, 69)), clips, np.full(140, "walk"))
    mask = unseen_clip_mask(poses, seed=0)
    assert mask.any()
    assert not set(clips[mask]) & set(clips[~mask])


def test_missing_mocap_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cmu_smpl_like_poses"):
        load_mocap(tmp_path)


def test_all_recorded_clips_have_an_action(shared_folder: Path) -> None:
    poses = load_mocap(shared_folder / "mocap")
    assert poses.body_pose.shape == (6623 + 13566 + 1010, 69)
    assert {"floor", "acrobatics", "climb"} <= set(poses.actions)


def test_shipped_parameters_are_the_chosen_converged_ones() -> None:
    with np.load(resource_path("pose_prior/pose_prior.npz")) as prior:
        components = len(prior["weights"])
        assert prior["means"].shape == (components, 69)
        assert np.linalg.eigvalsh(prior["covariances"].astype(np.float64)).min() > 0
        assert prior["weights"].sum() == pytest.approx(1, abs=1e-5)
    record = json.loads(resource_path("pose_prior/build/selection.json").read_text())
    best = max(record["search"], key=lambda row: row["unseen_actions"])
    assert (record["chosen"], best["components"]) == (best, components)
    assert all(seed["converged"] for seed in record["seeds"])
