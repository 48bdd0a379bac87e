"""Keypoints over a picture: what was detected, where the fit puts it, and the error between.

Left and right have two colours that every kind of colour vision tells apart (blue and vermillion of
Okabe and Ito's set); they do not follow the theme. Left and right are the person's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.body.conventions import KEYPOINT_NAMES, SKELETON_EDGES, side_of_keypoint
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_SIZE_PX
from core.rendering.views import BendingLens
from core.types.arrays import FloatArray
from spin_gui.images.plane_view import Window

SIDE_COLORS = {
    "left": QColor("#1f8fe0"),
    "right": QColor("#e8641b"),
    "middle": QColor("#f2f2f2"),
}
OUTLINE = QColor("#1c1f24")
ERROR_LINE = QColor("#e4e6ea")
"""Opaque: Qt strokes a translucent line ten times slower (2.2 against 0.25 ms for a skeleton)."""
MIN_RADIUS, MAX_RADIUS = 1.6, 4.2
"""Logical pixels of a dot of confidence 0 and 1."""
RING_RADIUS = 3.4
MIN_SCALE, MAX_SCALE = 0.4, 1.3
"""Of dots and lines, whose sizes are right for a person in a crop of 224 px."""
HIT_RADIUS = 9.0


@dataclass(frozen=True, eq=False)
class KeypointDrawing:
    """Keypoints of one sample in a view's plane.

    detected: (49, 2) plane units; confidence: (49,), 0 where absent.
    person_side: side of the sample's box in plane units; small people get small dots.
    reprojected: (49, 2) plane units of the shown fit, and error_crop_px: (49,); None without a fit.
    """

    detected: NDArray[np.float64]
    confidence: FloatArray
    person_side: float = 1.0
    reprojected: NDArray[np.float64] | None = None
    error_crop_px: FloatArray | None = None

    @cached_property
    def present(self) -> list[int]:
        """The keypoints that were detected."""
        return [int(index) for index in np.flatnonzero(self.confidence > 0)]


def keypoint_drawing(
    keypoints_px: FloatArray,
    *,
    box: Box,
    plane: Box,
    reprojected_crop_px: FloatArray | None = None,
    lens: BendingLens | None = None,
) -> KeypointDrawing:
    """Bring keypoints into a plane.

    Args:
        keypoints_px: (49, 3) detected, picture pixels and confidence.
        box: the sample's box.
        plane: the square of the picture that is the view's plane.
        reprojected_crop_px: (49, 2) of a fit, crop pixels, as a lens without distortion shows them.
        lens: that shows them elsewhere.
    """
    detected = _to_plane(keypoints_px[:, :2], plane)
    confidence = keypoints_px[:, 2]
    if reprojected_crop_px is None:
        return KeypointDrawing(detected, confidence, box.side_px / plane.side_px)
    reprojected_px = box.crop_to_picture(reprojected_crop_px)
    if lens is not None:
        reprojected_px = lens.camera.distorted(reprojected_px)
        reprojected_crop_px = box.picture_to_crop(reprojected_px)
    offset = reprojected_crop_px - box.picture_to_crop(keypoints_px[:, :2])
    return KeypointDrawing(
        detected,
        confidence,
        box.side_px / plane.side_px,
        _to_plane(reprojected_px, plane),
        np.linalg.norm(offset, axis=1).astype(np.float32),
    )


def _to_plane(points_px: NDArray[np.floating], plane: Box) -> NDArray[np.float64]:
    corner = np.array([plane.center_x_px, plane.center_y_px]) - plane.side_px / 2
    return (np.asarray(points_px, dtype=np.float64) - corner) / plane.side_px


def keypoint_color(index: int) -> QColor:
    """The colour of the keypoint's side of the person."""
    return SIDE_COLORS[side_of_keypoint(index)]


def dot_radius(confidence: float) -> float:
    """Radius of a detected keypoint's dot; its area grows with the confidence."""
    return MIN_RADIUS + (MAX_RADIUS - MIN_RADIUS) * math.sqrt(min(max(confidence, 0.0), 1.0))


def readable_name(index: int) -> str:
    """The keypoint's name as people say it, with its set where the name alone is ambiguous."""
    name = KEYPOINT_NAMES[index]
    if not name.startswith("OP "):
        return (
            name.lower()
            .replace("(lsp)", "(LSP)")
            .replace("(mpii)", "(MPII)")
            .replace("(h36m)", "(H36M)")
        )
    words = name.removeprefix("OP ")
    for letter, side in (("L", "left "), ("R", "right ")):
        if words.startswith(letter) and side_of_keypoint(index) != "middle":
            words = side + words[1:]
    spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in words).replace("  ", " ")
    return f"{spaced.strip()} (OpenPose)"


