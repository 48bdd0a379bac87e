"""Derivatives of rotation vectors, checked against the rotations themselves."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.geometry.rotation_jacobian import right_jacobian, skew, unskew
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle

AXIS = np.array([0.6, -0.64, 0.48])


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-3, 0.0099, 0.0101, 0.5, 2.0, 3.1, 3.2])
def test_right_jacobian_predicts_the_turn_of_a_small_step(array, angle: float) -> None:
    vector, step = array(angle * AXIS), array([0.3e-6, 1.0e-6, -0.7e-6])
    between = axis_angle_to_matrix(vector).T @ axis_angle_to_matrix(vector + step)
    turn = matrix_to_axis_angle(between)
    np.testing.assert_allclose(right_jacobian(vector) @ step, turn, rtol=1e-4, atol=1e-11)


def test_right_jacobian_has_no_step_where_the_series_takes_over(array) -> None:
    below, above = (right_jacobian(array(angle * AXIS, "float32")) for angle in (0.00999, 0.01001))
    np.testing.assert_allclose(below, above, atol=3e-5)


@pytest.mark.parametrize("angle", [0.0, 0.0099, 0.0101, 2.0])
def test_right_jacobian_can_be_differentiated(angle: float) -> None:
    vector = torch.tensor(angle * AXIS, requires_grad=True)
    assert torch.autograd.gradcheck(right_jacobian, vector)


def test_skew_is_the_matrix_of_the_cross_product(array) -> None:
    first, second = np.random.default_rng(1).normal(size=(2, 5, 3))
    product = (skew(array(first)) @ array(second)[..., None])[..., 0]
    np.testing.assert_allclose(product, np.cross(first, second), atol=1e-12)


def test_unskew_is_the_adjoint_of_skew(array) -> None:
    rng = np.random.default_rng(0)
    vector, matrix = array(rng.normal(size=3)), array(rng.normal(size=(3, 3)))
    left, right = (matrix * skew(vector)).sum(), (unskew(matrix) * vector).sum()
    np.testing.assert_allclose(left, right)
