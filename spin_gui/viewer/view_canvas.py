"""One cell of the views: paints a picture, a body and keypoints, and tells what the mouse does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from core.rendering.whole_body import Surroundings
from spin_gui.images.pixel_centers import pixel_center
from spin_gui.images.plane_view import WHOLE_PLANE, Window
from spin_gui.viewer.body_style import BoneDrawing, paint_bones
from spin_gui.viewer.drag_handles import HandleDrawing, paint_handles
from spin_gui.viewer.keypoint_painter import (
    KeypointDrawing,
    describe_keypoint,
    keypoint_at,
    paint_keypoints,
)
from spin_gui.viewer.surroundings_painter import paint_scale, paint_surroundings
from spin_gui.viewer.view_state import ZOOM_PER_WHEEL_STEP, ViewKind
from spin_gui.viewer.wipe import Wipe

BACKDROP = QColor("#343a42")
"""Behind bodies and pictures in both themes: the bodies' colours are chosen against it."""
LABEL_BACK = QColor(16, 18, 22, 170)
LABEL_TEXT = QColor("#f3f4f6")
BOX_LINE, BOX_RIM = QColor("#ffffff"), QColor("#1c1f24")
TURNED_NOTE = "turned – double-click to return"
STALE_OPACITY = 0.3
GHOST_OPACITY = 0.35
"""Of a body as it was before the drag that is under way."""
TURNED_PICTURE_OPACITY = 0.12
"""Of the picture behind a body that was turned away from it."""
CLICK_SLOP_PX = 4.0
"""A press that moves less than this, in logical pixels, before it ends is a click."""
WHEEL_STEP = 120.0
"""Eighths of a degree that make one step of a common wheel."""


class ViewDrag(Enum):
    """What a drag of the mouse does."""

    NONE = "none"
    ORBIT = "orbit"
    PAN = "pan"
    WIPE = "wipe"


@dataclass(frozen=True, eq=False)
class Layer:
    """An image and the square of the plane that it shows."""

    image: QImage
    window: Window


@dataclass(frozen=True, eq=False)
class Frame:
    """All that a cell paints.

    picture_bounds, box_bounds: left, top, width, height in the plane: the picture's own rectangle,
    beyond which nothing of it is painted, and the sample's box, outlined.
    label, label_detail: what is looked at, and from where; said above the view.
    around: what stands around a body that is looked at alone.
    mesh_hidden, bones: the body's skeleton in place of its mesh.
    ghost: the body before a drag, behind the one that is dragged. handles: to drag it by.
    under, under_bones: the body on the right side of a wipe.
    message: in place of images; note: one line at the bottom.
    complete: whether every image is there (or never will be).
    """

    sample_id: int
    kind: ViewKind
    label: str = ""
    label_detail: str = ""
    window: Window = WHOLE_PLANE
    picture: Layer | None = None
    mesh: Layer | None = None
    turned: bool = False
    picture_bounds: tuple[float, float, float, float] | None = None
    box_bounds: tuple[float, float, float, float] | None = None
    keypoints: KeypointDrawing | None = None
    message: str = ""
    note: str = ""
    complete: bool = False
    around: Surroundings | None = None
    mesh_hidden: bool = False
    bones: BoneDrawing | None = None
    under: Layer | None = None
    under_bones: BoneDrawing | None = None
    ghost: Layer | None = None
    handles: HandleDrawing | None = None

    @property
    def caption(self) -> str:
        """What stands above the view: its name, and from where it looks."""
        detail = TURNED_NOTE if self.turned else self.label_detail
        return " · ".join(part for part in (self.label, detail) if part)

    @property
    def has_image(self) -> bool:
        """Whether there is anything of the sample to paint."""
        return self.picture is not None or self.mesh is not None or bool(self.message)


