"""Where the body is looked at from."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.errors import RenderingError, ShapeError
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.rendering.views import CAMERA, SIDE, TOP, MeshView, ViewAngle, crop_view, picture_view


def _cross(camera_translation=(0.0, 0.0, 40.0)):
    """Points at the centre and one metre right of, below and behind it, and their opposites."""
    vertices = np.concatenate([np.eye(3), -np.eye(3)]).astype(np.float32)
    return vertices, np.array(camera_translation, dtype=np.float32)


def _seen(angle: ViewAngle, direction: tuple[float, float, float]) -> np.ndarray:
    """Where a point one metre from the centre appears, relative to the view's middle; px."""
    vertices, translation = _cross()
    view = crop_view(vertices, translation, size_px=224, angle=angle)
    return view.project(translation + np.array(direction)) - 112


RIGHT, DOWN, BEHIND = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def test_camera_view_of_the_crop_repeats_the_crop_projection(posed):
    view = crop_view(posed.vertices, posed.camera_translation, size_px=224)
    expected = project_to_crop(
        torch.from_numpy(posed.keypoints[None]), torch.from_numpy(posed.camera_translation[None])
    )[0]
    seen = view.project(posed.keypoints + posed.camera_translation)
    np.testing.assert_allclose(seen, expected, atol=1e-3)


def test_from_above_right_stays_right_and_the_camera_side_is_at_the_bottom():
    assert _seen(TOP, RIGHT)[0] > 50
    assert _seen(TOP, BEHIND)[1] < -50
    np.testing.assert_allclose(_seen(TOP, DOWN), 0, atol=1e-3)


def test_from_the_side_down_stays_down_and_the_camera_side_is_at_the_left():
    assert _seen(SIDE, BEHIND)[0] > 50
    assert _seen(SIDE, DOWN)[1] > 50
    np.testing.assert_allclose(_seen(SIDE, RIGHT), 0, atol=1e-3)


def test_side_viewer_stands_at_the_right_of_the_picture():
    vertices, translation = _cross()
    view = crop_view(vertices, translation, size_px=224, angle=SIDE)
    depth_of_right, depth_of_left = view.to_view_frame(
        translation + np.array([RIGHT, (-1.0, 0.0, 0.0)])
    )[:, 2]
    assert depth_of_right < depth_of_left


def test_top_viewer_stands_above():
    vertices, translation = _cross()
    view = crop_view(vertices, translation, size_px=224, angle=TOP)
    depth_of_head, depth_of_feet = view.to_view_frame(
        translation + np.array([(0.0, -1.0, 0.0), DOWN])
    )[:, 2]
    assert depth_of_head < depth_of_feet


@pytest.mark.parametrize("azimuth", [-3.0, -0.7, 0.0, 1.1, 2.9])
@pytest.mark.parametrize("elevation", [-1.5, 0.0, 0.4, math.pi / 2])
def test_no_angle_mirrors(azimuth, elevation):
    rotation = ViewAngle(azimuth, elevation).rotation
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1.0)


@pytest.mark.parametrize("angle", [TOP, SIDE, ViewAngle(0.8, 0.3)])
def test_turned_views_hold_the_body_in_the_middle_at_the_same_scale(posed, angle):
    box = Box(80.0, 300.0, 200.0)
    views = [
        crop_view(posed.vertices, posed.camera_translation, size_px=300, angle=angle),
        picture_view(
            posed.vertices,
            posed.camera_translation,
            box=box,
            picture_size_px=(640, 480),
            angle=angle,
        ),
    ]
    for view in views:
        center = view.project(view.body_center)
        np.testing.assert_allclose(center, (view.width / 2, view.height / 2), atol=1e-3)
        assert view.center_in_view[2] == pytest.approx(view.body_center[2])


def test_the_body_glides_to_the_middle_without_a_jump(posed):
    centers = []
    for step in range(60):
        angle = ViewAngle(math.radians(step / 2), 0.0)
        view = crop_view(posed.vertices, posed.camera_translation, size_px=300, angle=angle)
        centers.append(view.project(view.body_center))
    steps = np.linalg.norm(np.diff(centers, axis=0), axis=1)
    whole_way = np.linalg.norm(centers[-1] - centers[0])
    assert whole_way > 20
    assert steps.max() < 0.06 * whole_way


def test_orbit_wraps_around_and_stops_at_the_poles():
    turned = ViewAngle(3.0, 1.5).orbited(0.5, 0.5)
    assert turned.azimuth_rad == pytest.approx(3.5 - math.tau)
    assert turned.elevation_rad == math.pi / 2


