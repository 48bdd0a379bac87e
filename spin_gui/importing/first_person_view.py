"""The first person of a source: picture or blank paper, skeleton, and joints by name."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from spin_gui.images.plane_view import WHOLE_PLANE
from spin_gui.importing.looking import FirstShown
from spin_gui.viewer.keypoint_painter import (
    KeypointDrawing,
    describe_keypoint,
    keypoint_at,
    keypoint_color,
    keypoint_drawing,
    paint_keypoints,
    readable_name,
)

SMALLEST_PX = 300
PAPER = QColor("#f4f1e8")
PAPER_LINE = QColor("#ddd8c8")
_LINES = 12
_LABEL_BACK = QColor(20, 22, 26, 190)
_GAP, _DOT = 7.0, 4.0
_MOST_NAMES = 30
"""Names of more joints than these hide the person; they are in the tool tips."""


class FirstPersonView(QWidget):
    """A square; what it shows is said to screen readers, too."""

    def __init__(self) -> None:
        super().__init__()
        self._first: FirstShown | None = None
        self._drawing: KeypointDrawing | None = None
        self.setMinimumSize(SMALLEST_PX, SMALLEST_PX)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMouseTracking(True)
        self.setAccessibleName("First person")

    @property
    def drawing(self) -> KeypointDrawing | None:
        """What is drawn, None while there is no one."""
        return self._drawing

    def hasHeightForWidth(self) -> bool:
        """It is a square."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as it is wide."""
        return width

    def show_first(self, first: FirstShown | None) -> None:
        """Show a person, a picture, or nothing."""
        self._first, self._drawing = first, None
        if first is not None and first.keypoints_px[:, 2].any():
            self._drawing = keypoint_drawing(first.keypoints_px, box=first.plane, plane=first.plane)
        self.setAccessibleDescription(self.words())
        self.update()

    def words(self) -> str:
        """What is drawn, in words."""
        if self._first is None:
            return ""
        where = self._first.name
        if self._first.image is None:
            where = f"{where}, which is not there, so on blank paper"
        if self._drawing is None:
            return where
        names = ", ".join(readable_name(index) for index in self._drawing.present)
        return f"{where}: {names}"

    def place_of(self, index: int) -> QPointF:
        """Where a keypoint is drawn, in pixels of the widget."""
        assert self._drawing is not None  # noqa: S101 - asked only of what is drawn
        x, y = self._drawing.detected[index]
        frame = self._frame()
        return QPointF(frame.left() + x * frame.width(), frame.top() + y * frame.height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Picture or paper, then the person."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = self._frame()
        first = self._first
        if first is None:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(frame.adjusted(20, 20, -20, -20), flags, "No one to show yet")
            return
        painter.setClipRect(frame)
        painter.translate(frame.topLeft())
        inside = QRectF(0, 0, frame.width(), frame.height())
        if first.image is None:
            _paint_paper(painter, inside)
        else:
            painter.drawImage(inside, first.image)
        if self._drawing is not None:
            paint_keypoints(painter, self._drawing, WHOLE_PLANE, inside.width())
            self._paint_names(painter, inside)

    def event(self, event: QEvent) -> bool:
        """A tool tip names the joint under the pointer."""
        if isinstance(event, QHelpEvent) and self._drawing is not None:
            frame = self._frame()
            x, y = event.pos().x() - frame.left(), event.pos().y() - frame.top()
            index = keypoint_at(self._drawing, WHOLE_PLANE, frame.width(), x=x, y=y)
            if index is not None:
                QToolTip.showText(event.globalPos(), describe_keypoint(self._drawing, index), self)
                return True
        return super().event(event)

    def _frame(self) -> QRectF:
        """The largest square in the middle of the top."""
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, 0, side, side)

    def _paint_names(self, painter: QPainter, inside: QRectF) -> None:
        drawing = self._drawing
        if drawing is None or len(drawing.present) > _MOST_NAMES:
            return
        font = QFont(self.font())
        font.setPointSizeF(max(6.5, font.pointSizeF() * 0.75))
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        taken = [_around(drawing, index, inside) for index in drawing.present]
        middle = sum(float(drawing.detected[index][0]) for index in drawing.present)
        middle = middle / len(drawing.present) * inside.width()
        for index in drawing.present:
            x, y = (float(part) * inside.width() for part in drawing.detected[index])
            text = readable_name(index).removesuffix(" (OpenPose)")
            size = metrics.size(Qt.TextFlag.TextSingleLine, text)
            wide = QSizeF(size.width() + 6, size.height())
            box = _place_for(QPointF(x, y), wide, inside, taken, outwards=1 if x >= middle else -1)
            if box is None:
                continue
            taken.append(box)
            painter.fillRect(box, _LABEL_BACK)
            painter.setPen(keypoint_color(index).lighter(140))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _around(drawing: KeypointDrawing, index: int, inside: QRectF) -> QRectF:
    """The dot of a joint, which no name may hide."""
    x, y = (float(part) * inside.width() for part in drawing.detected[index])
    return QRectF(x - _DOT, y - _DOT, 2 * _DOT, 2 * _DOT)


def _place_for(
    joint: QPointF, size: QSizeF, inside: QRectF, taken: list[QRectF], *, outwards: int
) -> QRectF | None:
    """A free place beside a joint, outwards (1: to the right) first; None where all are taken."""
    right, left = joint.x() + _GAP, joint.x() - _GAP - size.width()
    for down in (0, 1, -1, 2, -2):
        for start in (right, left)[::outwards]:
            top = joint.y() + (down - 0.5) * size.height()
            box = QRectF(start, top, size.width(), size.height())
            if inside.contains(box) and not any(box.intersects(other) for other in taken):
                return box
    return None


def _paint_paper(painter: QPainter, inside: QRectF) -> None:
    painter.fillRect(inside, PAPER)
    painter.setPen(PAPER_LINE)
    for line in range(1, math.ceil(_LINES)):
        at = inside.width() * line / _LINES
        painter.drawLine(QPointF(at, 0), QPointF(at, inside.height()))
        painter.drawLine(QPointF(0, at), QPointF(inside.width(), at))
