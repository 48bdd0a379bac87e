"""Angle, zoom and pan of the views, without any window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spin_gui.images.plane_view import MAX_ZOOM, MIN_ZOOM, PlaneView, Window
from spin_gui.viewer.view_state import HOME, ViewKind, ViewState


def test_zoom_keeps_the_point_under_the_pointer() -> None:
    view = PlaneView().zoomed(2.0, x=0.2, y=0.7)
    assert view.window.to_plane(0.2, 0.7) == pytest.approx((0.2, 0.7))
    again = view.zoomed(1.7, x=0.9, y=0.4)
    assert again.window.to_plane(0.9, 0.4) == pytest.approx(view.window.to_plane(0.9, 0.4))


def test_pan_moves_the_content_with_the_drag_at_any_zoom() -> None:
    view = PlaneView().zoomed(4.0)
    point = view.window.to_plane(0.5, 0.5)
    moved = view.panned(0.1, -0.2)
    assert moved.window.to_window(*point) == pytest.approx((0.6, 0.3))


def test_zoom_and_pan_stay_within_their_limits() -> None:
    assert PlaneView().zoomed(1e6).zoom == MAX_ZOOM
    assert PlaneView().zoomed(1e-6).zoom == MIN_ZOOM
    far = PlaneView().panned(-50, 50)
    assert (far.center_x, far.center_y) == (1.0, 0.0)


def test_the_near_side_of_the_body_follows_the_drag() -> None:
    state = ViewState(lambda _kind: None)
    state.orbit(ViewKind.CAMERA, 0.1, 0.05)
    nearest = np.array([0.0, 0.0, -1.0])
    x, y, _z = state[ViewKind.CAMERA].angle.rotation @ nearest
    assert x > 0, "dragged to the right, it must go right"
    assert y > 0, "dragged downwards, it must go down (y points down)"


def test_orbit_wraps_around_and_stops_at_the_poles() -> None:
    half = PlaneView().orbited(1.0, 0.0)
    assert abs(half.angle.azimuth_rad) == pytest.approx(math.pi)
    assert half.orbited(1.0, 0).angle.azimuth_rad == pytest.approx(0, abs=1e-9)
    assert PlaneView().orbited(0, 9).angle.elevation_rad == math.pi / 2


def test_turning_one_kind_leaves_the_others_and_tells_which() -> None:
    changed: list[ViewKind] = []
    state = ViewState(changed.append)
    state.orbit(ViewKind.TOP, 0.1, 0.0)
    assert changed == [ViewKind.TOP]
    assert state.turned(ViewKind.TOP)
    assert not state.turned(ViewKind.SIDE)
    state.reset(ViewKind.TOP)
    assert state[ViewKind.TOP] == HOME[ViewKind.TOP]
    assert changed == [ViewKind.TOP, ViewKind.TOP]


def test_nothing_is_told_when_nothing_changed() -> None:
    changed: list[ViewKind] = []
    state = ViewState(changed.append)
    state.reset_all()
    state.orbit(ViewKind.PICTURE, 0.3, 0.3)
    state.orbit(ViewKind.TOP, 0.0, 0.3)
    assert changed == [], "the picture is never turned, and the top is as high as it gets"


def test_an_image_of_another_window_is_placed_where_its_content_is() -> None:
    left, top, side = Window(0.5, 0.5, 1.0).placed_in(Window(0.25, 0.25, 0.5))
    assert (left, top, side) == pytest.approx((0.0, 0.0, 2.0))
    assert Window().placed_in(Window()) == pytest.approx((0.0, 0.0, 1.0))
