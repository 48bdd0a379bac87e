"""Procrustes alignment undoes any similarity, but never a reflection."""

from __future__ import annotations

import pytest
import torch

from core.engine.geometry.procrustes import procrustes_aligned, procrustes_error
from core.engine.geometry.rotations import axis_angle_to_matrix
from core.errors import ShapeError


def joints(count: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, 14, 3, generator=generator, dtype=torch.float64)


def test_undoes_rotation_scale_and_shift() -> None:
    target = joints(5)
    rotation = axis_angle_to_matrix(joints(5, seed=1)[:, 0])
    moved = 1.7 * target @ rotation.transpose(1, 2) + joints(5, seed=2)[:, :1]
    torch.testing.assert_close(procrustes_aligned(moved, target), target)
    assert procrustes_error(moved, target).max() < 1e-9


def test_a_mirrored_body_is_not_the_same_body() -> None:
    target = joints(3)
    mirrored = target * torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64)
    assert procrustes_error(mirrored, target).min() > 0.1


def test_joints_without_weight_do_not_count() -> None:
    target = joints(4)
    wrong = target.clone()
    wrong[:, 3] += 100
    weights = torch.ones(4, 14, dtype=torch.float64)
    assert procrustes_error(wrong, target, weights).min() > 1
    weights[:, 3] = 0
    assert procrustes_error(wrong, target, weights).max() < 1e-9


def test_the_error_is_the_mean_distance() -> None:
    """A square whose corners alternate up and down cannot be aligned away."""
    flat = torch.tensor([[[1.0, 1, 0], [1, -1, 0], [-1, -1, 0], [-1, 1, 0]]])
    bent = flat + torch.tensor([0.0, 0, 0.1]) * torch.tensor([1.0, -1, 1, -1])[:, None]
    assert procrustes_error(bent, flat).item() == pytest.approx(0.1, rel=0.02)


def test_coinciding_points_give_a_finite_error() -> None:
    assert torch.isfinite(procrustes_error(torch.zeros(1, 14, 3), joints(1).float())).all()


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ShapeError, match="points"):
        procrustes_error(joints(2), joints(3))
    with pytest.raises(ShapeError, match="weights"):
        procrustes_error(joints(2), joints(2), torch.ones(2, 13))
