"""Metrics against scipy's Procrustes, worked examples, and perturbations of known size."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes
from scipy.spatial.transform import Rotation

from core.engine.evaluation.joint_metrics import (
    AUC_THRESHOLDS_MM,
    about_root,
    aligned_distances,
    auc,
    errors_2d_px,
    joint_distances,
    mean_error,
    pck,
)
from core.errors import ShapeError

AGREEMENT_MM = 1e-3


def people(seed=0, count=40, joints=14):
    rng = np.random.default_rng(seed)
    true = rng.normal(0, 0.4, (count, joints, 3))
    predicted = true + rng.normal(0, 0.08, true.shape)
    turns = Rotation.random(count, random_state=seed).as_matrix()
    return np.einsum("bij,bnj->bni", turns, predicted) * 1.3 + 0.7, true


def scipy_reconstruction_mm(predicted, true):
    """One person by scipy's own solver, mirrors turned back by flipping the weakest axis."""
    source, goal = predicted - predicted.mean(0), true - true.mean(0)
    rotation, _ = orthogonal_procrustes(source, goal)
    if np.linalg.det(rotation) < 0:
        left, _, right = np.linalg.svd(source.T @ goal)
        rotation = left @ np.diag([1, 1, -1]) @ right
    scale = np.trace(rotation.T @ source.T @ goal) / (source**2).sum()
    return 1000 * np.linalg.norm(scale * source @ rotation - goal, axis=1).mean()


def test_reconstruction_error_agrees_with_scipys_procrustes():
    predicted, true = people()
    ours = mean_error(aligned_distances(torch.tensor(predicted), torch.tensor(true)))
    theirs = [scipy_reconstruction_mm(*item) for item in zip(predicted, true, strict=True)]
    np.testing.assert_allclose(ours.numpy(), theirs, atol=AGREEMENT_MM)


def test_mirrored_people_are_not_turned_into_each_other():
    _, true = people(seed=3)
    mirrored = true * [-1, 1, 1]
    ours = mean_error(aligned_distances(torch.tensor(mirrored), torch.tensor(true)))
    theirs = [scipy_reconstruction_mm(*item) for item in zip(mirrored, true, strict=True)]
    np.testing.assert_allclose(ours.numpy(), theirs, atol=AGREEMENT_MM)
    assert ours.min() > 50


def test_turned_moved_and_scaled_people_have_no_reconstruction_error():
    _, true = people(seed=1)
    turns = Rotation.random(len(true), random_state=9).as_matrix()
    moved = np.einsum("bij,bnj->bni", turns, true) * 0.8 + [1.0, -2.0, 40.0]
    error = mean_error(aligned_distances(torch.tensor(moved), torch.tensor(true)))
    assert error.max() < AGREEMENT_MM


def test_joints_all_shifted_by_5_cm_have_an_mpjpe_of_50_mm():
    true = torch.randn(6, 14, 3, dtype=torch.float64)
    shift = torch.tensor([0.03, 0.0, 0.04], dtype=torch.float64)
    np.testing.assert_allclose(mean_error(joint_distances(true + shift, true)), 50.0, atol=1e-9)
    # Root-relative, a common shift is gone.
    relative = joint_distances(
        about_root(true + shift, true[:, 0] + shift), about_root(true, true[:, 0])
    )
    assert relative.abs().max() < AGREEMENT_MM


def test_one_joint_off_by_140_mm_is_10_mm_in_the_mean_of_fourteen():
    true = torch.zeros(1, 14, 3)
    predicted = true.clone()
    predicted[0, 4, 1] = 0.14
    distances = joint_distances(predicted, true)
    assert float(mean_error(distances)) == pytest.approx(10.0, abs=AGREEMENT_MM)
    others = torch.ones(1, 14, dtype=torch.bool)
    others[0, 4] = False
    assert float(mean_error(distances, others)) == 0.0


def test_single_precision_agrees_with_double():
    predicted, true = (torch.tensor(person) for person in people(seed=4))
    here = aligned_distances(predicted, true)
    moved = aligned_distances(predicted.float(), true.float())
    assert (here - moved).abs().max() < AGREEMENT_MM


def test_pck_counts_joints_nearer_than_the_threshold():
    distances = torch.tensor([[0.0, 149.9, 150.0, 400.0]])
    assert float(pck(distances)) == pytest.approx(0.5)
    assert float(pck(distances, threshold_mm=500)) == 1.0


def test_auc_is_the_mean_of_pck_over_31_thresholds():
    distances = torch.tensor(np.random.default_rng(2).uniform(0, 220, (7, 17)))
    by_hand = np.mean([pck(distances, threshold_mm=item).numpy() for item in AUC_THRESHOLDS_MM], 0)
    np.testing.assert_allclose(auc(distances).numpy(), by_hand, atol=1e-12)
    assert AUC_THRESHOLDS_MM[0] == 0
    assert AUC_THRESHOLDS_MM[-1] == 150
    assert len(AUC_THRESHOLDS_MM) == 31


def test_auc_worked_example():
    # 72 mm lies below 75, 80, …, 150: sixteen of 31 thresholds.
    assert float(auc(torch.tensor([[72.0]]))) == pytest.approx(16 / 31)
    # Nothing is nearer than 0 mm, so even a perfect joint misses the first threshold.
    assert float(auc(torch.tensor([[0.0]]))) == pytest.approx(30 / 31)


def test_2d_error_leaves_out_joints_without_confidence():
    true = torch.zeros(1, 3, 2)
    predicted = torch.tensor([[[3.0, 4.0], [0.0, 9.0], [700.0, 0.0]]])
    confidence = torch.tensor([[1.0, 0.4, 0.0]])
    assert float(errors_2d_px(predicted, true, confidence)) == pytest.approx(7.0)


@pytest.mark.parametrize("shape", [(4, 13, 3), (4, 14, 2), (5, 14, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ShapeError, match=r"\(4, 14, 3\)"):
        joint_distances(torch.zeros(shape), torch.zeros(4, 14, 3))
