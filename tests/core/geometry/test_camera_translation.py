"""Cameras of given bodies: by linear least squares, and refined."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from core.geometry.camera_translation import (
    DEFAULT_DEPTH_M,
    least_squares_translation,
    refined_translation,
)
from core.geometry.crop_camera import project_to_crop, projection_rows
from core.geometry.robust import robust_square


def people(count: int, *, noise_px: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, where they are seen, and the cameras that see them."""
    rng = np.random.default_rng(0)
    points = rng.normal(0, 0.4, (count, 49, 3))
    cameras = rng.normal((0, 0, 45), (0.2, 0.2, 5), (count, 3))
    seen = project_to_crop(points, cameras)
    return points, seen + rng.normal(0, noise_px, seen.shape), cameras


def test_least_squares_recovers_the_camera_of_exact_keypoints(array) -> None:
    points, seen, cameras = people(8)
    found = least_squares_translation(array(points), array(seen), array(np.ones((8, 49))))
    np.testing.assert_allclose(found, cameras, rtol=1e-3, atol=1e-3)


def test_least_squares_ignores_absent_joints(array) -> None:
    points, seen, cameras = people(4)
    seen[:, 30:] = 0
    weights = np.ones((4, 49))
    weights[:, 30:] = 0
    found = least_squares_translation(array(points), array(seen), array(weights))
    np.testing.assert_allclose(found, cameras, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("joints", [0, 1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_too_few_joints_give_a_finite_camera_in_front(array, joints: int, dtype: str) -> None:
    points, seen, _ = people(2)
    weights = np.zeros((2, 49))
    weights[:, :joints] = 1
    found = least_squares_translation(*(array(part, dtype) for part in (points, seen, weights)))
    assert found.dtype == array(0, dtype).dtype
    assert np.isfinite(np.asarray(found)).all()
    assert (found[:, 2] > 1).all()
    if joints < 2:
        np.testing.assert_allclose(found[:, 2], DEFAULT_DEPTH_M, rtol=0.02)


def test_the_projections_rows_are_its_derivative(array) -> None:
    points, _, cameras = people(3)
    rows = np.asarray(projection_rows(array(points), array(cameras)))
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-5
        ahead, behind = (project_to_crop(points + shift, cameras) for shift in (step, -step))
        slope = np.moveaxis((ahead - behind) / 2e-5, -1, 1)
        np.testing.assert_allclose(rows[:, axis], slope, rtol=1e-6, atol=1e-6)


def test_refinement_shrugs_off_an_outlier(array) -> None:
    points, seen, cameras = people(6)
    seen[:, 4] += 400
    confidence = array(np.ones((6, 49)))
    start = least_squares_translation(array(points), array(seen), confidence)
    refined, _ = refined_translation(
        array(points), array(seen), confidence, start, sigma_px=100.0, steps=20
    )
    before, after = (np.linalg.norm(np.asarray(at) - cameras, axis=1) for at in (start, refined))
    assert (after < 0.35 * before).all()


def test_four_steps_end_within_a_millionth_of_the_minimum(array) -> None:
    points, seen, _ = people(4, noise_px=5.0)
    confidence = np.random.default_rng(1).uniform(0.2, 1, (4, 49))
    start = least_squares_translation(array(points), array(seen), array(confidence**2))
    _, cost = refined_translation(
        array(points), array(seen), array(confidence), start, sigma_px=100.0
    )
    for index in range(4):

        def error(translation: np.ndarray, index: int = index) -> float:
            residual = project_to_crop(points[index], translation) - seen[index]
            errors = robust_square(residual, 100.0).sum(axis=1)
            return float((confidence[index] ** 2 * errors).sum())

        least = minimize(error, np.asarray(start)[index], options={"gtol": 1e-9}).fun
        assert float(cost[index]) == pytest.approx(least, rel=1e-6)


def test_the_linear_start_can_be_differentiated() -> None:
    points, seen, _ = people(1)
    points, seen = (torch.tensor(part[:, :5], requires_grad=True) for part in (points, seen))
    weights = torch.ones(1, 5, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda *args: least_squares_translation(*args, weights), (points, seen), atol=1e-4
    )