def test_zoom_is_about_the_middle_and_pan_is_added_after_it(posed):
    plain = crop_view(posed.vertices, posed.camera_translation, size_px=300)
    near = crop_view(
        posed.vertices, posed.camera_translation, size_px=300, zoom=2.0, pan_px=(7.0, -5.0)
    )
    points = posed.keypoints + posed.camera_translation
    expected = (plain.project(points) - 150) * 2 + 150 + np.array([7.0, -5.0])
    np.testing.assert_allclose(near.project(points), expected, atol=1e-2)


def test_picture_view_lies_where_the_box_puts_the_crop(posed):
    box = Box(410.5, 222.25, 310.0)
    points = posed.keypoints + posed.camera_translation
    in_crop = crop_view(posed.vertices, posed.camera_translation, size_px=224).project(points)
    in_picture = picture_view(
        posed.vertices, posed.camera_translation, box=box, picture_size_px=(640, 480)
    ).project(points)
    np.testing.assert_allclose(in_picture, box.crop_to_picture(in_crop), atol=1e-2)


def test_picture_view_fits_the_whole_picture_into_another_size(posed):
    box = Box(410.5, 222.25, 310.0)
    points = posed.keypoints + posed.camera_translation
    full = picture_view(
        posed.vertices, posed.camera_translation, box=box, picture_size_px=(640, 480)
    ).project(points)
    half = picture_view(
        posed.vertices,
        posed.camera_translation,
        box=box,
        picture_size_px=(640, 480),
        size_px=(320, 300),
    ).project(points)
    np.testing.assert_allclose(half, full / 2 + np.array([0.0, 30.0]), atol=1e-2)


def test_views_of_one_mesh_share_a_digest_and_other_meshes_do_not(posed):
    first = crop_view(posed.vertices, posed.camera_translation, size_px=300, angle=TOP)
    again = crop_view(posed.vertices, posed.camera_translation, size_px=200, angle=SIDE)
    other = crop_view(posed.vertices * 1.01, posed.camera_translation, size_px=300)
    assert first.mesh_digest == again.mesh_digest != other.mesh_digest


def test_bodies_that_cannot_be_drawn_are_refused_at_the_door(posed):
    with pytest.raises(ShapeError, match=r"\(V, 3\)"):
        MeshView(np.zeros((5, 2), np.float32), CAMERA, 10, 10, 1.0, (5.0, 5.0))
    with pytest.raises(RenderingError, match="not finite"):
        crop_view(posed.vertices * np.nan, posed.camera_translation, size_px=10)
    with pytest.raises(RenderingError, match="0 × 0"):
        crop_view(posed.vertices, posed.camera_translation, size_px=0)


@pytest.mark.parametrize("angle", [CAMERA, SIDE, TOP, ViewAngle(0.7, -0.4)])
def test_a_pixel_and_a_depth_lead_back_to_the_place_that_is_seen_there(posed, angle):
    view = crop_view(
        posed.vertices,
        posed.camera_translation,
        size_px=500,
        angle=angle,
        zoom=1.7,
        pan_px=(20.0, -30.0),
    )
    place = posed.keypoints[7].astype(np.float64) + posed.camera_translation
    depth_m = float(view.to_view_frame(place)[2])
    found, sight = view.place_at(view.project(place), depth_m)
    np.testing.assert_allclose(found, place, atol=1e-4)
    np.testing.assert_allclose(view.project(found + 0.1 * sight), view.project(place), atol=0.02)
    assert np.linalg.norm(sight) == pytest.approx(1)


def test_a_view_that_is_held_stands_still_while_the_body_changes(posed):
    middle = crop_view(posed.vertices, posed.camera_translation, size_px=300).body_center
    moved = posed.vertices.copy()
    moved[: len(moved) // 8] += (0.3, -0.2, 0.1)
    before, after = (
        crop_view(
            vertices,
            posed.camera_translation,
            size_px=300,
            angle=SIDE,
            turned_about=tuple(middle),
        )
        for vertices in (posed.vertices, moved)
    )
    place = posed.camera_translation + posed.vertices[-1]
    np.testing.assert_allclose(after.project(place), before.project(place), atol=1e-4)
    own = crop_view(moved, posed.camera_translation, size_px=300, angle=SIDE)
    assert np.abs(own.project(place) - before.project(place)).max() > 1
    assert after.mesh_digest != own.mesh_digest
    assert after.radius > own.radius
