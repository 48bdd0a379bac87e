"""What a view writes over its picture."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QTextLayout

from core.geometry.boxes import Box
from core.pictures.square_crops import square_crop
from spin_gui.images.plane_view import WHOLE_PLANE
from spin_gui.viewer.keypoint_painter import keypoint_drawing
from spin_gui.viewer.view_canvas import Frame, Layer, ViewCanvas, _wrapped
from spin_gui.viewer.view_state import ViewKind

WORDS = "If pictures were moved, find them again: File, Find pictures"


def lines_of(text: str, width: float) -> list[str]:
    """A text as it is laid out in a width, line by line."""
    layout = QTextLayout(text, QFont())
    layout.setTextOption(_wrapped(Qt.AlignmentFlag.AlignCenter))
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, 0))
    layout.endLayout()
    lines = [layout.lineAt(number) for number in range(layout.lineCount())]
    return [text[line.textStart() : line.textStart() + line.textLength()] for line in lines]


def test_a_note_breaks_between_words_and_a_long_path_within(qapp):
    width = QFontMetricsF(QFont()).horizontalAdvance("pictures again:")
    lines = lines_of(WORDS, width)
    assert len(lines) > 2
    assert [word for line in lines for word in line.split()] == WORDS.split()
    assert len(lines_of("/pictures/of/a/place/without/a/single/space/person.jpg", width)) > 1


def spotted_picture(x_px: int, y_px: int) -> np.ndarray:
    """Black with a round white spot about the centre of one pixel."""
    y, x = np.mgrid[:200, :300]
    spot = 255 * np.exp(-((x - x_px) ** 2 + (y - y_px) ** 2) / (2 * 3.0**2))
    return np.repeat(spot.astype(np.uint8)[..., None], 3, axis=2)


def middle_of(layer: np.ndarray) -> np.ndarray:
    weights = np.asarray(layer, np.float64)
    y, x = np.mgrid[: layer.shape[0], : layer.shape[1]]
    return np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()


@pytest.mark.parametrize("density", [1.0, 2.0])
def test_a_dot_lies_on_the_middle_of_its_picture_pixel_on_any_screen(qtbot, monkeypatch, density):
    side, box = 300, Box(150.3, 100.7, 90.0)
    pixels = square_crop(spotted_picture(161, 87), box, size_px=int(side * density), pixel=np.uint8)
    picture = QImage(pixels.data, *pixels.shape[:2], 3 * len(pixels), QImage.Format.Format_RGB888)
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[0] = 161, 87, 1
    canvas = ViewCanvas("view")
    qtbot.addWidget(canvas)
    canvas.resize(side, side)
    monkeypatch.setattr(canvas, "devicePixelRatioF", lambda: density)

    def painted(**shown: object) -> np.ndarray:
        canvas.set_frame(Frame(1, ViewKind.CAMERA, complete=True, **shown))  # type: ignore[arg-type]
        image = QImage(*pixels.shape[:2], QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(density)
        image.fill(QColor("black"))
        painter = QPainter(image)
        canvas._paint_images(painter, canvas.frame)
        painter.end()
        data = np.frombuffer(image.constBits(), np.uint8).reshape(*pixels.shape[:2], 4)
        return data[..., :3].astype(float).sum(axis=2)

    spot = painted(picture=Layer(picture, WHOLE_PLANE))
    dot = painted(keypoints=keypoint_drawing(keypoints, box=box, plane=box))
    np.testing.assert_allclose(middle_of(dot), middle_of(spot), atol=0.15)
