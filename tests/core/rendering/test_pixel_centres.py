"""Picture, crop and overlay mean the same place by the same number, to a tenth of a pixel."""

from __future__ import annotations

import math

import numpy as np
import pytest
import trimesh

from core.geometry.boxes import Box
from core.pictures.square_crops import square_crop
from core.rendering.render_thread import RenderService
from core.rendering.views import crop_view, picture_view
from core.types.bodies import CropCamera
from core.types.cameras import CameraSource, PictureCamera

SIZE_PX = (640, 480)
DIAGONAL_PX = math.hypot(*SIZE_PX)
BOX = Box(300.3, 200.7, 261.0)
PLACE_PX = (341, 187)
"""Of a spot that is painted, and of a ball that is drawn."""
SPOT_PX = 4.0


@pytest.fixture(scope="module")
def ball():
    return trimesh.creation.icosphere(subdivisions=3, radius=1.0)


@pytest.fixture(scope="module")
def service(ball):
    with RenderService(np.asarray(ball.faces)) as rendering:
        yield rendering


@pytest.fixture(scope="module")
def picture():
    """Black, with a round white spot about the centre of one pixel."""
    y, x = np.mgrid[: SIZE_PX[1], : SIZE_PX[0]]
    apart = (x - PLACE_PX[0]) ** 2 + (y - PLACE_PX[1]) ** 2
    spot = (255 * np.exp(-apart / (2 * SPOT_PX**2))).astype(np.uint8)
    return np.repeat(spot[..., None], 3, axis=2)


def middle(layer):
    """The middle of mass (x, y) of a layer ``(H, W)``, pixel centres at whole numbers."""
    weights = layer.astype(np.float64)
    y, x = np.mgrid[: layer.shape[0], : layer.shape[1]]
    return np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()


class Seen:
    """A small ball that a picture's camera sees at ``PLACE_PX``."""

    def __init__(self, ball, diagonals, principal_px):
        focal_px = diagonals * DIAGONAL_PX
        camera = PictureCamera(focal_px, principal_px, source=CameraSource.GIVEN)
        self.camera: CropCamera = camera.crop_camera(BOX)
        ray = np.array([*(np.array(PLACE_PX) - principal_px) / focal_px, 1.0])
        axis = np.array([BOX.center_x_px, BOX.center_y_px, 0.0])
        forward = np.array([*(axis[:2] - principal_px) / focal_px, 1.0])
        self.translation = 20.0 * _turned_to_z(forward) @ ray
        # So small that it is seen as a disc, and that its perspective moves no middle.
        self.vertices = np.asarray(ball.vertices) * (3.0 / focal_px * 20.0)


def _turned_to_z(forward):
    """The shortest turn that leads a direction to z, written with Rodrigues' formula."""
    unit = forward / np.linalg.norm(forward)
    axis = np.cross(unit, [0, 0, 1])
    sine, cosine = np.linalg.norm(axis), unit[2]
    across = np.cross(axis / sine if sine else axis, np.eye(3)).T
    return np.eye(3) + sine * across + (1 - cosine) * across @ across


@pytest.mark.parametrize("principal_px", [(319.5, 239.5), (600.0, 30.0)], ids=["middle", "corner"])
@pytest.mark.parametrize("diagonals", [0.4, 1.0, 10.0])
@pytest.mark.parametrize("size_px", [128, 224, 600])
def test_a_crop_and_what_is_drawn_over_it_agree_to_a_tenth_of_a_pixel(
    ball, service, picture, size_px, diagonals, principal_px
):
    seen = Seen(ball, diagonals, principal_px)
    crop = square_crop(picture, BOX, size_px=size_px, pixel=np.uint8)
    view = crop_view(seen.vertices, seen.translation, camera=seen.camera, size_px=size_px)
    drawn = service.render(view, supersampling=4)[..., 3]
    np.testing.assert_allclose(middle(drawn), middle(crop[..., 0]), atol=0.1)
    projected = view.project(seen.translation.astype(np.float32))
    np.testing.assert_allclose(projected, middle(crop[..., 0]), atol=0.1)


@pytest.mark.parametrize("diagonals", [0.4, 1.0, 10.0])
def test_over_the_whole_picture_a_pixel_is_drawn_where_it_is(ball, service, diagonals):
    seen = Seen(ball, diagonals, (600.0, 30.0))
    view = picture_view(
        seen.vertices,
        seen.translation,
        camera=seen.camera,
        box=BOX,
        picture_size_px=SIZE_PX,
    )
    drawn = service.render(view, supersampling=4)[..., 3]
    np.testing.assert_allclose(middle(drawn), PLACE_PX, atol=0.1)
