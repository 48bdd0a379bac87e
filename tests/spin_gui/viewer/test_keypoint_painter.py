"""Keypoints lie where they were detected, in the colour of the person's side."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from core.body.conventions import KEYPOINT_NAMES, side_of_keypoint
from core.geometry.boxes import Box
from spin_gui.images.plane_view import Window
from spin_gui.viewer.keypoint_painter import (
    SIDE_COLORS,
    KeypointDrawing,
    describe_keypoint,
    dot_radius,
    drawing_scale,
    keypoint_at,
    keypoint_drawing,
    paint_keypoints,
    paint_ring,
    readable_name,
)
from spin_gui.viewer.keypoint_summary import keypoint_facts

BOX = Box(100.0, 80.0, 60.0)
RIGHT_WRIST, LEFT_WRIST = KEYPOINT_NAMES.index("Right Wrist"), KEYPOINT_NAMES.index("Left Wrist")


def two_wrists() -> np.ndarray:
    keypoints = np.zeros((49, 3), dtype=np.float32)
    keypoints[RIGHT_WRIST] = (85, 80, 1.0)
    keypoints[LEFT_WRIST] = (115, 80, 0.5)
    return keypoints


def painted(drawing: KeypointDrawing, window: Window = Window()) -> QImage:  # noqa: B008
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("#444444"))
    painter = QPainter(image)
    paint_keypoints(painter, drawing, window, 200)
    painter.end()
    return image


def test_each_side_of_the_person_has_its_colour_at_its_place() -> None:
    image = painted(keypoint_drawing(two_wrists(), box=BOX, plane=BOX))
    assert image.pixelColor(50, 100) == SIDE_COLORS["right"]
    assert image.pixelColor(150, 100) == SIDE_COLORS["left"]
    assert image.pixelColor(100, 30) == QColor("#444444"), "absent joints are not painted"


def test_zoom_moves_the_dots_with_the_picture() -> None:
    drawing = keypoint_drawing(two_wrists(), box=BOX, plane=BOX)
    image = painted(drawing, Window(0.25, 0.5, 0.5))
    assert image.pixelColor(100, 100) == SIDE_COLORS["right"]


def test_a_ring_and_a_line_show_where_the_fit_puts_a_joint() -> None:
    reprojected = np.zeros((49, 2), dtype=np.float32)
    reprojected[[RIGHT_WRIST, LEFT_WRIST]] = BOX.picture_to_crop(np.array([[85, 65], [115, 80]]))
    drawing = keypoint_drawing(two_wrists(), box=BOX, plane=BOX, reprojected_crop_px=reprojected)
    assert drawing.error_crop_px[RIGHT_WRIST] == pytest.approx(15 * 224 / 60, rel=1e-4)
    assert drawing.error_crop_px[LEFT_WRIST] == pytest.approx(0, abs=1e-4)
    image = painted(drawing)
    background = QColor("#444444")
    assert image.pixelColor(46, 50) != background, "the rim of the ring"
    assert image.pixelColor(50, 75).lightness() > background.lightness(), "the line of the error"
    facts = keypoint_facts(drawing)
    assert facts.present == 2
    assert facts.worst[0] == ("right wrist", pytest.approx(56, rel=1e-3))


def test_a_ring_is_hollow() -> None:
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("#444444"))
    painter = QPainter(image)
    paint_ring(painter, QPointF(10, 10), SIDE_COLORS["left"])
    painter.end()
    assert image.pixelColor(10, 10) == QColor("#444444")
    assert image.pixelColor(13, 10).blue() > 120


def test_the_area_of_a_dot_grows_with_confidence() -> None:
    assert dot_radius(0.1) < dot_radius(0.5) < dot_radius(1.0) == dot_radius(7.0)


def test_small_people_get_small_dots() -> None:
    whole = Box(100.0, 80.0, 1200.0)
    drawing = keypoint_drawing(two_wrists(), box=BOX, plane=whole)
    near = drawing_scale(drawing, Window(), 200)
    assert near < drawing_scale(drawing, Window(0.5, 0.5, 0.1), 200) <= 1.3


def test_the_nearest_keypoint_is_named() -> None:
    drawing = keypoint_drawing(two_wrists(), box=BOX, plane=BOX)
    assert keypoint_at(drawing, Window(), 200, x=53, y=98) == RIGHT_WRIST
    assert keypoint_at(drawing, Window(), 200, x=100, y=100) is None
    assert describe_keypoint(drawing, LEFT_WRIST) == "left wrist\nconfidence 0.50"


def test_names_say_the_side_that_the_colour_says() -> None:
    names = [readable_name(index) for index in range(len(KEYPOINT_NAMES))]
    assert len(set(names)) == len(names)
    for index, name in enumerate(names):
        side = next((side for side in ("left", "right") if side in name), "middle")
        assert side == side_of_keypoint(index), name
