"""Cameras of given bodies: by linear least squares, and refined."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from core.geometry.camera_translation import (
    DEFAULT_DEPTH_PER_PX,
    least_squares_translation,
    refined_translation,
)
from core.geometry.crop_camera import (
    CropCameras,
    long_lens_like,
    project_to_crop,
    projection_rows,
    refuse_behind_camera,
)
from core.geometry.robust import robust_square
from core.geometry.row_selection import take_rows


def people(
    count: int, *, noise_px: float = 0.0, lenses: CropCameras | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points, where they are seen, and the cameras that see them."""
    rng = np.random.default_rng(0)
    points = rng.normal(0, 0.4, (count, 49, 3))
    cameras = rng.normal((0, 0, 45), (0.2, 0.2, 5), (count, 3))
    if lenses is not None:
        cameras[:, 2] /= lenses.long_lens_ratio
    seen = project_to_crop(points, cameras, lenses)
    return points, seen + rng.normal(0, noise_px, seen.shape), cameras


def short_lenses(array, count: int) -> CropCameras:
    """Of 350 to 900 crop pixels, whose principal points lie up to a crop and a half away."""
    rng = np.random.default_rng(4)
    return CropCameras(
        array(rng.uniform(350, 900, count)),
        array(rng.uniform(-250, 470, (count, 2))),
        array(np.full((count, 2), 112.0)),
    )


def test_least_squares_recovers_the_camera_of_exact_keypoints(array) -> None:
    points, seen, cameras = people(8)
    found = least_squares_translation(array(points), array(seen), array(np.ones((8, 49))))
    np.testing.assert_allclose(found, cameras, rtol=1e-3, atol=1e-3)


def test_least_squares_recovers_the_translation_before_short_lenses(array) -> None:
    points, seen, cameras = people(8, lenses=short_lenses(np.array, 8))
    found = least_squares_translation(
        array(points), array(seen), array(np.ones((8, 49))), short_lenses(array, 8)
    )
    np.testing.assert_allclose(found, cameras, rtol=1e-3, atol=1e-3)


def test_least_squares_leaves_every_point_before_the_camera(array) -> None:
    """Two points at one pixel, 4 m behind one another: no camera is far enough by itself."""
    points = np.array([[[0.0, 0.0, -2.0], [0.0, 0.0, 2.0]]])
    seen = np.array([[[-3000.0, 112.0], [3000.0, 112.0]]])
    lenses = CropCameras(array([400.0]), array([[112.0, 112.0]]), array([[112.0, 112.0]]))
    found = least_squares_translation(array(points), array(seen), array(np.ones((1, 2))), lenses)
    cost = refuse_behind_camera(array([1.0]), array(points), found, lenses)
    assert np.isfinite(np.asarray(cost)).all()


@pytest.mark.parametrize(("depth_m", "refused"), [(0.95, False), (0.85, True), (-3.0, True)])
def test_a_camera_is_refused_for_the_nearest_point(array, depth_m: float, *, refused: bool) -> None:
    """The origin is in front of the camera, but a hand stretched out by 80 cm may not be."""
    points = array([[[0.0, 0.0, 0.0], [0.0, 0.0, -0.8]]])
    cost = refuse_behind_camera(array([7.0]), points, array([[0.0, 0.0, depth_m]]))
    assert float(cost[0]) == (np.inf if refused else 7.0)


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
        np.testing.assert_allclose(found[:, 2], 5000 * DEFAULT_DEPTH_PER_PX, rtol=0.02)


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


@pytest.mark.parametrize("short", [False, True])
def test_four_steps_end_within_a_millionth_of_the_minimum(array, *, short: bool) -> None:
    lenses = short_lenses(array, 4) if short else long_lens_like(array(np.zeros(1)))
    plain = short_lenses(np.array, 4) if short else None
    points, seen, _ = people(4, noise_px=5.0, lenses=plain)
    confidence = np.random.default_rng(1).uniform(0.2, 1, (4, 49))
    start = least_squares_translation(array(points), array(seen), array(confidence**2), lenses)
    _, cost = refined_translation(
        array(points), array(seen), array(confidence), start, sigma_px=100.0, cameras=lenses
    )
    for index in range(4):
        own = None if plain is None else take_rows(plain, index)

        def error(
            translation: np.ndarray, index: int = index, own: CropCameras | None = own
        ) -> float:
            residual = project_to_crop(points[index], translation, own) - seen[index]
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
