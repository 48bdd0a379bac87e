"""The crop camera."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import ShapeError
from core.geometry.crop_camera import (
    CROP_CENTER_PX,
    FOCAL_LENGTH_PX,
    CropCameras,
    long_lens_like,
    project_to_crop,
    projection_rows,
    rays_of,
    translation_to_weak_perspective,
    weak_perspective_to_translation,
)


def cameras(array, count: int = 4, dtype: str = "float64") -> CropCameras:
    """Of 300 to 3000 crop pixels, whose principal points lie up to a crop and a half away."""
    rng = np.random.default_rng(5)
    return CropCameras(
        array(np.geomspace(300, 3000, count), dtype),
        array(rng.uniform(-250, 470, (count, 2)), dtype),
        array(rng.normal(112, 20, (count, 2)), dtype),
    )


def people(count: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Points in metres and translations between 1.5 and 4 m."""
    rng = np.random.default_rng(6)
    return rng.normal(0, 0.3, (count, 49, 3)), rng.uniform(
        (-0.3, -0.3, 1.5), (0.3, 0.3, 4.0), (count, 3)
    )


def test_a_point_on_the_axis_is_seen_in_the_middle_of_the_crop(array) -> None:
    seen = project_to_crop(array(np.zeros((1, 1, 3))), array([[0.0, 0.0, 40.0]]))
    np.testing.assert_allclose(seen, np.full((1, 1, 2), CROP_CENTER_PX))


def test_right_and_down_are_positive_and_far_things_are_small(array) -> None:
    points = array([[0.5, 0.25, 0.0], [0.5, 0.25, 50.0]])
    seen = project_to_crop(points, array([0.0, 0.0, 50.0])) - CROP_CENTER_PX
    np.testing.assert_allclose(seen, [[50.0, 25.0], [25.0, 12.5]])


def test_every_body_of_a_batch_has_its_own_camera(array) -> None:
    points = np.random.default_rng(0).normal(size=(3, 49, 3))
    translation = np.array([[0.0, 0, 40], [1, 0, 50], [0, -1, 60]])
    together = project_to_crop(array(points), array(translation))
    for index in range(3):
        alone = project_to_crop(array(points[index]), array(translation[index]))
        np.testing.assert_allclose(together[index], alone)


def test_weak_perspective_scale_is_the_size_in_half_crops(array) -> None:
    """A metre at the body's depth covers scale × 112 px."""
    translation = weak_perspective_to_translation(array([0.9, 0.1, -0.2]))
    assert float(translation[2]) == pytest.approx(2 * FOCAL_LENGTH_PX / (224 * 0.9))
    seen = project_to_crop(array([[0.0, 0, 0], [1.0, 0, 0]]), translation)
    assert float(seen[1, 0] - seen[0, 0]) == pytest.approx(0.9 * 112, abs=1e-4)
    assert seen[0].tolist() == pytest.approx([112 + 0.09 * 112, 112 - 0.18 * 112], abs=1e-4)


def test_weak_perspective_and_translation_are_inverses(array) -> None:
    camera = np.array([[0.9, 0.0, 0.0], [0.3, -0.4, 0.7], [1.6, 0.1, 0.2]])
    back = translation_to_weak_perspective(weak_perspective_to_translation(array(camera)))
    np.testing.assert_allclose(back, camera, atol=1e-9, rtol=1e-9)


def test_a_weak_perspective_is_seen_alike_before_every_camera(array) -> None:
    """The origin lies at 112 (1 + s t), and a metre there spans s half-crops across the view."""
    given, weak = (
        cameras(array),
        np.array([[0.9, 0.1, -0.2], [0.5, 0, 0], [1.2, 0.3, 0.3], [2, 1, 0]]),
    )
    translation = weak_perspective_to_translation(array(weak), given)
    seen = np.asarray(project_to_crop(array(np.zeros((4, 1, 3))), translation, given))[:, 0]
    np.testing.assert_allclose(seen, 112 * (1 + weak[:, :1] * weak[:, 1:]), rtol=1e-9)
    rotations = np.asarray(given.viewing_rotations)
    depth = (rotations @ np.asarray(translation)[..., None])[:, 2, 0]
    np.testing.assert_allclose(np.asarray(given.focal_length_px) / depth, 112 * weak[:, 0])
    np.testing.assert_allclose(translation_to_weak_perspective(translation, given), weak, atol=1e-9)


