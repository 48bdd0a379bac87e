"""Bodies of one camera, written for another."""

from __future__ import annotations

import numpy as np

from core.geometry.camera_change import between_cameras
from core.geometry.crop_camera import CropCameras, project_to_crop
from core.geometry.rotations import axis_angle_to_matrix


def lenses(array, focal_px: float, principal_px: float, axis_px: float) -> CropCameras:
    return CropCameras(
        array([focal_px] * 3),
        array([[principal_px, 30.0]] * 3),
        array([[axis_px, axis_px - 10.0]] * 3),
    )


def bodies(array) -> tuple[object, object]:
    rng = np.random.default_rng(2)
    return axis_angle_to_matrix(array(rng.normal(size=(3, 3)))), array(
        rng.normal((0, 0, 3), 0.1, (3, 3))
    )


def test_nothing_changes_under_the_same_camera(array) -> None:
    root, translation = bodies(array)
    given = lenses(array, 700.0, 200.0, 130.0)
    same_root, same_translation = between_cameras(root, translation, given, given)
    np.testing.assert_array_equal(same_root, root)
    np.testing.assert_array_equal(same_translation, translation)


def test_points_that_turn_with_the_root_stay_at_their_pixels_when_the_axis_moves(array) -> None:
    root, translation = bodies(array)
    before, after = lenses(array, 700.0, 200.0, 130.0), lenses(array, 700.0, 200.0, 112.0)
    points = array(np.random.default_rng(1).normal(0, 0.3, (3, 9, 3)))
    turned, moved = between_cameras(root, translation, before, after)
    seen, still = (
        project_to_crop(points @ np.swapaxes(of, 1, 2), at, lens)
        for of, at, lens in ((root, translation, before), (turned, moved, after))
    )
    np.testing.assert_allclose(still, seen, rtol=1e-9)


def test_bodies_that_turn_about_their_pelvis_stay_at_their_pixels_when_the_axis_moves(
    array,
) -> None:
    root, translation = bodies(array)
    pelvis = array(np.random.default_rng(4).normal(0, 0.3, (3, 3)))
    before, after = lenses(array, 700.0, 200.0, 130.0), lenses(array, 700.0, 200.0, 112.0)
    points = array(np.random.default_rng(1).normal(0, 0.3, (3, 9, 3)))
    about_pelvis = points - pelvis[:, None]
    turned, moved = between_cameras(root, translation, before, after, pelvis=pelvis)
    seen, still = (
        project_to_crop(about_pelvis @ np.swapaxes(of, 1, 2) + pelvis[:, None], at, lens)
        for of, at, lens in ((root, translation, before), (turned, moved, after))
    )
    np.testing.assert_allclose(still, seen, rtol=1e-9)


def test_the_root_stays_in_the_crops_frame_under_another_focal_length(array) -> None:
    root, translation = bodies(array)
    before, after = lenses(array, 5000.0, 112.0, 112.0), lenses(array, 500.0, 400.0, 112.0)
    same_root, moved = between_cameras(root, translation, before, after)
    np.testing.assert_array_equal(same_root, root)
    origin = array(np.zeros((3, 1, 3)))
    np.testing.assert_allclose(
        project_to_crop(origin, moved, after), project_to_crop(origin, translation, before)
    )
