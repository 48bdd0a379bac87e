"""Batches of linear systems in which a bad one harms no other."""

from __future__ import annotations

import numpy as np
import pytest

from core.geometry.linear_systems import solve_positive_definite


def systems() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    factor = rng.normal(size=(5, 4, 4))
    return factor @ factor.mT + 0.1 * np.eye(4), rng.normal(size=(5, 4))


def test_every_system_is_solved(array) -> None:
    matrix, right = systems()
    found = np.asarray(solve_positive_definite(array(matrix), array(right)))
    np.testing.assert_allclose((matrix @ found[..., None])[..., 0], right, atol=1e-9)


@pytest.mark.parametrize(
    "bad", [np.full((4, 4), np.nan), np.full((4, 4), np.inf), -np.eye(4), np.zeros((4, 4))]
)
def test_one_that_is_not_positive_definite_gives_zero_and_the_others_do_not_feel_it(
    array, bad: np.ndarray
) -> None:
    matrix, right = systems()
    expected = np.asarray(solve_positive_definite(array(matrix), array(right)))
    matrix[2] = bad
    found = np.asarray(solve_positive_definite(array(matrix), array(right)))
    assert not found[2].any()
    others = [0, 1, 3, 4]
    np.testing.assert_allclose(found[others], expected[others], rtol=1e-12)


def test_a_right_side_that_is_not_finite_gives_zero(array) -> None:
    matrix, right = systems()
    right[1, 2] = np.nan
    found = np.asarray(solve_positive_definite(array(matrix), array(right)))
    assert not found[1].any()
    assert np.isfinite(found).all()
