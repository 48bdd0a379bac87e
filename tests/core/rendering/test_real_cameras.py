"""Bodies seen by the cameras of whole pictures: near, wide, and off the middle.

The ground truth places and projects the body in the picture's camera, by formulas of its own.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from core.geometry.boxes import Box
from core.rendering.views import (
    CAMERA,
    SIDE,
    TOP,
    MeshView,
    ViewAngle,
    crop_view,
    picture_view,
)
from core.types.bodies import CropCamera

PICTURE_PX = (640, 480)
DIAGONAL_PX = math.hypot(*PICTURE_PX)
PLACES_PX = {"in the middle": (320.0, 240.0), "in a corner": (110.0, 130.0)}
PERSON_PX = 150.0


class SeenInPicture:
    """A body that a camera of the whole picture sees at some place, in its frame and the crop's."""

    def __init__(self, posed, diagonals: float, place_px: tuple[float, float]) -> None:
        self.focal_px = diagonals * DIAGONAL_PX
        self.principal_px = np.array([331.0, 222.0])
        ray = np.array([*(np.array(place_px) - self.principal_px) / self.focal_px, 1.0])
        self.box = Box(*place_px, 1.3 * PERSON_PX)
        # Rodrigues' formula for the turn from z to the ray, written with the cross product.
        unit = ray / np.linalg.norm(ray)
        axis = np.cross([0, 0, 1], unit)
        sine, cosine = np.linalg.norm(axis), unit[2]
        axis = axis / sine if sine else axis
        across = np.cross(axis, np.eye(3)).T
        turn = np.eye(3) + sine * across + (1 - cosine) * across @ across
        height = np.ptp(posed.vertices[:, 1])
        distance = self.focal_px * height / PERSON_PX * np.linalg.norm(ray)
        middle = (posed.vertices.min(axis=0) + posed.vertices.max(axis=0)) / 2
        self.translation = (np.array([0.01, -0.02, distance]) - middle).astype(np.float32)
        self._turn = turn

    @property
    def crop_camera(self) -> CropCamera:
        """Its camera in pixels of the crop."""
        per_px = 224 / self.box.side_px
        center = (self.box.center_x_px, self.box.center_y_px)
        principal = (self.principal_px - center) * per_px + 112
        return CropCamera(self.focal_px * per_px, float(principal[0]), float(principal[1]))

    def project(self, points):
        """Points ``(N, 3)`` of the crop's frame, not translated, to picture pixels ``(N, 2)``."""
        x, y, z = self._turn @ (points.astype(np.float64) + self.translation).T
        return np.stack([x, y], axis=1) * self.focal_px / z[:, None] + self.principal_px

    def silhouette(self, posed, faces):
        """Pixels ``(H, W)`` whose middles the projected faces cover, drawn eight times as large."""
        width, height = PICTURE_PX
        large = np.zeros((8 * height, 8 * width), np.uint8)
        corners = (8 * (self.project(posed.vertices) + 0.5) - 0.5)[faces]
        for triangle in np.rint(corners * 16).astype(np.int32):
            cv2.fillConvexPoly(large, triangle, 255, lineType=cv2.LINE_8, shift=4)
        return cv2.resize(large, PICTURE_PX, interpolation=cv2.INTER_AREA) > 127


@pytest.fixture(params=[0.4, 0.8, 2.0, 10.0], ids="{} diagonals".format)
def diagonals(request):
    return request.param


@pytest.fixture(params=PLACES_PX.values(), ids=PLACES_PX)
def seen(request, posed, diagonals):
    return SeenInPicture(posed, diagonals, request.param)


def _whole_picture(posed, seen, **asked):
    return picture_view(
        posed.vertices,
        seen.translation,
        camera=seen.crop_camera,
        box=seen.box,
        picture_size_px=PICTURE_PX,
        **asked,
    )


def _within_a_pixel(first, second):
    square = np.ones((3, 3), np.uint8)
    one, other = first.astype(np.uint8), second.astype(np.uint8)
    beyond = (one & ~cv2.dilate(other, square)) | (other & ~cv2.dilate(one, square))
    return not (beyond & 1).any()


def test_a_body_lies_where_the_pictures_camera_sees_it(posed, seen):
    points = posed.keypoints
    in_picture = _whole_picture(posed, seen).project(points + seen.translation)
    np.testing.assert_allclose(in_picture, seen.project(points), atol=0.01)
    crop = crop_view(posed.vertices, seen.translation, camera=seen.crop_camera, size_px=224)
    in_crop = crop.project(points + seen.translation)
    np.testing.assert_allclose(seen.box.crop_to_picture(in_crop), in_picture, atol=0.01)


def test_its_silhouette_is_drawn_to_the_pixel(posed, seen, service, open_body):
    drawn = service.render(_whole_picture(posed, seen))[..., 3] >= 128
    expected = seen.silhouette(posed, open_body.faces)
    assert expected.sum() > 2000
    assert _within_a_pixel(drawn, expected)
    assert np.mean(drawn != expected) < 0.002


