"""Procrustes alignment undoes any similarity, but never a reflection."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import ShapeError
from core.geometry.procrustes import procrustes_aligned, procrustes_error
from core.geometry.rotations import axis_angle_to_matrix


def joints(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(*shape, 14, 3))


def test_undoes_rotation_scale_and_shift(array) -> None:
    target = joints(5)
    rotation = axis_angle_to_matrix(joints(5, seed=1)[:, 0])
    moved = array(1.7 * target @ rotation.mT + joints(5, seed=2)[:, :1])
    np.testing.assert_allclose(procrustes_aligned(moved, array(target)), target, atol=1e-12)
    assert procrustes_error(moved, array(target)).max() < 1e-9


def test_one_body_is_aligned_as_it_is_in_a_batch(array) -> None:
    points, target = joints(3), joints(3, seed=1)
    together = procrustes_aligned(array(points), array(target))
    alone = procrustes_aligned(array(points[1]), array(target[1]))
    np.testing.assert_allclose(alone, together[1], atol=1e-12)
    assert procrustes_error(array(points[1]), array(target[1])).shape == ()


def test_a_mirrored_body_is_not_the_same_body(array) -> None:
    target = joints(3)
    mirrored = target * [-1.0, 1.0, 1.0]
    assert procrustes_error(array(mirrored), array(target)).min() > 0.1


def test_joints_without_weight_do_not_count(array) -> None:
    target = joints(4)
    wrong = target.copy()
    wrong[:, 3] += 100
    weights = np.ones((4, 14))
    assert procrustes_error(array(wrong), array(target), array(weights)).min() > 1
    weights[:, 3] = 0
    assert procrustes_error(array(wrong), array(target), array(weights)).max() < 1e-9


def test_the_error_is_the_mean_distance(array) -> None:
    """A square whose corners alternate up and down cannot be aligned away."""
    flat = np.array([[1.0, 1, 0], [1, -1, 0], [-1, -1, 0], [-1, 1, 0]])
    bent = flat + np.array([0.0, 0, 0.1]) * np.array([1.0, -1, 1, -1])[:, None]
    assert float(procrustes_error(array(bent), array(flat))) == pytest.approx(0.1, rel=0.02)


def test_coinciding_points_and_no_weights_give_finite_errors(array) -> None:
    error = procrustes_error(array(np.zeros((1, 14, 3)), "float32"), array(joints(1), "float32"))
    assert np.isfinite(np.asarray(error)).all()
    error = procrustes_error(array(joints(1)), array(joints(1)), array(np.zeros((1, 14))))
    assert np.isfinite(np.asarray(error)).all()


def test_single_precision_stays_single_and_loses_nothing_but_its_rounding(array) -> None:
    points, target = joints(2), joints(2, seed=1)
    exact = procrustes_aligned(array(points), array(target))
    single = procrustes_aligned(array(points, "float32"), array(target, "float32"))
    assert single.dtype == array(0.0, "float32").dtype
    np.testing.assert_allclose(single, exact, atol=1e-6)


def test_gradients_are_those_of_finite_differences() -> None:
    points = torch.tensor(joints(2), requires_grad=True)
    target = torch.tensor(joints(2, seed=1))
    assert torch.autograd.gradcheck(lambda moved: procrustes_error(moved, target), points)


def test_wrong_shapes_are_named(array) -> None:
    with pytest.raises(ShapeError, match="points"):
        procrustes_error(array(joints(2)), array(joints(3)))
    with pytest.raises(ShapeError, match="weights"):
        procrustes_error(array(joints(2)), array(joints(2)), array(np.ones((2, 13))))
