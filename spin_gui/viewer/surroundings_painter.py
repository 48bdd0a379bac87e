"""Floor, vertical, camera and scale around a body that is looked at from the top or the side."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.rendering.whole_body import Segments, Surroundings
from spin_gui.images.plane_view import Window

FLOOR_LINE = QColor("#4b545f")
UPRIGHT_LINE = QColor("#6b7683")
CAMERA_LINE = QColor("#9fb8d2")
SCALE_LINE, SCALE_TEXT = QColor("#d5dae0"), QColor("#e8ebef")
"""Opaque, see ``keypoint_painter``; chosen against the views' backdrop, which no theme changes."""

_LENGTHS_M = (1.0, 0.5, 0.2, 0.1, 0.05)
_LONGEST_SCALE = 0.45
"""Of the view's side."""
_SCALE_FROM_SIDE = 200.0
"""In a smaller view the scale would lie on the camera and could not be read."""

_MARGIN = 10.0


def paint_surroundings(
    painter: QPainter, around: Surroundings, window: Window, side: float
) -> None:
    """Paint what lies behind the body, into a view of ``side`` logical pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(FLOOR_LINE, 1.0))
    painter.drawLines(_lines(around.floor, window, side))
    painter.setPen(QPen(UPRIGHT_LINE, 1.0, Qt.PenStyle.DashLine))
    painter.drawLines(_lines(around.upright, window, side))
    painter.setPen(QPen(CAMERA_LINE, 1.4))
    painter.drawLines(_lines(around.camera, window, side))
    painter.restore()


def paint_scale(painter: QPainter, around: Surroundings, window: Window, side: float) -> None:
    """Paint a bar of a round length in the right lower corner, and how long it is."""
    if side < _SCALE_FROM_SIDE:
        return
    px_per_m = around.metre / window.side * side
    length_m = next(
        (length for length in _LENGTHS_M if length * px_per_m <= _LONGEST_SCALE * side),
        _LENGTHS_M[-1],
    )
    right, bottom, length = side - _MARGIN, side - _MARGIN, length_m * px_per_m
    painter.setPen(QPen(SCALE_LINE, 1.6))
    painter.drawLines(
        [
            QLineF(right - length, bottom, right, bottom),
            QLineF(right - length, bottom - 4, right - length, bottom + 3),
            QLineF(right, bottom - 4, right, bottom + 3),
        ]
    )
    painter.setPen(SCALE_TEXT)
    height = painter.fontMetrics().height()
    room = QRectF(right - length - 40, bottom - height - 5, length + 80, height)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, scale_text(length_m))


def scale_text(length_m: float) -> str:
    """``1 m``, or ``20 cm``."""
    return f"{length_m:.0f} m" if length_m >= 1 else f"{100 * length_m:.0f} cm"


def _lines(segments: Segments, window: Window, side: float) -> list[QLineF]:
    def seen(x: float, y: float) -> QPointF:
        left, top = window.to_window(x, y)
        return QPointF(left * side, top * side)

    return [QLineF(seen(*first), seen(*second)) for first, second in segments.tolist()]