def test_the_crop_shows_the_same_pixels_as_the_picture(posed, seen, service):
    side = round(seen.box.side_px)
    left, top = (
        round(middle - side / 2) for middle in (seen.box.center_x_px, seen.box.center_y_px)
    )
    whole = Box(left + side / 2, top + side / 2, side)
    camera = seen.crop_camera.between_boxes(seen.box, whole)
    crop = crop_view(posed.vertices, seen.translation, camera=camera, size_px=side)
    drawn = service.render(crop)[..., 3] >= 128
    picture = service.render(_whole_picture(posed, seen))[..., 3] >= 128
    assert np.mean(drawn != picture[top : top + side, left : left + side]) < 0.002


def test_a_corrected_box_leaves_the_body_where_it_was_seen(posed, seen):
    corrected = Box(seen.box.center_x_px + 21, seen.box.center_y_px - 13, 1.4 * seen.box.side_px)
    moved = picture_view(
        posed.vertices,
        seen.translation,
        camera=seen.crop_camera.between_boxes(seen.box, corrected),
        box=corrected,
        picture_size_px=PICTURE_PX,
    )
    points = posed.keypoints + seen.translation
    np.testing.assert_allclose(
        moved.project(points), _whole_picture(posed, seen).project(points), atol=0.01
    )


@pytest.mark.parametrize("angle", [SIDE, TOP, ViewAngle(math.pi, 0.0), ViewAngle(2.0, -0.6)])
def test_turned_a_near_body_is_whole_in_the_middle_and_undistorted(posed, seen, service, angle):
    view = crop_view(
        posed.vertices, seen.translation, camera=seen.crop_camera, size_px=300, angle=angle
    )
    np.testing.assert_allclose(view.project(view.body_center), (150, 150), atol=1e-3)
    points = view.vertices_camera.astype(np.float64)
    in_view = (points - view.body_center) @ angle.rotation.T
    # Without any perspective, at the scale of the camera's view: f along the ray, over distance.
    principal = np.array([seen.crop_camera.principal_x_px, seen.crop_camera.principal_y_px]) - 112
    along_ray = math.hypot(seen.crop_camera.focal_length_px, *principal)
    px_per_m = along_ray / view.body_center[2] * 300 / 224
    flat = 150 + px_per_m * in_view[:, :2]
    assert np.abs(view.project(points) - flat).max() < 0.05 * np.ptp(flat, axis=0).max()

    drawn = service.render(view)[..., 3] >= 128
    rows, columns = np.nonzero(drawn)
    seen_px = view.project(points)
    expected = np.concatenate([seen_px.min(axis=0), seen_px.max(axis=0)]).clip(0, 300)
    covered = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    np.testing.assert_allclose(covered, expected, atol=1.5)


def test_turning_away_from_a_near_camera_is_a_glide_without_a_jump(posed, seen):
    views = [
        _whole_picture(posed, seen, angle=ViewAngle(math.radians(step / 4), 0.0))
        for step in range(100)
    ]
    places = np.array([view.project(view.body_center) for view in views])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    way = np.linalg.norm(places[-1] - places[0])
    assert steps.max() < 0.05 * way + 0.5
    sizes = np.array([np.ptp(view.project(view.vertices_camera), axis=0)[1] for view in views])
    assert np.abs(np.diff(sizes)).max() < 0.05 * sizes[0]


# The long lens: nothing on screen may change


def _crop_view_before(vertices, translation, *, size_px, angle, zoom, pan_px):
    """As every body was seen while the long lens was the only camera."""
    center = size_px / 2
    return MeshView(
        vertices_camera=(vertices + translation).astype(np.float32),
        angle=angle,
        width=size_px,
        height=size_px,
        focal_length_px=5000.0 * size_px / 224 * zoom,
        principal_point_px=(center + pan_px[0], center + pan_px[1]),
    )


def _picture_view_before(vertices, translation, *, box, picture_size_px, size_px, angle):
    width, height = size_px
    scale = min(width / picture_size_px[0], height / picture_size_px[1])
    aside = 1.0 - angle.centering
    return MeshView(
        vertices_camera=(vertices + translation).astype(np.float32),
        angle=angle,
        width=width,
        height=height,
        focal_length_px=5000.0 / (224 / box.side_px) * scale,
        principal_point_px=(
            width / 2 + (box.center_x_px - picture_size_px[0] / 2) * aside * scale,
            height / 2 + (box.center_y_px - picture_size_px[1] / 2) * aside * scale,
        ),
    )


@pytest.mark.parametrize("angle", [CAMERA, ViewAngle(0.11, -0.07), SIDE, TOP])
def test_long_lens_bodies_are_drawn_as_before_to_the_last_byte(posed, service, angle):
    asked = {"size_px": 217, "angle": angle, "zoom": 1.37, "pan_px": (6.5, -3.25)}
    before = _crop_view_before(posed.vertices, posed.camera_translation, **asked)
    now = crop_view(posed.vertices, posed.camera_translation, **asked)
    np.testing.assert_array_equal(service.render(now), service.render(before))
    placed = {
        "box": Box(211.3, 177.9, 243.7),
        "picture_size_px": (500, 375),
        "size_px": (333, 333),
        "angle": angle,
    }
    before = _picture_view_before(posed.vertices, posed.camera_translation, **placed)
    now = picture_view(posed.vertices, posed.camera_translation, **placed)
    picture = service.render(now)
    assert picture.any()
    np.testing.assert_array_equal(picture, service.render(before))
