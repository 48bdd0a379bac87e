"""Cameras of pictures, and what a crop sees through them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.errors import StudioError
from core.geometry.boxes import Box
from core.types.bodies import LONG_LENS, camera_batch, cameras_one_by_one
from core.types.cameras import (
    ASSUMED_SHARE_OF_DIAGONAL,
    LEAST_ASSUMED_CROP_PX,
    CameraSource,
    PictureCamera,
    assumed_camera,
    long_lens_camera,
)


def test_a_point_in_front_of_the_camera_is_seen_at_the_same_pixel_through_the_crop():
    camera = PictureCamera(1500.0, (961.0, 533.0))
    box = Box(420.0, 300.0, 350.0)
    point = np.array([-0.7, -0.4, 3.1])
    in_picture = 1500.0 * point[:2] / point[2] + [961.0, 533.0]
    crop = camera.crop_camera(box)
    in_crop = crop.focal_length_px * point[:2] / point[2] + [
        crop.principal_x_px,
        crop.principal_y_px,
    ]
    np.testing.assert_allclose(in_crop, box.picture_to_crop(in_picture), atol=1e-3)


def test_the_axis_of_a_picture_s_camera_is_the_middle_of_the_crop():
    crop = PictureCamera(1500.0, (961.0, 533.0)).crop_camera(Box(420.0, 300.0, 350.0))
    assert (crop.axis_x_px, crop.axis_y_px) == (112, 112)


def test_a_crop_camera_survives_the_float32_that_bodies_are_stored_in():
    crop = PictureCamera(1499.123456, (961.1, 533.7)).crop_camera(Box(420.3, 300.9, 351.7))
    assert cameras_one_by_one(camera_batch([crop])) == [crop]


def test_nothing_known_means_a_share_of_the_diagonal_about_the_picture_s_middle():
    camera = assumed_camera((1600, 1200))
    assert camera.focal_length_px == ASSUMED_SHARE_OF_DIAGONAL * 2000
    assert camera.principal_point_px == (799.5, 599.5)
    assert camera.is_distance_assumed


def test_where_a_picture_was_cut_to_its_person_the_assumed_camera_looks_straight_at_the_crop():
    camera = assumed_camera((200, 220))
    tight = camera.crop_camera(Box(90.0, 120.0, 230.0))
    assert tight.focal_length_px == LEAST_ASSUMED_CROP_PX
    assert (tight.principal_x_px, tight.principal_y_px) == (112, 112)
    wide = assumed_camera((4000, 3000)).crop_camera(Box(90.0, 120.0, 230.0))
    assert wide.focal_length_px > LEAST_ASSUMED_CROP_PX
    assert wide.principal_x_px > 1000


def test_a_known_focal_length_is_used_however_short():
    crop = PictureCamera(150.0, (100.0, 110.0)).crop_camera(Box(90.0, 120.0, 230.0))
    assert crop.focal_length_px == pytest.approx(150 * 224 / 230)


def test_the_long_lens_is_the_same_on_every_crop():
    camera = long_lens_camera((640, 480))
    assert camera.crop_camera(Box(10, 20, 30)) == camera.crop_camera(Box(3, 2, 700)) == LONG_LENS
    assert math.isinf(camera.focal_length_px)
    points = np.array([[3.0, 4.0]])
    np.testing.assert_array_equal(camera.undistorted(points), points)


def test_points_are_taken_to_where_a_lens_without_distortion_shows_them():
    camera = PictureCamera(1000.0, (500.0, 400.0), (-0.2,))
    # At distance 0.5 a lens with k1 = −0.2 shows a point at 0.5 (1 − 0.2 · 0.25) = 0.475.
    np.testing.assert_allclose(camera.undistorted(np.array([975.0, 400.0])), [1000.0, 400.0])


def test_absent_keypoints_stay_absent_when_the_distortion_is_taken_out():
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[4] = [975.0, 400.0, 0.5]
    straight = PictureCamera(1000.0, (500.0, 400.0), (-0.2,)).undistorted_keypoints(keypoints)
    np.testing.assert_allclose(straight[4], [1000.0, 400.0, 0.5], atol=1e-3)
    assert not np.delete(straight, 4, axis=0).any()


@pytest.mark.parametrize("focal_length_px", [0.0, -3.0, math.inf, math.nan])
def test_a_focal_length_that_is_none_is_refused(focal_length_px):
    with pytest.raises(StudioError, match="focal length above 0"):
        PictureCamera(focal_length_px, (1.0, 2.0), source=CameraSource.TYPED)


def test_more_coefficients_than_the_model_has_are_refused():
    with pytest.raises(StudioError, match="12 coefficients"):
        PictureCamera(900.0, (1.0, 2.0), (0.1,) * 12)
