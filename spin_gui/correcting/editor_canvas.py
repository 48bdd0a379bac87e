"""The picture of the keypoint editor: what the mouse and the arrow keys do on it.

Three tools: keypoints (drag, click to choose, click to place a missing one), the box (drag a corner
or the inside), and a new person (drag a box). Any other button, or the left one next to everything,
pans; the wheel zooms. The canvas changes nothing by itself: it says what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from core.geometry.boxes import Box
from spin_gui.correcting.canvas_drag import (
    EditorDrag,
    Grip,
    Tool,
    dragged,
    grasp,
    keypoint_at,
    other_person_at,
    picture_px,
)
from spin_gui.correcting.editor_painter import (
    LEGEND,
    EditorDrawing,
    box_rect,
    paint_editor,
    paint_legend,
    paint_tag,
)
from spin_gui.correcting.picture_view import FIRST_MARGIN, PictureView
from spin_gui.images.pixel_centers import pixel_center
from spin_gui.viewer.view_canvas import BACKDROP, WHEEL_STEP
from spin_gui.viewer.view_state import ZOOM_PER_WHEEL_STEP

CLICK_SLOP = 3.0
"""A press and a release nearer than this are a click, not a drag."""
ARROW_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
SHIFT_STEP_PX = 10


@dataclass(frozen=True, eq=False)
class PictureImage:
    """An image of a square of the picture."""

    image: QImage
    square: Box


class EditorCanvas(QWidget):
    """Shows a picture with its ``EditorDrawing``."""

    chosen = Signal(object)
    """A keypoint was clicked; None for a click on no person."""
    joints_moved = Signal(float, float)
    """A drag of the chosen keypoints ended: the offset in picture pixels."""
    joint_placed = Signal(float, float)
    """A click where the chosen, missing keypoint is to be."""
    nudged = Signal(float, float)
    """An arrow key: the offset in picture pixels."""
    menu_asked = Signal(int, QPoint)
    """A right click on a keypoint, and where on the screen."""
    person_chosen = Signal(int)
    """A click on another person."""
    box_changed = Signal(object)
    person_boxed = Signal(object)
    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Picture with keypoints to edit")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(220, 200)
        self.view: PictureView | None = None
        self.picture_size_px = (1, 1)
        self.tool = Tool.KEYPOINTS
        self.hint = ""
        self.placing = False
        """Whether the next click places the chosen keypoint, whatever is under it."""
        self._drawing: EditorDrawing | None = None
        self._live: EditorDrawing | None = None
        self._image: PictureImage | None = None
        self._message = ""
        self._overlay_hidden = False
        self._drag: EditorDrag | None = None

    # What is shown

    def show_drawing(self, drawing: EditorDrawing | None) -> None:
        """Show another state; a drag under way continues from it."""
        self._drawing, self._live = drawing, None
        self.update()

    def show_image(self, image: PictureImage | None, message: str = "") -> None:
        """Show a picture, or say why there is none."""
        self._image, self._message = image, message
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Take another tool up."""
        self.tool = tool
        self._drag = self._live = None
        cross = tool is Tool.PERSON
        self.setCursor(Qt.CursorShape.CrossCursor if cross else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_overlay_hidden(self, *, hidden: bool) -> None:
        """Show the bare picture."""
        self._overlay_hidden = hidden
        self.update()

    def look_at(self, box: Box, picture_size_px: tuple[int, int]) -> None:
        """Show a person's box, as large as it fits."""
        self.picture_size_px = picture_size_px
        self.view = PictureView.around(box, width=self.width(), height=self.height())
        self._view_moved()

    def look_at_whole(self) -> None:
        """Show the whole picture, as large as it fits."""
        width, height = self.picture_size_px
        # A view of a box leaves a margin around it; around a whole picture none is needed.
        side = max(width, height) / FIRST_MARGIN
        self.look_at(Box((width - 1) / 2, (height - 1) / 2, side), self.picture_size_px)

    @property
    def drawing(self) -> EditorDrawing | None:
        """What is drawn now, a drag included."""
        return self._live or self._drawing

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """See ``QWidget.paintEvent``."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), BACKDROP)
        view, drawing = self.view, self.drawing
        if view is not None and self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setClipRect(self._picture_rect(view))
            painter.drawImage(box_rect(self._image.square, view), self._image.image)
            painter.setClipping(False)
        if view is not None and drawing is not None and not self._overlay_hidden:
            painter.translate(pixel_center(self))
            paint_editor(painter, drawing, view)
            painter.translate(-pixel_center(self))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._message:
            paint_tag(painter, self._message, QPointF(8, 8))
        elif self.hint:
            paint_tag(painter, self.hint, QPointF(8, 8))
        if drawing is None or not drawing.empty:
            paint_legend(painter, LEGEND, QPointF(8, self.height() - 8))
        painter.end()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Keep the middle and the zoom."""
        if self.view is not None:
            self.view = self.view.resized(self.width(), self.height())
            self._view_moved()

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of what is under the pointer."""
        if self.view is None or self._drawing is None or self._drag is not None:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        place_ = event.position()
        if event.button() == Qt.MouseButton.LeftButton:
            if self.placing and self.tool is Tool.KEYPOINTS:
                self._drag = EditorDrag(Grip.PAN, place_, place_)
                return
            self._drag = grasp(self.tool, place_, self._drawing, self.view)
            if self._drag.keypoint is not None and self._drag.keypoint != self._drawing.chosen:
                self.chosen.emit(self._drag.keypoint)
        else:
            self._drag = EditorDrag(Grip.PAN, place_, place_)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag on, or tell which keypoint is under the pointer."""
        view, drawing = self.view, self._drawing
        if view is None or drawing is None:
            return
        here = event.position()
        if self._drag is None:
            hovered = keypoint_at(here, drawing, view)
            if hovered != drawing.hovered:
                self._drawing = replace(drawing, hovered=hovered)
                self.update()
            return
        if self._drag.grip is Grip.PAN:
            step = here - self._drag.last
            self.view = view.panned(step.x(), step.y()).kept_on(self.picture_size_px)
            self._view_moved()
        else:
            self._live = dragged(self._drag, here, drawing, view)
            self.update()
        self._drag = replace(self._drag, last=here)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Say what was done."""
        drag, self._drag = self._drag, None
        live, self._live = self._live, None
        if drag is None or self.view is None or self._drawing is None:
            return
        self.update()
        here = event.position()
        if (here - drag.start).manhattanLength() <= CLICK_SLOP:
            self._click(event, drag, self._drawing, self.view)
        elif drag.grip is Grip.KEYPOINT:
            self.joints_moved.emit(*drag.offset_px(here, self.view))
        elif drag.grip in {Grip.BOX, Grip.CORNER} and live is not None:
            self.box_changed.emit(live.box)
        elif drag.grip is Grip.NEW_BOX and live is not None and live.drawn_box is not None:
            self.person_boxed.emit(live.drawn_box)

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """The whole person again."""
        if self._drawing is not None:
            self.look_at(self._drawing.box, self.picture_size_px)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        steps = event.angleDelta().y() / WHEEL_STEP
        if steps and self.view is not None:
            self.zoom(ZOOM_PER_WHEEL_STEP**steps, event.position())
        event.accept()

    def zoom(self, factor: float, about: QPointF | None = None) -> None:
        """Magnify about a point of the widget, by default its middle."""
        if self.view is None:
            return
        about = about or QPointF(self.width() / 2, self.height() / 2)
        least = self.view.least_zoom(self.picture_size_px)
        self.view = self.view.zoomed(factor, x=about.x(), y=about.y(), least=least)
        self._view_moved()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        super().leaveEvent(event)
        if self._drawing is not None and self._drawing.hovered is not None:
            self._drawing = replace(self._drawing, hovered=None)
            self.update()

    # The keyboard

    def event(self, event: QEvent) -> bool:
        """Claim the arrow keys while a keypoint is chosen: the window would change the sample."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            offset = self._arrow(event)
            if offset is not None:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys nudge the chosen keypoint by a pixel, with Shift by ten."""
        offset = self._arrow(event)
        if offset is None:
            super().keyPressEvent(event)
        else:
            self.nudged.emit(*offset)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A drag ends where the focus goes."""
        super().focusOutEvent(event)
        self._drag = self._live = None
        self.update()

    def _arrow(self, event: QKeyEvent) -> tuple[float, float] | None:
        """The offset that a key asks for; None where it means something else."""
        drawing = self._drawing
        if drawing is None or drawing.chosen is None or self.tool is not Tool.KEYPOINTS:
            return None
        step = ARROW_STEPS.get(Qt.Key(event.key()))
        bare = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if step is None or drawing.keypoints_px[drawing.chosen, 2] <= 0:
            return None
        if bare == Qt.KeyboardModifier.NoModifier:
            return float(step[0]), float(step[1])
        if bare == Qt.KeyboardModifier.ShiftModifier:
            return float(step[0] * SHIFT_STEP_PX), float(step[1] * SHIFT_STEP_PX)
        return None

    # Inside

    def _click(
        self, event: QMouseEvent, drag: EditorDrag, drawing: EditorDrawing, view: PictureView
    ) -> None:
        here = event.position()
        if self.tool is not Tool.KEYPOINTS:
            return
        if event.button() == Qt.MouseButton.RightButton:
            index = keypoint_at(here, drawing, view)
            if index is not None:
                self.menu_asked.emit(index, event.globalPosition().toPoint())
            return
        if event.button() != Qt.MouseButton.LeftButton or drag.grip is Grip.KEYPOINT:
            return
        missing = drawing.chosen is not None and drawing.keypoints_px[drawing.chosen, 2] <= 0
        if missing or self.placing:
            self.joint_placed.emit(*picture_px(here, view))
            return
        name_height = self.fontMetrics().height() + 8
        other = other_person_at(here, drawing, view, name_height=name_height)
        if other is not None:
            self.person_chosen.emit(other)
        else:
            self.chosen.emit(None)

    def _picture_rect(self, view: PictureView) -> QRectF:
        """The picture's own rectangle; whole coordinates are the centres of its pixels."""
        width, height = self.picture_size_px
        left, top = view.to_view(-0.5, -0.5)
        return QRectF(left, top, width * view.zoom, height * view.zoom)

    def _view_moved(self) -> None:
        self.update()
        self.view_changed.emit()
