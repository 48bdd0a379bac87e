"""Layers over pictures."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.errors import ShapeError
from core.rendering.compositing import overlay, reduced, soft_edges, straight_alpha


def _layer(height=9, width=12):
    layer = np.zeros((height, width, 4), np.uint8)
    layer[3:7, 4:9] = (200, 100, 50, 255)
    return layer


def test_overlay_blends_by_coverage_and_leaves_the_rest():
    picture = np.full((1, 4, 3), 100, np.uint8)
    layer = np.array(
        [[[0, 0, 0, 0], [200, 0, 0, 255], [200, 0, 0, 51], [9, 9, 9, 0]]], dtype=np.uint8
    )
    result = overlay(picture, layer)
    assert result.tolist() == [[[100] * 3, [200, 0, 0], [120, 80, 80], [100] * 3]]
    assert (picture == 100).all()
    assert overlay(picture, layer, opacity=0.5)[0, 1].tolist() == [150, 50, 50]


def test_overlay_refuses_other_sizes():
    with pytest.raises(ShapeError):
        overlay(np.zeros((4, 4, 3), np.uint8), np.zeros((4, 5, 4), np.uint8))


def test_straight_alpha_undoes_the_darkening_by_coverage():
    averaged = np.array([[[100, 50, 25, 128], [3, 1, 0, 0], [7, 8, 9, 255]]], dtype=np.uint8)
    assert straight_alpha(averaged)[0].tolist() == [[199, 100, 50, 128], [0] * 4, [7, 8, 9, 255]]


def test_soft_edges_change_only_the_outline():
    layer = _layer()
    soft = soft_edges(layer)
    np.testing.assert_array_equal(soft[4:6, 5:8], layer[4:6, 5:8])
    assert not soft[:2].any()
    assert 0 < soft[2, 6, 3] < 128 < soft[3, 6, 3] < 255
    np.testing.assert_allclose(soft[2, 6, :3], (200, 100, 50), atol=3)


@pytest.mark.parametrize("empty_px", [1, 2, 3, 9])
def test_soft_edges_are_the_same_however_much_is_empty_around_the_body(empty_px):
    generator = np.random.default_rng(1)
    layer = np.zeros((60, 60, 4), np.uint8)
    layer[20:40, 25:45, :3] = generator.integers(0, 256, (20, 20, 3))
    layer[20:40, 25:45, 3] = 255
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
    expected[is_edge] = straight_alpha(averaged[is_edge])
    np.testing.assert_array_equal(soft_edges(layer), expected)


def test_reduced_averages_coverage():
    layer = np.zeros((4, 4, 4), np.uint8)
    layer[:, :1] = (200, 100, 50, 255)
    result = reduced(layer, 2)
    assert result.shape == (2, 2, 4)
    assert result[0, 0, 3] == pytest.approx(128, abs=1)
    np.testing.assert_allclose(result[0, 0, :3], (200, 100, 50), atol=2)
    assert not result[:, 1].any()
