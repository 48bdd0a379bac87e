"""How bodies are drawn: as dressed or plain meshes, as wireframes, or as their skeletons alone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.body.conventions import SKELETON_JOINT_NAMES, SKELETON_PARENTS
from core.rendering.colors import MeshColor
from spin_gui.images.plane_view import Window
from spin_gui.viewer.keypoint_painter import OUTLINE, SIDE_COLORS

_BONE_PX, _RIM_PX, _JOINT_PX = 4.0, 6.5, 4.5
_LARGE_SIDE = 400.0
"""Of a view, in logical pixels, from which on bones have their full width."""


class BodyStyle(StrEnum):
    """Ways of drawing, in the order in which a key leads through them."""

    MESH = "mesh"
    """Shaded like a mannequin in neutral clothes."""
    PLAIN = "plain mesh"
    """In one colour, with every form that the mesh has."""
    WIREFRAME = "wireframe"
    SKELETON = "skeleton"

    @property
    def following(self) -> BodyStyle:
        """The next one; after the last the first."""
        styles = list(BodyStyle)
        return styles[(styles.index(self) + 1) % len(styles)]


@dataclass(frozen=True, eq=False)
class BoneDrawing:
    """The joints of a body in the plane of its view, ``(24, 2)``, and the body's colour."""

    joints: NDArray[np.float64]
    color: MeshColor


def paint_bones(painter: QPainter, bones: BoneDrawing, window: Window, side: float) -> None:
    """Paint the bones in the body's colour, and each joint in that of its side of the person."""
    points = [_in_view(point, window, side) for point in bones.joints]
    pairs = [(child, parent) for child, parent in enumerate(SKELETON_PARENTS) if parent >= 0]
    lines = [QLineF(points[parent], points[child]) for child, parent in pairs]
    scale = min(1.0, max(0.45, side / _LARGE_SIDE))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in ((OUTLINE, _RIM_PX), (QColor.fromRgbF(*bones.color), _BONE_PX)):
        pen = QPen(color, width * scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLines(lines)
    painter.setPen(QPen(OUTLINE, 1.0))
    for name, point in zip(SKELETON_JOINT_NAMES, points, strict=True):
        painter.setBrush(SIDE_COLORS[_side_of(name)])
        painter.drawEllipse(point, _JOINT_PX * scale, _JOINT_PX * scale)
    painter.restore()


def _side_of(joint_name: str) -> str:
    side = joint_name.partition("_")[0]
    return side if side in SIDE_COLORS else "middle"


def _in_view(point: NDArray[np.float64], window: Window, side: float) -> QPointF:
    left, top = window.to_window(float(point[0]), float(point[1]))
    return QPointF(left * side, top * side)
