"""Lens distortion agrees with OpenCV, both ways."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.geometry.lens_distortion import distorted, undistorted

LENSES = {
    "none": (),
    "a wide one": (-0.3240, 0.0732, -0.0006, 0.0004, 0.0),
    "a phone": (-0.046, 0.140, 0.0006, -0.0011),
    "rational": (0.9, -0.4, 0.0002, -0.0003, 0.05, 1.2, -0.1, 0.02),
}


@pytest.fixture
def points() -> np.ndarray:
    return np.random.default_rng(3).uniform(-0.6, 0.6, (200, 2))


@pytest.mark.parametrize("name", LENSES)
def test_a_lens_shows_points_where_opencv_projects_them(name, points):
    in_space = np.concatenate([points, np.ones((200, 1))], axis=1)
    coefficients = np.array(LENSES[name]) if LENSES[name] else None
    expected, _ = cv2.projectPoints(in_space, np.zeros(3), np.zeros(3), np.eye(3), coefficients)
    np.testing.assert_allclose(distorted(points, LENSES[name]), expected[:, 0], atol=1e-12)


@pytest.mark.parametrize("name", LENSES)
def test_taking_the_distortion_out_undoes_it(name, points):
    shown = distorted(points, LENSES[name])
    np.testing.assert_allclose(undistorted(shown, LENSES[name]), points, atol=1e-9)


def test_a_point_that_no_ray_comes_to_stays_where_it_is():
    """r (1 − 0.3 r²) is at most 0.703: nothing is shown at 0.9."""
    shown = np.array([[0.9, 0.0], [0.2, 0.1]])
    straight = undistorted(shown, (-0.3,))
    np.testing.assert_array_equal(straight[0], shown[0])
    np.testing.assert_allclose(distorted(straight[1], (-0.3,)), shown[1], atol=1e-12)
