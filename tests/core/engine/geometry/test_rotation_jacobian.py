"""Derivatives of rotation vectors, checked against the rotations themselves."""

from __future__ import annotations

import math

import pytest
import torch

from core.engine.geometry.rotation_jacobian import (
    right_jacobian,
    skew,
    unskew,
    wrap_rotation_vector,
)
from core.engine.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle

AXIS = torch.tensor([0.6, -0.64, 0.48], dtype=torch.float64)


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-3, 0.0099, 0.0101, 0.5, 2.0, 3.1, 3.2])
def test_right_jacobian_predicts_the_turn_of_a_small_step(angle: float) -> None:
    vector, step = angle * AXIS, 1e-6 * torch.tensor([0.3, 1.0, -0.7], dtype=torch.float64)
    between = axis_angle_to_matrix(vector).T @ axis_angle_to_matrix(vector + step)
    turn = matrix_to_axis_angle(between)
    torch.testing.assert_close(right_jacobian(vector) @ step, turn, rtol=1e-4, atol=1e-11)


def test_right_jacobian_has_no_step_where_the_series_takes_over() -> None:
    below, above = (right_jacobian((angle * AXIS).float()) for angle in (0.00999, 0.01001))
    torch.testing.assert_close(below, above, rtol=0, atol=3e-5)


def test_unskew_is_the_adjoint_of_skew() -> None:
    generator = torch.Generator().manual_seed(0)
    vector, matrix = torch.randn(3, generator=generator), torch.randn(3, 3, generator=generator)
    torch.testing.assert_close((matrix * skew(vector)).sum(), (unskew(matrix) * vector).sum())


@pytest.mark.parametrize("turns", [-2, -1, 0, 1, 3])
def test_wrapping_keeps_the_rotation_and_shortens_the_vector(turns: int) -> None:
    vector = (1.3 + 2 * math.pi * turns) * AXIS
    wrapped = wrap_rotation_vector(vector)
    torch.testing.assert_close(wrapped, 1.3 * AXIS)


def test_wrapping_leaves_zero_alone() -> None:
    assert torch.equal(wrap_rotation_vector(torch.zeros(2, 3)), torch.zeros(2, 3))
