"""Images come back on the main thread, stale work is dropped, failures are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.body.display_body import DisplayBody
from core.errors import RenderingError
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.rendering.colors import CURRENT_FIT_COLOR
from core.types.bodies import BodyParameters, CropCamera, camera_batch
from spin_gui.images.posed_fits import pose_fit
from spin_gui.images.produced_cache import AHEAD, URGENT
from spin_gui.images.render_cache import (
    MeshImages,
    MeshKey,
    MeshRequest,
    OverPicture,
    image_of,
    mesh_view,
    seen_in_plane,
    view_over_picture,
)
from spin_gui.viewer.sample_scene import ShownBody
from spin_gui.viewer.view_state import HOME, ViewKind


def a_body(shape: float) -> BodyParameters:
    pose = np.zeros(72, dtype=np.float32)
    pose[0] = np.pi
    betas = np.full(10, shape, dtype=np.float32)
    return BodyParameters(pose, betas, np.array([0, 0, 50], dtype=np.float32))


OLD, NEW = a_body(0.0), a_body(0.5)


def key_of(parameters: BodyParameters, kind: ViewKind = ViewKind.CAMERA) -> MeshKey:
    return MeshKey(ShownBody(parameters).digest, CURRENT_FIT_COLOR, HOME[kind], 32)


@pytest.fixture
def images(qtbot: QtBot, display_body: DisplayBody, held_rendering) -> Iterator[MeshImages]:
    images = MeshImages(display_body, held_rendering)
    yield images
    images.close()


def test_an_image_arrives_on_the_main_thread(
    qtbot: QtBot, images: MeshImages, held_rendering
) -> None:
    class Receiver(QObject):
        thread_of_slot: QThread | None = None

        def take(self, _key: object) -> None:
            self.thread_of_slot = QThread.currentThread()

    receiver = Receiver()
    images.ready.connect(receiver.take)
    images.request_meshes({key_of(OLD): MeshRequest(OLD, URGENT)})
    qtbot.waitUntil(lambda: len(held_rendering.asked) == 1)
    held_rendering.draw(level=200)
    qtbot.waitUntil(lambda: images.get(key_of(OLD)) is not None)
    assert receiver.thread_of_slot is QApplication.instance().thread()
    assert images.get(key_of(OLD)).pixelColor(3, 3).red() == 200


def test_what_is_not_requested_any_more_is_cancelled(
    qtbot: QtBot, images: MeshImages, held_rendering
) -> None:
    images.request_meshes({key_of(OLD): MeshRequest(OLD, URGENT)})
    qtbot.waitUntil(lambda: len(held_rendering.asked) == 1)
    images.request_meshes({key_of(NEW): MeshRequest(NEW, URGENT)})
    qtbot.waitUntil(lambda: len(held_rendering.asked) == 2)
    assert held_rendering.asked[0][1].cancelled()
    assert not held_rendering.asked[1][1].cancelled()


def test_a_neighbour_becomes_urgent_when_it_is_looked_at(
    qtbot: QtBot, images: MeshImages, held_rendering
) -> None:
    images.request_meshes({key_of(OLD): MeshRequest(OLD, AHEAD)})
    qtbot.waitUntil(lambda: len(held_rendering.asked) == 1)
    images.request_meshes({key_of(OLD): MeshRequest(OLD, URGENT)})
    assert held_rendering.asked[0][1].cancelled()
    assert held_rendering.asked[1][2] == URGENT


def test_one_posing_serves_all_views_of_a_body(
    qtbot: QtBot, images: MeshImages, held_rendering
) -> None:
    keys = [key_of(OLD, kind) for kind in (ViewKind.CAMERA, ViewKind.TOP, ViewKind.SIDE)]
    with qtbot.waitSignals([images.posed], timeout=5000):
        images.request_meshes({key: MeshRequest(OLD, URGENT) for key in keys})
    views = [view for view, _future, _priority in held_rendering.asked]
    assert len(views) == 3
    assert len({view.mesh_digest for view in views}) == 1


def test_a_failed_drawing_is_told_once_and_tried_again_later(
    qtbot: QtBot, images: MeshImages, held_rendering
) -> None:
    request = {key_of(OLD): MeshRequest(OLD, URGENT)}
    images.request_meshes(request)
    qtbot.waitUntil(lambda: len(held_rendering.asked) == 1)
    with qtbot.waitSignal(images.failed):
        held_rendering.asked.pop()[1].set_exception(RenderingError("No context."))
    assert images.failure(key_of(OLD)) == "No context."
    images.request_meshes(request)
    assert held_rendering.asked == []
    images.request_meshes({})
    images.request_meshes(request)
    assert len(held_rendering.asked) == 1


def test_a_result_after_closing_does_no_harm(
    qtbot: QtBot, images: MeshImages, held_rendering
) -> None:
    images.request_meshes({key_of(OLD): MeshRequest(OLD, URGENT)})
    qtbot.waitUntil(lambda: len(held_rendering.asked) == 1)
    future = held_rendering.asked[0][1]
    assert future.set_running_or_notify_cancel()
    images.close()
    future.set_result(np.zeros((32, 32, 4), dtype=np.uint8))
    QApplication.processEvents()
    assert images.get(key_of(OLD)) is None


NEAR = replace(
    NEW,
    camera_translation=np.array([0.1, 0.2, 2.5], dtype=np.float32),
    camera=CropCamera(260.0, -190.0, 75.0),
)
"""Seen obliquely from two and a half metres."""


@pytest.mark.parametrize("body", [NEW, NEAR], ids=["long lens", "near"])
@pytest.mark.parametrize("kind", [ViewKind.CAMERA, ViewKind.PICTURE])
def test_zoom_and_pan_move_the_body_with_its_picture(
    display_body: DisplayBody, kind: ViewKind, body: BodyParameters
) -> None:
    box, picture_size = Box(200.0, 90.0, 80.0), (320, 240)
    whole = Box(160.0, 120.0, 320.0)
    view = HOME[kind].zoomed(3.0, x=0.2, y=0.7).panned(0.1, -0.05)
    over_picture = OverPicture(box, picture_size) if kind is ViewKind.PICTURE else None
    key = MeshKey("", CURRENT_FIT_COLOR, view, 200, over_picture)
    posed = pose_fit(display_body, body)
    in_crop = project_to_crop(
        posed.vertices[None].astype(np.float64),
        posed.camera_translation[None].astype(np.float64),
        camera_batch([body.camera]),
    )[0]
    plane = whole if kind is ViewKind.PICTURE else box
    corner = np.array([plane.center_x_px, plane.center_y_px]) - plane.side_px / 2
    in_plane = (box.crop_to_picture(in_crop) - corner) / plane.side_px
    expected = [view.window.to_window(*point) for point in in_plane[::500]]
    drawn = mesh_view(key, posed)
    in_view = drawn.project(posed.vertices + posed.camera_translation)[::500] / 200
    np.testing.assert_allclose(in_view, np.array(expected), atol=1e-3)


def test_keypoints_are_those_that_the_bodys_own_camera_sees(display_body: DisplayBody) -> None:
    posed = pose_fit(display_body, NEAR)
    key = MeshKey("", CURRENT_FIT_COLOR, HOME[ViewKind.CAMERA], 224)
    keypoints = display_body.keypoints(NEAR) + NEAR.camera_translation
    seen = mesh_view(key, posed).project(keypoints)
    np.testing.assert_allclose(posed.keypoints_crop_px, seen, atol=1e-2)


def test_the_same_body_before_another_camera_is_drawn_again() -> None:
    assert key_of(NEAR) != key_of(replace(NEAR, camera=CropCamera(270.0, -190.0, 75.0)))
    assert key_of(NEAR) == key_of(replace(NEAR, camera=replace(NEAR.camera)))


def test_a_premultiplied_layer_becomes_an_image_of_the_same_pixels() -> None:
    layer = np.zeros((2, 3, 4), dtype=np.uint8)
    layer[0, 1] = (200, 100, 50, 255)
    layer[1, 2] = (100, 50, 25, 128)
    image = image_of(layer)
    del layer
    assert image.pixelColor(1, 0).getRgb() == (200, 100, 50, 255)
    assert image.pixel(2, 1) == 0x80643219, "as they were handed in: alpha, red, green, blue"
    assert image.pixelColor(0, 0).alpha() == 0


@pytest.mark.parametrize("kind", list(ViewKind))
@pytest.mark.parametrize("whole_body", [False, True])
def test_joints_are_seen_in_the_plane_where_the_drawn_body_has_them(
    display_body: DisplayBody, kind: ViewKind, whole_body: bool
) -> None:
    """Zoom and pan of the view move its window over the plane, and nothing in the plane."""
    posed = pose_fit(display_body, NEW)
    picture = OverPicture(Box(100.0, 90.0, 80.0), (240, 200))
    moved = replace(HOME[kind], zoom=2.0, center_x=0.4, center_y=0.6)
    key = replace(
        key_of(NEW, kind),
        view=moved,
        size_px=300,
        over_picture=picture if kind is ViewKind.PICTURE and not whole_body else None,
        whole_body=whole_body,
    )
    in_plane = seen_in_plane(key, posed, posed.vertices[:50])
    view = mesh_view(key, posed)
    drawn_px = view.project(view.vertices_camera[:50])
    in_window = [moved.window.to_window(x, y) for x, y in in_plane]
    assert 300 * np.array(in_window) == pytest.approx(drawn_px, abs=0.05)
    joints = display_body.skeleton(NEW.pose_axis_angle, NEW.betas).joints
    assert posed.joints == pytest.approx(joints, abs=1e-5)


def test_over_a_crop_everyone_is_where_the_crop_has_them(display_body: DisplayBody) -> None:
    posed = pose_fit(display_body, OLD)
    box, size = Box(130.0, 95.0, 150.0), (320, 240)
    zoomed = replace(HOME[ViewKind.CAMERA], zoom=1.7, center_x=0.4, center_y=0.62)
    alone = replace(key_of(OLD), view=zoomed, size_px=400)
    picture = OverPicture(box, size, cropped=True)
    among = replace(alone, over_picture=picture)
    own, beside = mesh_view(among, posed), view_over_picture(among, picture, box, posed)
    vertices = own.vertices_camera
    np.testing.assert_allclose(own.project(vertices), mesh_view(alone, posed).project(vertices))
    np.testing.assert_allclose(beside.project(vertices), own.project(vertices), atol=1e-2)


def test_another_person_over_a_crop_is_where_the_whole_picture_has_them(
    display_body: DisplayBody,
) -> None:
    posed = pose_fit(display_body, OLD)
    box, other, size = Box(130.0, 95.0, 150.0), Box(200.0, 110.0, 120.0), (320, 240)
    key = replace(key_of(OLD), size_px=300)
    cropped = view_over_picture(key, OverPicture(box, size, cropped=True), other, posed)
    whole = view_over_picture(key, OverPicture(box, size), other, posed)
    vertices = whole.vertices_camera
    in_picture = (whole.project(vertices) - 150) * 320 / 300 + np.array([160, 120])
    expected = (in_picture - np.array([130, 95])) * 300 / 150 + 150
    np.testing.assert_allclose(cropped.project(vertices), expected, atol=1e-2)
