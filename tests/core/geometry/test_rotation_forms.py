"""Forms of rotations in files, against those of tensors and against the definition."""

from __future__ import annotations

import numpy as np
import torch

from core.engine.geometry.sixd import matrix_to_sixd, sixd_to_matrix
from core.geometry.picture_camera import turned_to_axis
from core.geometry.rotation_forms import (
    nearest_rotations,
    rotation_vectors,
    rotations_of_columns,
    rotations_of_rows,
)
from core.geometry.rotations import rotation_matrices


def some_rotations(shape: tuple[int, ...] = (4, 24)) -> np.ndarray:
    return rotation_matrices(np.random.default_rng(0).normal(0, 2, (*shape, 3)))


def test_vectors_lead_back_to_the_same_matrices_also_at_half_turns() -> None:
    matrices = np.concatenate([some_rotations(), some_rotations() * 0 + np.diag([1.0, -1, -1])])
    vectors = rotation_vectors(matrices)
    assert (np.linalg.norm(vectors, axis=-1) <= np.pi + 1e-12).all()
    np.testing.assert_allclose(rotation_matrices(vectors), matrices, atol=1e-12)
    assert rotation_vectors(np.zeros((0, 24, 3, 3))).shape == (0, 24, 3)


def test_six_numbers_by_columns_are_the_regressors() -> None:
    numbers = np.random.default_rng(1).normal(size=(50, 6))
    expected = sixd_to_matrix(torch.from_numpy(numbers)).numpy()
    np.testing.assert_allclose(rotations_of_columns(numbers), expected, atol=1e-12)
    matrices = some_rotations()
    columns = matrix_to_sixd(torch.from_numpy(matrices)).numpy()
    np.testing.assert_allclose(rotations_of_columns(columns), matrices, atol=1e-12)


def test_six_numbers_by_rows_are_the_first_two_rows() -> None:
    matrices = some_rotations()
    rows = matrices[..., :2, :].reshape(*matrices.shape[:-2], 6)
    np.testing.assert_allclose(rotations_of_rows(rows), matrices, atol=1e-12)
    assert not rotations_of_rows(np.zeros((1, 6))).any()


def test_the_nearest_rotation_of_a_scaled_one_is_itself_and_it_never_mirrors() -> None:
    matrices = some_rotations()
    np.testing.assert_allclose(nearest_rotations(1.3 * matrices), matrices, atol=1e-12)
    odd = nearest_rotations(np.random.default_rng(2).normal(size=(100, 3, 3)))
    np.testing.assert_allclose(np.linalg.det(odd), 1, atol=1e-12)


def test_what_is_seen_at_the_side_turns_to_the_middle_by_the_shortest_way() -> None:
    places = np.array([[1.0, -0.5, 3.0], [0.0, 0.0, 2.0], [-4.0, 0.0, 1.0]])
    turns = turned_to_axis(places)
    moved = np.einsum("nij,nj->ni", turns, places)
    lengths = np.linalg.norm(places, axis=1)
    np.testing.assert_allclose(moved, np.stack([0 * lengths, 0 * lengths, lengths], 1), atol=1e-12)
    cosines = (np.trace(turns, axis1=1, axis2=2) - 1) / 2
    np.testing.assert_allclose(cosines, places[:, 2] / lengths, atol=1e-12)
