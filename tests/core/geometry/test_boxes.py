"""Boxes: between picture and crop without rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import StudioError
from core.geometry.boxes import Box, box_around
from core.geometry.crop_camera import project_to_crop

BOX = Box(center_x_px=310.25, center_y_px=120.5, side_px=347.0)


def test_points_survive_the_way_to_the_crop_and_back() -> None:
    points = np.random.default_rng(0).uniform(-200, 900, size=(5, 49, 2))
    back = BOX.crop_to_picture(BOX.picture_to_crop(points))
    np.testing.assert_allclose(back, points, atol=2e-4)


def test_the_boxs_centre_and_corners_are_the_crops() -> None:
    half = BOX.side_px / 2
    center = np.array([BOX.center_x_px, BOX.center_y_px])
    corners = np.stack([center - half, center, center + half])
    np.testing.assert_allclose(
        BOX.picture_to_crop(corners), [[0, 0], [112, 112], [224, 224]], atol=1e-4
    )


def test_nothing_is_rounded() -> None:
    """The original truncates to whole pixels: up to a pixel off."""
    moved = BOX.picture_to_crop(np.array([[310.25, 120.5], [310.35, 120.5]]))
    assert moved[1, 0] - moved[0, 0] == pytest.approx(0.1 * 224 / 347, abs=1e-4)


def test_absent_keypoints_stay_zero() -> None:
    keypoints = np.array([[100.0, 50.0, 0.8], [0.0, 0.0, 0.0], [7.0, 9.0, 0.0]])
    cropped = BOX.keypoints_to_crop(keypoints)
    np.testing.assert_allclose(cropped[0, :2], BOX.picture_to_crop(keypoints[0, :2]), atol=1e-4)
    assert cropped[0, 2] == pytest.approx(0.8)
    assert not cropped[1:].any()


def test_a_box_of_scale_one_has_sides_of_200_px() -> None:
    box = Box.of(np.array([10.0, 20.0], dtype=np.float32), 1.5)
    assert (box.center_x_px, box.center_y_px, box.side_px) == (10, 20, 300)


def test_the_camera_over_the_picture_repeats_the_crops_projection() -> None:
    """Focal length of the box and the box's centre as principal point."""
    points = torch.randn(1, 10, 3, dtype=torch.float64) * 0.5
    translation = torch.tensor([[0.1, -0.2, 45.0]], dtype=torch.float64)
    in_crop = project_to_crop(points, translation)[0].numpy()
    camera = (points + translation)[0].numpy()
    in_picture = BOX.focal_length_px * camera[:, :2] / camera[:, 2:] + np.array(
        [BOX.center_x_px, BOX.center_y_px]
    )
    np.testing.assert_allclose(BOX.picture_to_crop(in_picture), in_crop, atol=1e-3)


def test_the_box_around_points_is_their_extent_and_a_fifth() -> None:
    box = box_around(np.array([[10.0, 100.0], [50.0, 300.0], [30.0, 150.0]]))
    assert (box.center_x_px, box.center_y_px) == (30, 200)
    assert box.side_px == pytest.approx(240)


def test_the_box_around_one_point_is_not_empty() -> None:
    assert box_around(np.array([[10.0, 100.0]])).side_px > 0


@pytest.mark.parametrize(
    "values", [(np.nan, 0.0, 1.0), (0.0, np.inf, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, -5.0)]
)
def test_impossible_boxes_are_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(StudioError, match="positive side"):
        Box(*values)
