"""Several people of one picture, drawn at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import RenderingError
from core.geometry.boxes import Box
from core.rendering.common_camera import in_first_camera
from core.rendering.views import MeshView, picture_view
from core.types.bodies import LONG_LENS
from core.types.cameras import PictureCamera

PICTURE_PX = (640, 480)
CAMERA = PictureCamera(520.0, (320.0, 240.0))
RED, BLUE = (1.0, 0.1, 0.1), (0.1, 0.1, 1.0)


def person(posed, x_px: float, distance_m: float) -> MeshView:
    """A body in the picture's camera, its pelvis at some column and depth."""
    box = Box(x_px, 240.0, 520.0 * 2.2 / distance_m)
    return picture_view(
        posed.vertices,
        np.array([0.0, 0.0, distance_m * np.hypot((x_px - 320) / 520, 1)], np.float32),
        camera=CAMERA.crop_camera(box),
        box=box,
        picture_size_px=PICTURE_PX,
    )


def as_the_long_lens_has_it(posed, x_px: float, distance_m: float) -> MeshView:
    """A body of about the same place and size, ten and more times as far away."""
    box = Box(x_px, 240.0, 520.0 * 2.2 / distance_m)
    far = distance_m * box.focal_length_px / 520
    return picture_view(
        posed.vertices,
        np.array([0.0, 0.0, far], np.float32),
        camera=LONG_LENS,
        box=box,
        picture_size_px=PICTURE_PX,
    )


@pytest.mark.parametrize("behind", [person, as_the_long_lens_has_it])
@pytest.mark.parametrize("order", [1, -1], ids=["near first", "far first"])
def test_who_is_nearer_hides_who_is_farther_in_any_order(posed, service, behind, order):
    views = [person(posed, 330, 3.0), behind(posed, 360, 4.5)][::order]
    colors = [RED, BLUE][::order]
    together = service.submit_people(views, colors=colors).result()
    near = service.render(views[0] if order == 1 else views[1])[..., 3] == 255
    far = service.render(views[1] if order == 1 else views[0])[..., 3] == 255
    shared = near & far
    assert shared.sum() > 1000
    is_red = together[..., 0].astype(int) > together[..., 2]
    # Along the outlines colours are averaged with their neighbours.
    assert is_red[shared].mean() > 0.97
    assert (~is_red)[far & ~near].mean() > 0.9
    covered = together[..., 3] > 127
    assert np.mean(covered != (near | far)) < 0.01


@pytest.mark.parametrize("seen", [person, as_the_long_lens_has_it])
def test_every_body_stays_at_the_pixels_of_its_own_camera(posed, seen):
    views = [person(posed, 250, 2.0), seen(posed, 470, 6.0)]
    moved = in_first_camera(views)
    first = views[0]
    for view, points in zip(views, moved, strict=True):
        pixels = first.focal_length_px * points[:, :2] / points[:, 2:] + first.principal_point_px
        np.testing.assert_allclose(pixels, view.project(view.vertices_camera), atol=0.01)
    np.testing.assert_allclose(moved[1][:, 2].mean(), 6.0, atol=0.15)


def test_one_body_alone_is_drawn_as_ever(posed, service):
    view = person(posed, 400, 3.0)
    alone = service.submit_people([view], colors=[RED]).result()
    usual = service.render(view, color=RED)
    assert np.mean((alone[..., 3] > 127) != (usual[..., 3] > 127)) < 1e-3
    both = (alone[..., 3] == 255) & (usual[..., 3] == 255)
    assert np.abs(alone[both].astype(int) - usual[both]).mean() < 2


def test_views_of_two_sizes_are_refused(posed):
    view = person(posed, 400, 3.0)
    with pytest.raises(RenderingError, match="one size"):
        in_first_camera([view, replace(view, width=100)])
