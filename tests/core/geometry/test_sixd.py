"""Six numbers for a rotation: SPIN's column order, and no way to break it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import ShapeError
from core.geometry.rotations import axis_angle_to_matrix
from core.geometry.sixd import matrix_to_sixd, sixd_rows_to_matrix, sixd_to_matrix


def random_matrices(*shape: int) -> np.ndarray:
    return axis_angle_to_matrix(np.random.default_rng(0).normal(scale=2.0, size=(*shape, 3)))


def assert_rotations(matrices: np.ndarray, *, atol: float) -> None:
    identity = np.broadcast_to(np.eye(3), matrices.shape)
    np.testing.assert_allclose(matrices.mT @ matrices, identity, atol=atol)
    np.testing.assert_allclose(np.linalg.det(matrices), 1, atol=atol)


def test_the_numbers_are_the_first_two_columns_row_by_row(array):
    matrix = random_matrices(1)[0]
    (a, b, _), (c, d, _), (e, f, _) = matrix.tolist()
    assert matrix_to_sixd(array(matrix)).tolist() == [a, b, c, d, e, f]


def test_spins_mean_root_is_the_half_turn_about_x(array):
    root = sixd_to_matrix(array([1.0, 0, 0, -1, 0, 0]))
    np.testing.assert_allclose(root, np.diag([1.0, -1, -1]))


def test_matrices_come_back(array):
    matrices = random_matrices(10, 20)
    back = sixd_to_matrix(matrix_to_sixd(array(matrices)))
    np.testing.assert_allclose(back, matrices, atol=1e-12)


def test_six_numbers_by_rows_are_the_first_two_rows(array):
    matrices = random_matrices(4, 24)
    rows = matrices[..., :2, :].reshape(4, 24, 6)
    np.testing.assert_allclose(sixd_rows_to_matrix(array(rows)), matrices, atol=1e-12)


def test_any_six_numbers_give_a_rotation_that_length_does_not_change(array):
    sixd = array(np.random.default_rng(1).normal(size=(3, 6)))
    matrices = np.asarray(sixd_to_matrix(sixd))
    assert_rotations(matrices, atol=1e-12)
    np.testing.assert_allclose(sixd_to_matrix(7 * sixd), matrices, atol=1e-12)


DEGENERATE = [
    ([0, 0, 0], [0, 0, 0]),
    ([0, 0, 0], [0, 1, 0]),
    ([0, 0, 0], [1, 0, 0]),
    ([1, 2, 3], [0, 0, 0]),
    ([1, 2, 3], [2, 4, 6]),
    ([1, 2, 3], [-100, -200, -300]),
    ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]),
    ([1e-30, 0, 0], [0, 1e-30, 0]),
]


@pytest.mark.parametrize("columns", DEGENERATE)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_degenerate_columns_still_give_a_rotation(array, columns, dtype):
    sixd = array(np.transpose(columns).reshape(6), dtype)
    matrix = np.asarray(sixd_to_matrix(sixd))
    assert matrix.dtype == dtype
    assert_rotations(matrix, atol=1e-5)


@pytest.mark.parametrize("columns", DEGENERATE)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_degenerate_columns_have_finite_gradients(columns, dtype):
    sixd = torch.tensor(columns, dtype=dtype).T.reshape(6).requires_grad_()
    matrix = sixd_to_matrix(sixd)
    (matrix * torch.arange(9, dtype=dtype).view(3, 3)).sum().backward()
    assert torch.isfinite(sixd.grad).all()


def test_gradients_are_those_of_finite_differences():
    sixd = torch.tensor(np.random.default_rng(2).normal(size=(4, 6))).requires_grad_()
    assert torch.autograd.gradcheck(sixd_to_matrix, (sixd,))
    assert torch.autograd.gradcheck(sixd_rows_to_matrix, (sixd,))


def test_other_shapes_are_refused(array):
    with pytest.raises(ShapeError, match="sixd"):
        sixd_to_matrix(array(np.zeros((4, 5))))
    with pytest.raises(ShapeError, match="sixd"):
        sixd_rows_to_matrix(array(np.zeros((4, 5))))
    with pytest.raises(ShapeError, match="matrix"):
        matrix_to_sixd(array(np.zeros((4, 3, 2))))
