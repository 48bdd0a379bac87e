"""Layers over pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.errors import ShapeError
from core.rendering.compositing import overlay, reduced, smooth_edges


def _layer(height=9, width=12):
    layer = np.zeros((height, width, 4), np.uint8)
    layer[3:7, 4:9] = (200, 100, 50, 255)
    return layer


def soft_edges(layer):
    smooth = layer.copy()
    smooth_edges(smooth)
    return smooth


def test_overlay_blends_by_coverage_and_leaves_the_rest():
    picture = np.full((1, 4, 3), 100, np.uint8)
    layer = np.array(
        [[[0, 0, 0, 0], [200, 0, 0, 255], [40, 0, 0, 51], [0, 0, 0, 0]]], dtype=np.uint8
    )
    result = overlay(picture, layer)
    assert result.tolist() == [[[100] * 3, [200, 0, 0], [120, 80, 80], [100] * 3]]
    assert (picture == 100).all()
    assert overlay(picture, layer, opacity=0.5)[0, 1].tolist() == [150, 50, 50]


def test_overlay_refuses_other_sizes():
    with pytest.raises(ShapeError):
        overlay(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 4), np.uint8))


def test_soft_edges_change_only_the_outline():
    layer = _layer()
    soft = soft_edges(layer)
    np.testing.assert_array_equal(soft[4:6, 5:8], layer[4:6, 5:8])
    assert not soft[:2].any()
    assert 0 < soft[2, 6, 3] < 128 < soft[3, 6, 3] < 255
    share = soft[2, 6, 3] / 255
    np.testing.assert_allclose(soft[2, 6, :3], share * np.array([200, 100, 50]), atol=1)


@pytest.mark.parametrize("empty_px", [1, 2, 3, 9])
def test_soft_edges_are_the_same_however_much_is_empty_around_the_body(empty_px):
    generator = np.random.default_rng(1)
    layer = np.zeros((60, 60, 4), np.uint8)
    layer[20:40, 25:45, :3] = generator.integers(0, 256, (20, 20, 3))
    layer[20:40, 25:45, 3] = 255
    layer[..., :3][layer[..., 3] == 0] = 0
    whole = soft_edges(layer)
    rows, columns = slice(19 - empty_px, 41 + empty_px), slice(24 - empty_px, 46 + empty_px)
    np.testing.assert_array_equal(soft_edges(layer[rows, columns]), whole[rows, columns])
    assert not soft_edges(np.zeros_like(layer)).any()


def test_soft_edges_smooth_where_one_limb_ends_before_another_and_leave_plain_skin():
    layer = np.full((8, 8, 4), 255, np.uint8)
    layer[:, :4, :3], layer[:, 4:, :3] = 40, 200
    layer[6:, 1] = 60, 60, 60, 255
    soft = soft_edges(layer)
    np.testing.assert_array_equal(soft[:, [0, 1, 2, 5, 6, 7]], layer[:, [0, 1, 2, 5, 6, 7]])
    assert 40 < soft[4, 3, 1] < soft[4, 4, 1] < 200
    assert (soft[..., 3] == 255).all()


def test_soft_edges_are_the_averages_of_the_neighbours_at_edges_and_nothing_else():
    generator = np.random.default_rng(2)
    layer = np.zeros((70, 50, 4), np.uint8)
    layer[10:60, 8:42] = 255, 120, 30, 255
    layer[10:60, 8:42, :3] //= generator.integers(1, 4, (50, 34, 1), dtype=np.uint8)
    layer[generator.random((70, 50)) < 0.1] = 0
    around, averaged = np.ones((3, 3), np.uint8), cv2.GaussianBlur(layer, (3, 3), 0)
    is_edge = cv2.erode(layer[..., 3], around) < 255
    is_edge |= cv2.morphologyEx(layer[..., 1], cv2.MORPH_GRADIENT, around) >= 40
    expected = layer.copy()
    expected[is_edge] = averaged[is_edge]
    np.testing.assert_array_equal(soft_edges(layer), expected)


def test_no_colour_is_stronger_than_its_coverage():
    """Such a pixel would be painted brighter than white."""
    generator = np.random.default_rng(3)
    layer = np.zeros((64, 48, 4), np.uint8)
    layer[generator.random((64, 48)) < 0.6] = 255
    for smooth in (soft_edges(layer), reduced(layer, 2)):
        assert (smooth[..., :3] <= smooth[..., 3:]).all()
        assert smooth[..., 3].min() > 0 or (smooth[smooth[..., 3] == 0] == 0).all()


def test_reduced_averages_coverage():
    layer = np.zeros((4, 4, 4), np.uint8)
    layer[:, :1] = (200, 100, 50, 255)
    result = reduced(layer, 2)
    assert result.shape == (2, 2, 4)
    assert result[0, 0, 3] == pytest.approx(128, abs=1)
    np.testing.assert_allclose(result[0, 0, :3], (100, 50, 25), atol=1)
    assert not result[:, 1].any()
