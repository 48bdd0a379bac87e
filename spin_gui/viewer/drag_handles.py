"""The joints by which a body can be dragged, as they lie in a view; knows nothing of dragging."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.body.drag_handles import DRAG_HANDLES
from spin_gui.images.plane_view import Window
from spin_gui.images.render_cache import PlaneOfBody
from spin_gui.viewer.keypoint_painter import OUTLINE
from spin_gui.viewer.sample_scene import Column

HANDLE_JOINTS = tuple(handle.joint for handle in DRAG_HANDLES)

HIT_RADIUS = 12.0
"""How near to a handle, in logical pixels, a press takes hold of it."""

_HANDLE, _CHOSEN, _PINNED = QColor("#f4f6f8"), QColor("#ffd23f"), QColor("#ff8a5c")
_RADIUS, _CHOSEN_RADIUS, _SMALLER = 5.5, 8.0, 0.45
_RING = 1.4
"""Of a chosen handle: its ring's radius in radii."""
_LARGE_SIDE = 300.0
"""Of a view, in logical pixels, from which on handles have their full size."""


@dataclass
class HandleMarks:
    """Which body has handles, and which of them is chosen, under the pointer, or pinned."""

    column: Column
    chosen: int | None = None
    hovered: int | None = None
    pinned: set[int] = field(default_factory=set)


@dataclass(frozen=True, eq=False)
class HandleDrawing:
    """The handles of a body in one view.

    places: (N, 2) in the plane, in the order of ``DRAG_HANDLES``.
    places_m: (N, 3) metres in the crop's frame.
    plane: of the view.
    """

    places: NDArray[np.float64]
    places_m: NDArray[np.float64]
    plane: PlaneOfBody
    marks: HandleMarks


def handle_at(drawing: HandleDrawing, window: Window, side: float, here: QPointF) -> int | None:
    """The joint of the nearest handle within reach of a point of the view."""
    best, nearest = None, HIT_RADIUS
    for handle, place in zip(DRAG_HANDLES, drawing.places, strict=True):
        away = in_view(place, window, side) - here
        distance = math.hypot(away.x(), away.y())
        if distance <= nearest:
            best, nearest = handle.joint, distance
    return best


def in_view(place: NDArray[np.float64], window: Window, side: float) -> QPointF:
    """A point ``(2,)`` of the plane in a view of ``side`` logical pixels."""
    left, top = window.to_window(float(place[0]), float(place[1]))
    return QPointF(left * side, top * side)


def paint_handles(painter: QPainter, drawing: HandleDrawing, window: Window, side: float) -> None:
    """Paint rings to take hold of: squares where pinned, larger and yellow where chosen."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    marks = drawing.marks
    for handle, place in zip(DRAG_HANDLES, drawing.places, strict=True):
        is_marked = handle.joint in (marks.chosen, marks.hovered)
        radius = _CHOSEN_RADIUS if is_marked else _RADIUS
        radius = radius if side >= _LARGE_SIDE else radius * _SMALLER
        is_pinned = handle.joint in marks.pinned
        color = _PINNED if is_pinned else _HANDLE
        center = in_view(place, window, side)
        around = QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius)
        painter.setPen(QPen(OUTLINE, 1.2))
        painter.setBrush(color)
        draw = painter.drawRect if is_pinned else painter.drawEllipse
        draw(around)
        if handle.joint == marks.chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = radius * _RING
            for pen in (QPen(OUTLINE, 0.4 * ring), QPen(_CHOSEN, 0.22 * ring)):
                painter.setPen(pen)
                painter.drawEllipse(center, ring, ring)
    painter.restore()