def test_a_point_of_a_ray_is_seen_where_the_ray_is(array) -> None:
    given, pixels = cameras(array), np.random.default_rng(8).uniform(0, 224, (4, 9, 2))
    rays = rays_of(array(pixels), given)
    seen = project_to_crop(3.0 * rays, array(np.zeros((4, 3))), given)
    np.testing.assert_allclose(seen, pixels, rtol=1e-10)


def test_projection_can_be_differentiated() -> None:
    points = torch.randn(1, 3, 3, dtype=torch.float64, requires_grad=True)
    translation = torch.tensor([[0.1, 0.2, 40.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(project_to_crop, (points, translation))


def test_wrong_shapes_are_refused_at_the_door(array) -> None:
    with pytest.raises(ShapeError, match="points"):
        project_to_crop(array(np.zeros((1, 4, 2))), array(np.zeros((1, 3))))


def test_the_bodys_axis_is_seen_where_the_camera_says(array) -> None:
    """Whatever its depth, a point on the z axis of the crop's frame lies at ``axis_px``."""
    given = cameras(array)
    depths = array(np.linspace(0.5, 60, 7))
    points = depths[:, None] * array(np.eye(3)[2])
    seen = project_to_crop(points + array(np.zeros((4, 7, 3))), array(np.zeros((4, 3))), given)
    np.testing.assert_allclose(
        seen, np.repeat(np.asarray(given.axis_px)[:, None], 7, axis=1), rtol=1e-12
    )


def test_a_camera_projects_as_the_pictures_camera_that_it_was_cut_from(array) -> None:
    """A pinhole camera of 1000 px, a person at its right edge, and a box of 300 px about them."""
    focal_px, principal_px, center_px, side_px = 1000.0, (960.0, 540.0), (1700.0, 700.0), 300.0
    per_px = 224 / side_px
    principal = (np.array(principal_px) - center_px) * per_px + 112
    given = CropCameras(array([focal_px * per_px]), array([principal]), array([[112.0, 112.0]]))
    turned = np.asarray(given.viewing_rotations)[0]
    points, translation = np.random.default_rng(3).normal(0, 0.3, (1, 9, 3)), [[0.1, 0.0, 3.0]]
    in_picture = (points[0] + translation) @ turned.T
    picture_px = focal_px * in_picture[:, :2] / in_picture[:, 2:] + principal_px
    expected = (picture_px - center_px) * per_px + 112
    seen = project_to_crop(array(points), array(translation), given)
    np.testing.assert_allclose(seen[0], expected, rtol=1e-10)


def test_the_viewing_rotation_is_the_shortest_one(array) -> None:
    turned = np.asarray(cameras(array).viewing_rotations)
    np.testing.assert_allclose(
        turned @ np.swapaxes(turned, 1, 2), np.eye(3)[None].repeat(4, 0), atol=1e-12
    )
    np.testing.assert_allclose(turned[:, 0, 1], turned[:, 1, 0], atol=1e-12)  # no turn about z


def test_the_long_lens_is_what_no_cameras_mean(array) -> None:
    points, translation = people()
    translation[:, 2] += 40
    plain = project_to_crop(array(points), array(translation))
    lens = long_lens_like(array(points))
    np.testing.assert_array_equal(plain, project_to_crop(array(points), array(translation), lens))
    in_camera = points + translation[:, None]
    expected = FOCAL_LENGTH_PX * in_camera[..., :2] / in_camera[..., 2:] + CROP_CENTER_PX
    np.testing.assert_allclose(plain, expected, rtol=1e-14)


def test_rows_are_the_derivative_of_the_projection_by_points(array) -> None:
    points, translation = people()
    given, plain = cameras(array), cameras(np.array)
    rows = np.asarray(projection_rows(array(points), array(translation), given))
    assert rows.shape == (4, 3, 2, 49)
    for axis in range(3):
        step = np.eye(3)[axis] * 1e-6
        ahead, behind = (
            project_to_crop(points + shift, translation, plain) for shift in (step, -step)
        )
        slope = np.moveaxis((ahead - behind) / 2e-6, -1, 1)
        np.testing.assert_allclose(rows[:, axis], slope, rtol=1e-6, atol=1e-4)


def test_cameras_whose_parts_do_not_belong_together_are_refused(array) -> None:
    with pytest.raises(ShapeError, match="axis_px"):
        CropCameras(array([900.0]), array([[112.0, 112.0]]), array([112.0, 112.0]))
