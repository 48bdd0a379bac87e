"""Bodies over pictures of a lens that bends lines; OpenCV says where it shows what."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from core.geometry.boxes import Box
from core.rendering.views import SIDE, bending_lens, crop_view, picture_view
from core.types.bodies import LONG_LENS
from core.types.cameras import PictureCamera

PICTURE_PX = (640, 480)
LENSES = {
    "barrel": (-0.28, 0.07, 0.001, -0.002),
    "cushion": (0.12, 0.02, 0.0, 0.0),
    "rational": (0.9, 0.1, 0.0, 0.0, 0.02, 1.2, 0.3, 0.05),
}
BOX = Box(505.0, 165.0, 250.0)
TRANSLATION = np.array([0.02, 0.0, 4.6], np.float32)


@pytest.fixture(params=LENSES.values(), ids=LENSES)
def camera(request) -> PictureCamera:
    return PictureCamera(520.0, (322.0, 236.0), request.param)


def shown_by_opencv(camera, view, points):
    """Pixels of the picture ``(N, 2)`` of points in the crop's frame, not translated."""
    in_camera = view.viewing_rotation @ (points + TRANSLATION).T
    matrix = np.array([[520.0, 0, 322.0], [0, 520.0, 236.0], [0, 0, 1]])
    seen, _ = cv2.projectPoints(
        in_camera.T, np.zeros(3), np.zeros(3), matrix, np.array(camera.distortion)
    )
    return seen[:, 0]


def seen_in_picture(posed, camera, **asked):
    own = camera.crop_camera(BOX)
    return picture_view(
        posed.vertices,
        TRANSLATION,
        camera=own,
        box=BOX,
        picture_size_px=PICTURE_PX,
        lens=bending_lens(own, camera, BOX),
        **asked,
    )


def test_points_lie_where_opencv_says_that_the_lens_shows_them(posed, camera):
    points = posed.keypoints.astype(np.float64)
    whole = seen_in_picture(posed, camera)
    expected = shown_by_opencv(camera, whole, points)
    found = whole.project(points + TRANSLATION)
    np.testing.assert_allclose(found, expected, atol=0.01)

    own = camera.crop_camera(BOX)
    crop = crop_view(
        posed.vertices,
        TRANSLATION,
        camera=own,
        size_px=224,
        zoom=1.5,
        pan_px=(9.0, -4.0),
        lens=bending_lens(own, camera, BOX),
    )
    in_crop = (crop.project(points + TRANSLATION) - (121, 108)) / 1.5 + 112
    np.testing.assert_allclose(BOX.crop_to_picture(in_crop), expected, atol=0.01)


def test_the_layer_is_bent_to_the_pixel(posed, camera, service, open_body):
    view = seen_in_picture(posed, camera)
    drawn = service.render(view)[..., 3] >= 128
    large = np.zeros((8 * PICTURE_PX[1], 8 * PICTURE_PX[0]), np.uint8)
    seen = shown_by_opencv(camera, view, posed.vertices.astype(np.float64))
    for triangle in np.rint((8 * seen - 0.5)[open_body.faces] * 16).astype(np.int32):
        cv2.fillConvexPoly(large, triangle, 255, lineType=cv2.LINE_8, shift=4)
    expected = cv2.resize(large, PICTURE_PX, interpolation=cv2.INTER_AREA) > 127
    assert expected.sum() > 2000
    assert np.mean(drawn != expected) < 0.002
    straight = service.render(replace(view, lens_warp=None))[..., 3] >= 128
    assert np.mean(straight != expected) > 0.005, "the lens makes a difference"


def test_everyone_is_bent_by_the_picture_s_lens(posed, camera, service):
    view = seen_in_picture(posed, camera)
    together = service.submit_people([view], colors=[(1.0, 1.0, 1.0)]).result()
    assert np.mean((together[..., 3] > 127) != (service.render(view)[..., 3] > 127)) < 1e-3


def test_outlines_stay_free_of_dark_fringes(posed, camera, service):
    bent = service.render(seen_in_picture(posed, camera), color=(1.0, 1.0, 1.0))
    assert (bent[bent[..., 3] == 0] == 0).all()
    edge = bent[(bent[..., 3] > 0) & (bent[..., 3] < 128)].astype(float)
    assert np.median(255 * edge[:, :3] / edge[:, 3:]) > 60


def test_turned_views_and_bodies_of_other_cameras_are_not_bent(posed, camera):
    assert seen_in_picture(posed, camera, angle=SIDE).lens_warp is None
    assert bending_lens(LONG_LENS, camera, BOX) is None
    straight = replace(camera, distortion=())
    assert bending_lens(straight.crop_camera(BOX), straight, BOX) is None
