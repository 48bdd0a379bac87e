"""What the keypoint editor draws over a picture: a skeleton to work on, boxes, other people.

Dots tell states apart by shape as well: a full one is visible, one with a dark heart hidden, and
the chosen one has a white ring. Colours are those of the views (``keypoint_painter``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.body.conventions import SKELETON_EDGES, side_of_keypoint
from core.geometry.boxes import Box
from core.types.arrays import FloatArray
from spin_gui.correcting.picture_view import PictureView
from spin_gui.session.joint_states import JointState, state_of
from spin_gui.viewer.keypoint_painter import (
    ERROR_LINE,
    OUTLINE,
    SIDE_COLORS,
    keypoint_color,
    paint_ring,
    readable_name,
)

DOT_RADIUS = 5.0
CHOSEN_RADIUS = 9.5
HANDLE = 5.0
OTHERS_OPACITY = 0.4
TAG_BACK, TAG_TEXT = QColor(16, 18, 22, 190), QColor("#f3f4f6")
BOX_COLOR, BOX_RIM = QColor("#ffffff"), QColor("#1c1f24")
CHOSEN_COLOR = QColor("#ffffff")


@dataclass(frozen=True, eq=False)
class OtherPerson:
    """Another person in the picture."""

    sample_id: int
    name: str
    box: Box
    keypoints_px: FloatArray


@dataclass(frozen=True, eq=False)
class EditorDrawing:
    """All that is drawn over the picture.

    keypoints_px: (49, 3). seen_px: (49, 2), where a body has them, or None. chosen, hovered:
    keypoints by index. linked: those that move with the chosen one. box_handles: whether the box
    can be dragged. drawn_box: a new person's, while it is drawn. empty: nothing but the drawn box
    is shown, as in a picture without people.
    """

    keypoints_px: FloatArray
    box: Box
    others: tuple[OtherPerson, ...] = ()
    seen_px: NDArray[np.floating] | None = None
    chosen: int | None = None
    hovered: int | None = None
    linked: tuple[int, ...] = field(default=())
    box_handles: bool = False
    drawn_box: Box | None = None
    empty: bool = False


def paint_editor(painter: QPainter, drawing: EditorDrawing, view: PictureView) -> None:
    """Other people faintly, then the box, the body's keypoints, and the skeleton on top."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(OTHERS_OPACITY)
    for other in drawing.others:
        _paint_box(painter, box_rect(other.box, view), dashed=True)
        _paint_bones(painter, other.keypoints_px, view)
        _paint_dots(painter, other.keypoints_px, view, radius=DOT_RADIUS * 0.6)
    painter.setOpacity(1.0)
    if drawing.drawn_box is not None:
        _paint_box(painter, box_rect(drawing.drawn_box, view), dashed=False)
    if drawing.empty:
        painter.restore()
        return
    for other in drawing.others:
        corner = box_rect(other.box, view).topLeft()
        paint_tag(painter, other.name, corner + QPointF(3, 3))
    _paint_box(painter, box_rect(drawing.box, view), dashed=False)
    if drawing.seen_px is not None:
        _paint_seen(painter, drawing.keypoints_px, drawing.seen_px, view)
    _paint_projected(painter, drawing.keypoints_px, view)
    _paint_bones(painter, drawing.keypoints_px, view)
    _paint_dots(painter, drawing.keypoints_px, view, radius=DOT_RADIUS)
    for index in (*drawing.linked, drawing.chosen):
        if index is not None and drawing.keypoints_px[index, 2] > 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for color, width in ((OUTLINE, 4.0), (CHOSEN_COLOR, 2.0)):
                painter.setPen(QPen(color, width if index == drawing.chosen else width - 1))
                center = place(drawing.keypoints_px[index], view)
                painter.drawEllipse(center, CHOSEN_RADIUS, CHOSEN_RADIUS)
    if drawing.box_handles:
        for corner in corners(box_rect(drawing.box, view)):
            painter.setPen(QPen(BOX_RIM, 1.0))
            painter.setBrush(BOX_COLOR)
            painter.drawRect(
                QRectF(corner.x() - HANDLE, corner.y() - HANDLE, 2 * HANDLE, 2 * HANDLE)
            )
    _paint_names(painter, drawing, view)
    painter.restore()


def place(point_px: NDArray[np.floating], view: PictureView) -> QPointF:
    """Where a point of the picture is in the widget."""
    return QPointF(*view.to_view(float(point_px[0]), float(point_px[1])))


def box_rect(box: Box, view: PictureView) -> QRectF:
    """A box in the widget."""
    half = box.side_px / 2
    left, top = view.to_view(box.center_x_px - half, box.center_y_px - half)
    return QRectF(left, top, box.side_px * view.zoom, box.side_px * view.zoom)


def corners(rect: QRectF) -> Iterator[QPointF]:
    """Top left, top right, bottom left, bottom right."""
    yield rect.topLeft()
    yield rect.topRight()
    yield rect.bottomLeft()
    yield rect.bottomRight()


