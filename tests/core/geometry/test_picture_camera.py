"""Between the frames of crops and the cameras of whole pictures."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ShapeError
from core.geometry.picture_camera import turned_bodies
from core.geometry.rotations import axis_angle_to_matrix


def _bodies(count: int = 5):
    rng = np.random.default_rng(3)
    turns, roots = axis_angle_to_matrix(rng.normal(0, 1, (2, count, 3)))
    translation, pelvis = rng.normal(0, 2, (2, count, 3))
    return turns, roots, translation, pelvis


def test_every_point_of_a_body_turns_about_the_cameras_centre() -> None:
    turns, roots, translation, pelvis = _bodies()
    points = np.random.default_rng(4).normal(0, 1, (5, 7, 3))

    def posed(root, place):
        about_pelvis = np.einsum("nij,npj->npi", root, points - pelvis[:, None])
        return about_pelvis + (pelvis + place)[:, None]

    found = posed(*turned_bodies(turns, roots, translation, pelvis))
    expected = np.einsum("nij,npj->npi", turns, posed(roots, translation))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_turn_back_gives_the_same_body() -> None:
    turns, roots, translation, pelvis = _bodies()
    there = turned_bodies(turns, roots, translation, pelvis)
    back = turned_bodies(turns.swapaxes(-1, -2), *there, pelvis)
    np.testing.assert_allclose(back[0], roots, atol=1e-12)
    np.testing.assert_allclose(back[1], translation, atol=1e-12)


def test_joints_of_another_shape_are_refused() -> None:
    turns, roots, translation, pelvis = _bodies()
    with pytest.raises(ShapeError, match="pelvis"):
        turned_bodies(turns, roots, translation, pelvis[..., :2])
