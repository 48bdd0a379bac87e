"""A body alone is seen whole and in metres, with floor, vertical and camera where they belong."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.rendering.views import CAMERA, SIDE, TOP, ViewAngle
from core.rendering.whole_body import (
    GRID_STEP_M,
    VIEW_SIDE_M,
    square_side_m,
    surroundings,
    whole_body_view,
)

SIZE_PX = 400
TURNED = ViewAngle(0.7, 0.4)


def standing(height_m: float = 1.8) -> NDArray[np.float64]:
    """Points of a box about a person, somewhere off the origin; y is down."""
    corners = np.array([[x, y, z] for x in (-0.3, 0.3) for y in (-0.5, 0.5) for z in (-0.2, 0.2)])
    return corners * [1, height_m, 1] + [3.0, -1.0, 2.0]


@pytest.mark.parametrize("angle", [CAMERA, TOP, SIDE, TURNED])
@pytest.mark.parametrize("height_m", [0.6, 1.8, 3.1])
def test_all_of_the_body_is_seen_about_the_middle(angle: ViewAngle, height_m: float) -> None:
    vertices = standing(height_m)
    view = whole_body_view(vertices, size_px=SIZE_PX, angle=angle)
    pixels = view.project(view.vertices_camera)
    assert pixels.min() > 0
    assert pixels.max() < SIZE_PX
    assert (pixels.min(axis=0) + pixels.max(axis=0)) / 2 == pytest.approx(SIZE_PX / 2, abs=2)


def test_people_of_all_sizes_have_one_scale_unless_they_are_larger_than_the_square() -> None:
    assert square_side_m(standing(1.2)) == square_side_m(standing(1.9)) == VIEW_SIDE_M
    assert square_side_m(standing(3.0)) == pytest.approx(3.3)


def test_a_height_of_1_m_8_is_as_long_as_the_scale_says() -> None:
    vertices = standing(1.8)
    view = whole_body_view(vertices, size_px=SIZE_PX, angle=SIDE, zoom=1.5)
    height_px = np.ptp(view.project(view.vertices_camera)[:, 1])
    metre = surroundings(vertices, SIDE).metre
    assert height_px / (metre * SIZE_PX * 1.5) == pytest.approx(1.8, rel=0.02)


def test_the_floor_lies_under_the_feet_in_squares_of_half_a_metre() -> None:
    vertices = standing()
    around = surroundings(vertices, SIDE)
    feet = 0.5 + 0.9 * around.metre
    assert np.median(around.floor[..., 1]) == pytest.approx(feet, abs=0.02)
    from_above = surroundings(vertices, TOP)
    across = np.unique(np.round(from_above.floor[..., 0], 3))
    assert np.diff(across) == pytest.approx(GRID_STEP_M * around.metre, rel=0.1)
    assert around.upright[0, 0, 1] == pytest.approx(feet, abs=0.02)
    assert np.ptp(around.upright[..., 0]) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("angle", "axis", "way"), [(SIDE, 0, 1), (TOP, 1, -1)])
def test_the_camera_stands_where_the_picture_was_taken_and_looks_at_the_body(
    angle: ViewAngle, axis: int, way: int
) -> None:
    """From the side it is at the left, from the top it is below."""
    camera = surroundings(standing(), angle).camera
    places = (camera[..., axis] - 0.5) * way
    assert places.max() < 0
    assert places.min() > -0.5
    assert np.median(camera[..., 1 - axis]) == pytest.approx(0.5, abs=0.01)


def test_a_held_square_shows_a_body_that_moved_where_it_moved_to() -> None:
    vertices = standing(1.8).astype(np.float32)
    bounds = (vertices.min(0), vertices.max(0))
    held, moved = (
        whole_body_view(body, size_px=SIZE_PX, angle=SIDE, bounds=bounds)
        for body in (vertices, vertices + np.array([0.0, 0.0, 0.5], np.float32))
    )
    way_px = moved.project(moved.vertices_camera) - held.project(held.vertices_camera)
    assert way_px[:, 0] == pytest.approx(SIZE_PX * 0.5 / 2.4, rel=0.05)
    assert way_px[:, 1] == pytest.approx(0.0, abs=0.5)