class ViewCanvas(QWidget):
    """Paints a ``Frame``; the owner decides what it holds and what a drag changes."""

    orbited = Signal(float, float)
    """A drag, in shares of the view's side."""
    panned = Signal(float, float)
    zoomed = Signal(float, float, float)
    """Factor, and the point of the view (in shares of its side) that is to stay."""
    reset_asked = Signal()
    drag_ended = Signal()
    clicked = Signal()
    menu_asked = Signal(QPoint)
    """A right click without a drag, which pans: where it was."""
    painted = Signal()

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # A menu on the press, as some systems ask for it, would keep a right drag from panning.
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.is_small = False
        """Next to a large view: a click enlarges it, so that a double-click resets nothing."""
        self.setAccessibleName(accessible_name)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self._frame: Frame | None = None
        self._stale: Frame | None = None
        self._overlay_hidden = False
        self._mesh_opacity = 1.0
        self.wipe = Wipe()
        self._drag, self._drag_from, self._moved = ViewDrag.NONE, QPointF(), False
        self.can_orbit = False
        self.painted_frame: Frame | None = None
        """The frame at the last painting; what was seen is all of it once it is complete."""

    # What is shown

    @property
    def frame(self) -> Frame | None:
        """What the cell shows, or waits to show."""
        return self._frame

    def set_frame(self, frame: Frame | None) -> None:
        """Show a frame. Until it has an image, the former sample stays, dimmed and marked."""
        former = self._frame
        if former is not None and former.has_image:
            self._stale = former
        self._frame = frame
        if frame is None or frame.has_image or frame.complete:
            self._stale = None
        message = "" if frame is None else frame.message or frame.note
        if message != self.toolTip():
            self.setAccessibleDescription(message)
            self.setToolTip(message)
        self.update()

    @property
    def shows_former_sample(self) -> bool:
        """Whether what is painted belongs to a sample that was left already."""
        return self._stale is not None

    def set_overlay_hidden(self, *, hidden: bool) -> None:
        """Paint the bare picture."""
        if hidden != self._overlay_hidden:
            self._overlay_hidden = hidden
            self.update()

    def set_mesh_opacity(self, opacity: float) -> None:
        """How opaque bodies over pictures are, 0..1."""
        if opacity != self._mesh_opacity:
            self._mesh_opacity = opacity
            self.update()

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """See ``QWidget.paintEvent``."""
        painter = QPainter(self)
        frame = self._frame
        if frame is not None and frame.message:
            self._paint_message(painter, frame.message)
        else:
            painter.fillRect(self.rect(), BACKDROP)
            if self._stale is not None:
                self._paint_stale(painter, self._stale)
            elif frame is not None:
                self._paint_frame(painter, frame)
        painter.end()
        self.painted_frame = frame
        self.painted.emit()

    def _paint_frame(self, painter: QPainter, frame: Frame) -> None:
        self._paint_images(painter, frame)
        if frame.around is not None and frame.mesh is not None:
            paint_scale(painter, frame.around, frame.window, self.side)
        if not frame.has_image and not frame.complete:
            self._paint_loading(painter)
        if frame.note:
            self._paint_note(painter, frame.note)

    def _paint_stale(self, painter: QPainter, frame: Frame) -> None:
        painter.setOpacity(STALE_OPACITY)
        self._paint_images(painter, frame)
        painter.setOpacity(1.0)
        self._paint_loading(painter)

    def _paint_images(self, painter: QPainter, frame: Frame) -> None:
        over_picture = frame.picture is not None
        dim, center = painter.opacity(), pixel_center(self)
        if frame.picture is not None:
            painter.save()
            if frame.picture_bounds is not None:
                bounds = self._in_view(frame.picture_bounds, frame.window)
                painter.setClipRect(bounds.translated(center))
            painter.setOpacity(dim * (TURNED_PICTURE_OPACITY if frame.turned else 1.0))
            self._paint_layer(painter, frame.picture, frame.window)
            painter.restore()
        if frame.around is not None and frame.mesh is not None:
            painter.translate(center)
            paint_surroundings(painter, frame.around, frame.window, self.side)
            painter.translate(-center)
        if frame.mesh is not None and not (over_picture and self._overlay_hidden):
            if frame.ghost is not None:
                painter.setOpacity(dim * GHOST_OPACITY)
                self._paint_layer(painter, frame.ghost, frame.window)
            painter.setOpacity(dim * (self._mesh_opacity if over_picture else 1.0))
            self._paint_bodies(painter, frame, frame.mesh)
            painter.setOpacity(dim)
        painter.translate(center)
        if frame.box_bounds is not None and not self._overlay_hidden:
            self._paint_box(painter, self._in_view(frame.box_bounds, frame.window))
        if frame.keypoints is not None and not self._overlay_hidden:
            paint_keypoints(painter, frame.keypoints, frame.window, self.side)
        painter.translate(-center)
        if frame.handles is not None and not self._overlay_hidden:
            paint_handles(painter, frame.handles, frame.window, self.side)
        if frame.under is not None:
            self.wipe.paint(painter, self.side)

    def _paint_bodies(self, painter: QPainter, frame: Frame, mesh: Layer) -> None:
        """The body, or two of them on the two sides of a wipe."""
        if frame.under is None:
            self._paint_body(painter, frame, mesh, frame.bones)
            return
        left, right = self.wipe.sides(self.side)
        for part, layer, bones in (
            (left, mesh, frame.bones),
            (right, frame.under, frame.under_bones),
        ):
            painter.save()
            painter.setClipRect(part)
            self._paint_body(painter, frame, layer, bones)
            painter.restore()

    def _paint_body(
        self, painter: QPainter, frame: Frame, mesh: Layer, bones: BoneDrawing | None
    ) -> None:
        if bones is not None:
            center = pixel_center(self)
            painter.translate(center)
            paint_bones(painter, bones, frame.window, self.side)
            painter.translate(-center)
        elif not frame.mesh_hidden:
            self._paint_layer(painter, mesh, frame.window)

    def _paint_layer(self, painter: QPainter, layer: Layer, window: Window) -> None:
        left, top, side = layer.window.placed_in(window)
        target = QRectF(left * self.side, top * self.side, side * self.side, side * self.side)
        exact = layer.image.width() == round(target.width() * self.devicePixelRatioF())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not exact)
        painter.drawImage(target, layer.image, QRectF(layer.image.rect()))

    def _paint_box(self, painter: QPainter, box: QRectF) -> None:
        for color, width in ((BOX_RIM, 3.0), (BOX_LINE, 1.2)):
            painter.setPen(QPen(color, width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    def _paint_message(self, painter: QPainter, message: str) -> None:
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.AlternateBase))
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1.0, Qt.PenStyle.DashLine))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.rect().adjusted(8, 8, -8, -8)
        needed = painter.boundingRect(room, flags, message)
        shown = message if room.contains(needed) else message.partition("\n")[0]
        painter.drawText(room, flags, shown)

    def _paint_loading(self, painter: QPainter) -> None:
        metrics, text = painter.fontMetrics(), "loading…"
        place = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 4)
        place.moveCenter(QRectF(self.rect()).center())
        self._paint_tag(painter, place, text)

    def _paint_note(self, painter: QPainter, text: str) -> None:
        room = QRectF(self.rect()).adjusted(11, 8, -11, -8)
        corner = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        needed = painter.boundingRect(room, text, _wrapped(corner))
        self._paint_tag(painter, needed.adjusted(-6, -3, 6, 3), text)

    def _paint_tag(self, painter: QPainter, place: QRectF, text: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(LABEL_BACK)
        painter.drawRoundedRect(place, 4, 4)
        painter.setPen(LABEL_TEXT)
        painter.drawText(place.adjusted(4, 0, -4, 0), text, _wrapped(Qt.AlignmentFlag.AlignCenter))

    @property
    def side(self) -> float:
        """Of the square that is painted, in logical pixels."""
        return float(max(1, min(self.width(), self.height())))

    def _in_view(self, bounds: tuple[float, float, float, float], window: Window) -> QRectF:
        left, top = window.to_window(bounds[0], bounds[1])
        scale = self.side / window.side
        return QRectF(left * self.side, top * self.side, bounds[2] * scale, bounds[3] * scale)

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left turns the body (with Shift, or where there is none to turn, it pans); others pan."""
        pans = (
            event.button() != Qt.MouseButton.LeftButton
            or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            or not self.can_orbit
        )
        self._drag = ViewDrag.PAN if pans else ViewDrag.ORBIT
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_wipe(event):
            self._drag = ViewDrag.WIPE
        self._drag_from, self._moved = event.position(), False
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report how far a drag went."""
        if self._drag is ViewDrag.NONE:
            if self._is_on_wipe(event):
                self.setCursor(Qt.CursorShape.SplitHCursor)
            else:
                self.unsetCursor()
            return
        if self._drag is ViewDrag.WIPE:
            self.wipe.move_to(event.position().x(), self.side)
            self.update()
            return
        way_px = event.position() - self._drag_from
        if not self._moved and way_px.manhattanLength() < CLICK_SLOP_PX:
            return
        self._moved = True
        moved = way_px / self.side
        self._drag_from = event.position()
        signal = self.orbited if self._drag is ViewDrag.ORBIT else self.panned
        signal.emit(moved.x(), moved.y())

    def _is_on_wipe(self, event: QMouseEvent) -> bool:
        is_wiped = self._frame is not None and self._frame.under is not None
        return is_wiped and self.wipe.is_near(event.position().x(), self.side)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or a click."""
        if self._drag is ViewDrag.NONE:
            return
        self._drag = ViewDrag.NONE
        self.unsetCursor()
        self.drag_ended.emit()
        if not self._moved and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()
        elif not self._moved and event.button() == Qt.MouseButton.RightButton:
            self.menu_asked.emit(event.position().toPoint())

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        """Ask for the row's own direction."""
        self._drag = ViewDrag.NONE
        if not self.is_small:
            self.reset_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        steps = event.angleDelta().y() / WHEEL_STEP
        if steps:
            place = event.position() / self.side
            self.zoomed.emit(ZOOM_PER_WHEEL_STEP**steps, place.x(), place.y())
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Answer a tool tip with the keypoint under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.keypoint_text(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), text or self.toolTip(), self)
            return True
        return super().event(event)

    def keypoint_text(self, place: QPointF) -> str:
        """Name, confidence and error of the keypoint at a point of the widget; empty for none."""
        frame = self._frame
        if frame is None or frame.keypoints is None or self._overlay_hidden:
            return ""
        found = keypoint_at(frame.keypoints, frame.window, self.side, x=place.x(), y=place.y())
        return "" if found is None else describe_keypoint(frame.keypoints, found)


def _wrapped(alignment: Qt.AlignmentFlag) -> QTextOption:
    """Between words; within one, such as a long path, only where it does not fit on a line."""
    option = QTextOption(alignment)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option