def describe_keypoint(drawing: KeypointDrawing, index: int) -> str:
    """Name, confidence and error, for a tool tip."""
    text = f"{readable_name(index)}\nconfidence {drawing.confidence[index]:.2f}"
    if drawing.error_crop_px is not None:
        text += f"\nerror {drawing.error_crop_px[index]:.1f} px of the crop"
    return text


def keypoint_at(
    drawing: KeypointDrawing, window: Window, side: float, *, x: float, y: float
) -> int | None:
    """The detected keypoint nearest to a point of a view of ``side`` pixels, if one is near."""
    best, best_distance = None, HIT_RADIUS
    for index in drawing.present:
        place = _in_view(drawing.detected[index], window, side)
        distance = math.hypot(place.x() - x, place.y() - y)
        if distance <= best_distance:
            best, best_distance = index, distance
    return best


def paint_keypoints(
    painter: QPainter, drawing: KeypointDrawing, window: Window, side: float
) -> None:
    """Paint bones, then errors, then rings and dots, into a view of ``side`` logical pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scale = drawing_scale(drawing, window, side)
    places = _all_in_view(drawing.detected, window, side)
    _paint_bones(painter, drawing, places, scale=scale)
    if drawing.reprojected is not None:
        projected = _all_in_view(drawing.reprojected, window, side)
        _paint_errors(painter, drawing, places, projected, scale=scale)
    painter.setPen(QPen(OUTLINE, 1.0))
    for index in drawing.present:
        painter.setBrush(keypoint_color(index))
        radius = scale * dot_radius(float(drawing.confidence[index]))
        painter.drawEllipse(places[index], radius, radius)
    painter.restore()


def drawing_scale(drawing: KeypointDrawing, window: Window, side: float) -> float:
    """How large dots and lines are, for the size that the person has in the view."""
    person_px = drawing.person_side / window.side * side
    return min(max(person_px / CROP_SIZE_PX, MIN_SCALE), MAX_SCALE)


def paint_ring(painter: QPainter, center: QPointF, color: QColor, *, scale: float = 1.0) -> None:
    """A hollow ring with a dark rim: where a fit puts a keypoint."""
    _paint_ring(painter, center, ring_pens(color, scale), RING_RADIUS * scale)


def ring_pens(color: QColor, scale: float) -> tuple[QPen, QPen]:
    """The rim and the line of a ring."""
    return QPen(OUTLINE, 3.0 * scale), QPen(color, 1.6 * scale)


def _paint_ring(painter: QPainter, center: QPointF, pens: tuple[QPen, QPen], radius: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in pens:
        painter.setPen(pen)
        painter.drawEllipse(center, radius, radius)


def _paint_bones(
    painter: QPainter, drawing: KeypointDrawing, places: list[QPointF], *, scale: float
) -> None:
    rim = QPen(OUTLINE, 2.6 * scale)
    pens = {name: QPen(color, 1.4 * scale) for name, color in SIDE_COLORS.items()}
    present = set(drawing.present)
    for (first, second), name in zip(SKELETON_EDGES, _SIDES_OF_EDGES, strict=True):
        if first in present and second in present:
            for pen in (rim, pens[name]):
                painter.setPen(pen)
                painter.drawLine(places[first], places[second])


def _paint_errors(
    painter: QPainter,
    drawing: KeypointDrawing,
    places: list[QPointF],
    projected: list[QPointF],
    *,
    scale: float,
) -> None:
    line = QPen(ERROR_LINE, scale)
    pens = {name: ring_pens(color, scale) for name, color in SIDE_COLORS.items()}
    for index in drawing.present:
        painter.setPen(line)
        painter.drawLine(places[index], projected[index])
        of_side = pens[side_of_keypoint(index)]
        _paint_ring(painter, projected[index], of_side, RING_RADIUS * scale)


def _side_of_edge(first: int, second: int) -> str:
    """Of a bone; one between left and right is in the middle."""
    sides = {side_of_keypoint(first), side_of_keypoint(second)} - {"middle"}
    return sides.pop() if len(sides) == 1 else "middle"


_SIDES_OF_EDGES = tuple(_side_of_edge(*edge) for edge in SKELETON_EDGES)


def _all_in_view(points: NDArray[np.float64], window: Window, side: float) -> list[QPointF]:
    return [_in_view(point, window, side) for point in points]


def _in_view(point: NDArray[np.float64], window: Window, side: float) -> QPointF:
    x, y = window.to_window(float(point[0]), float(point[1]))
    return QPointF(x * side, y * side)
