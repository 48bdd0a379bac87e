"""The robust error and its derivative."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.geometry.robust import robust_square, robust_weight


def test_small_errors_are_squares_and_large_ones_saturate(array) -> None:
    found = robust_square(array([0.0, 1.0, 100.0, 1e5]), 100.0)
    np.testing.assert_allclose(found, [0.0, 1.0, 5000.0, 1e4], rtol=1e-3)


def test_an_infinite_width_gives_plain_squares(array) -> None:
    residual = array([-3.0, 0.0, 1e6])
    np.testing.assert_allclose(robust_square(residual, math.inf), [9.0, 0.0, 1e12])
    np.testing.assert_allclose(robust_weight(residual, math.inf), 1.0)


def test_the_weight_is_the_slope_of_the_error(array) -> None:
    residual = np.linspace(-400, 400, 41)
    weight = robust_weight(array(residual), 100.0)
    slope = (robust_square(residual + 1e-4, 100.0) - robust_square(residual - 1e-4, 100.0)) / 2e-4
    np.testing.assert_allclose(2 * np.asarray(weight) * residual, slope, atol=1e-4)


@pytest.mark.parametrize("sigma", [100.0, math.inf])
def test_gradients_are_those_of_finite_differences(sigma: float) -> None:
    residual = torch.linspace(-400, 400, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda error: robust_square(error, sigma), residual)
