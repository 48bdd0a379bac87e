"""Six numbers for a rotation: SPIN's column order, and no way to break it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.engine.geometry.rotations import axis_angle_to_matrix
from core.engine.geometry.sixd import matrix_to_sixd, sixd_to_matrix
from core.errors import ShapeError


def random_matrices(count: int) -> torch.Tensor:
    generator = np.random.default_rng(0)
    return axis_angle_to_matrix(torch.tensor(generator.normal(scale=2.0, size=(count, 3))))


def assert_rotations(matrices: torch.Tensor, *, atol: float) -> None:
    identity = torch.eye(3, dtype=matrices.dtype).expand_as(matrices)
    torch.testing.assert_close(matrices.mT @ matrices, identity, atol=atol, rtol=0)
    torch.testing.assert_close(
        torch.linalg.det(matrices), torch.ones_like(matrices[..., 0, 0]), atol=atol, rtol=0
    )


def test_the_numbers_are_the_first_two_columns_row_by_row():
    matrix = random_matrices(1)[0]
    (a, b, _), (c, d, _), (e, f, _) = matrix.tolist()
    assert matrix_to_sixd(matrix).tolist() == [a, b, c, d, e, f]


def test_spins_mean_root_is_the_half_turn_about_x():
    root = sixd_to_matrix(torch.tensor([1.0, 0, 0, -1, 0, 0]))
    torch.testing.assert_close(root, torch.diag(torch.tensor([1.0, -1, -1])))


def test_matrices_come_back():
    matrices = random_matrices(200).view(10, 20, 3, 3)
    torch.testing.assert_close(sixd_to_matrix(matrix_to_sixd(matrices)), matrices)


def test_any_six_numbers_give_a_rotation_that_length_does_not_change():
    sixd = torch.tensor(np.random.default_rng(1).normal(size=(3, 6)))
    matrices = sixd_to_matrix(sixd)
    assert_rotations(matrices, atol=1e-12)
    torch.testing.assert_close(sixd_to_matrix(7 * sixd), matrices)


@pytest.mark.parametrize(
    "columns",
    [
        ([0, 0, 0], [0, 0, 0]),
        ([0, 0, 0], [0, 1, 0]),
        ([0, 0, 0], [1, 0, 0]),
        ([1, 2, 3], [0, 0, 0]),
        ([1, 2, 3], [2, 4, 6]),
        ([1, 2, 3], [-100, -200, -300]),
        ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]),
        ([1e-30, 0, 0], [0, 1e-30, 0]),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_degenerate_columns_still_give_a_rotation_and_finite_gradients(columns, dtype):
    sixd = torch.tensor(columns, dtype=dtype).T.reshape(6).requires_grad_()
    matrix = sixd_to_matrix(sixd)
    assert_rotations(matrix, atol=1e-5)
    (matrix * torch.arange(9, dtype=dtype).view(3, 3)).sum().backward()
    assert torch.isfinite(sixd.grad).all()


def test_gradients_are_those_of_finite_differences():
    sixd = torch.tensor(np.random.default_rng(2).normal(size=(4, 6))).requires_grad_()
    assert torch.autograd.gradcheck(sixd_to_matrix, (sixd,))


def test_other_shapes_are_refused():
    with pytest.raises(ShapeError, match="sixd"):
        sixd_to_matrix(torch.zeros(4, 5))
    with pytest.raises(ShapeError, match="matrix"):
        matrix_to_sixd(torch.zeros(4, 3, 2))