def paint_tag(painter: QPainter, text: str, corner: QPointF) -> QRectF:
    """A short text on a dark ground; returns where it is."""
    metrics = painter.fontMetrics()
    room = QRectF(
        corner.x(), corner.y(), metrics.horizontalAdvance(text) + 10, metrics.height() + 4
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(TAG_BACK)
    painter.drawRoundedRect(room, 4, 4)
    painter.setPen(TAG_TEXT)
    painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)
    return room


def paint_legend(painter: QPainter, texts: Iterable[tuple[str, QColor]], corner: QPointF) -> None:
    """Swatches with their words, in one line upwards of ``corner`` (bottom left)."""
    metrics = painter.fontMetrics()
    words = list(texts)
    width = sum(metrics.horizontalAdvance(text) + 26 for text, _color in words) + 8
    height = metrics.height() + 6
    room = QRectF(corner.x(), corner.y() - height, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(TAG_BACK)
    painter.drawRoundedRect(room, 4, 4)
    left = room.left() + 8
    for text, color in words:
        painter.setPen(QPen(color, 3.0))
        painter.drawLine(QPointF(left, room.center().y()), QPointF(left + 12, room.center().y()))
        painter.setPen(TAG_TEXT)
        advance = metrics.horizontalAdvance(text)
        area = QRectF(left + 16, room.top(), advance + 2, height)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
        left += advance + 26


LEGEND = (
    ("left side", SIDE_COLORS["left"]),
    ("right side", SIDE_COLORS["right"]),
    ("middle", SIDE_COLORS["middle"]),
)
"""Sides are the person's, not the picture's."""


def _paint_box(painter: QPainter, rect: QRectF, *, dashed: bool) -> None:
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for color, width in ((BOX_RIM, 3.0), (BOX_COLOR, 1.2)):
        painter.setPen(QPen(color, width, style if color is BOX_COLOR else Qt.PenStyle.SolidLine))
        painter.drawRect(rect)


def _paint_bones(painter: QPainter, keypoints_px: FloatArray, view: PictureView) -> None:
    for first, second in SKELETON_EDGES:
        if keypoints_px[first, 2] <= 0 or keypoints_px[second, 2] <= 0:
            continue
        sides = {side_of_keypoint(first), side_of_keypoint(second)} - {"middle"}
        color = SIDE_COLORS[sides.pop()] if len(sides) == 1 else SIDE_COLORS["middle"]
        ends = place(keypoints_px[first], view), place(keypoints_px[second], view)
        for pen in (QPen(OUTLINE, 3.4), QPen(color, 1.8)):
            painter.setPen(pen)
            painter.drawLine(*ends)


def _paint_dots(
    painter: QPainter, keypoints_px: FloatArray, view: PictureView, *, radius: float
) -> None:
    for index in np.flatnonzero(keypoints_px[:, 2] > 0):
        center = place(keypoints_px[index], view)
        painter.setPen(QPen(OUTLINE, 1.2))
        painter.setBrush(keypoint_color(int(index)))
        painter.drawEllipse(center, radius, radius)
        if state_of(float(keypoints_px[index, 2])) is JointState.HIDDEN:
            painter.setBrush(OUTLINE)
            painter.drawEllipse(center, radius * 0.5, radius * 0.5)


def _paint_projected(painter: QPainter, keypoints_px: FloatArray, view: PictureView) -> None:
    """Rings where only the person's own body puts joints: they have a place and no confidence."""
    there = (keypoints_px[:, :2] != 0).any(axis=1) & (keypoints_px[:, 2] == 0)
    for index in np.flatnonzero(there):
        paint_ring(painter, place(keypoints_px[index], view), keypoint_color(int(index)))


def _paint_seen(
    painter: QPainter,
    keypoints_px: FloatArray,
    seen_px: NDArray[np.floating],
    view: PictureView,
) -> None:
    for index in np.flatnonzero(keypoints_px[:, 2] > 0):
        ring = place(seen_px[index], view)
        painter.setPen(QPen(ERROR_LINE, 1.0))
        painter.drawLine(place(keypoints_px[index], view), ring)
        paint_ring(painter, ring, keypoint_color(int(index)))


def _paint_names(painter: QPainter, drawing: EditorDrawing, view: PictureView) -> None:
    for index in dict.fromkeys((drawing.chosen, drawing.hovered)):
        if index is not None and drawing.keypoints_px[index, 2] > 0:
            corner = place(drawing.keypoints_px[index], view) + QPointF(12, -24)
            paint_tag(painter, joint_text(drawing.keypoints_px, index), corner)


def joint_text(keypoints_px: FloatArray, index: int) -> str:
    """Name and, where it is not simply visible, state."""
    state = state_of(float(keypoints_px[index, 2]))
    name = readable_name(index)
    return name if state is JointState.VISIBLE else f"{name} – {state}"
