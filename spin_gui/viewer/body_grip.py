"""Takes a body by a joint in any view: by the mouse, or by keys in the view that has the focus.

Tells where in space the joint is to go; who moves the body, and how, is not its concern.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent

from spin_gui.images.posed_fits import PosedFit
from spin_gui.images.render_cache import PlaneOfBody
from spin_gui.viewer.cell_plan import Cell
from spin_gui.viewer.drag_handles import (
    HANDLE_JOINTS,
    HandleDrawing,
    HandleMarks,
    handle_at,
    in_view,
)
from spin_gui.viewer.sample_scene import SampleScene, ShownBody
from spin_gui.viewer.scene_display import SceneDisplay
from spin_gui.viewer.view_board import ViewGrid
from spin_gui.viewer.view_canvas import CLICK_SLOP_PX, ViewCanvas

STEP_M, SHIFT_STEP_M = 0.01, 0.05
"""How far an arrow key moves the chosen joint, and with Shift."""

_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


@dataclass(frozen=True, eq=False)
class GripTarget:
    """Where a joint is to go.

    place_m: (3,) metres in the crop's frame. sight: (3,) unit vector, the line of sight there.
    """

    place_m: NDArray[np.float64]
    sight: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Grip:
    """What a button, or a row of arrow keys, holds.

    away: from the pointer to the joint when it was taken, in the view. plane, depth_m: where the
    joint moves. at: where it is by now, in the plane; for keys.
    """

    canvas: ViewCanvas
    joint: int
    away: QPointF
    plane: PlaneOfBody
    depth_m: float
    at: NDArray[np.float64]

    def target(self, x: float, y: float) -> GripTarget:
        """What a point of the plane means."""
        return GripTarget(*self.plane.place_at(x, y, self.depth_m))


class BodyGrip(QObject):
    """Watches the canvases while handles are shown."""

    grabbed = Signal(int)
    """A joint was taken by the mouse, or is about to be moved by keys."""
    drawn = Signal(object)
    """A ``GripTarget``: the pointer, or a key, moved what is held."""
    dropped = Signal()
    """The mouse let go."""
    nudged = Signal()
    """A key moved it; more may follow."""
    pin_asked = Signal(int)
    let_go_asked = Signal()
    """Escape or undo was pressed while a body was being moved."""

    def __init__(self, board: ViewGrid, display: SceneDisplay, parent: QObject) -> None:
        super().__init__(parent)
        self._board, self._display = board, display
        self._held: _Grip | None = None
        self._by_keys = False
        self._pressed_at: QPointF | None = None
        """Until the pointer has gone far enough from there to mean a drag."""
        self._resting: SampleScene | None = None
        self._cells = {canvas: cell for cell, canvas in board.canvases.items()}
        self.shown = display.live_shown
        for canvas in board.canvases.values():
            canvas.installEventFilter(self)

    # What the owner of the body says

    def show_handles(self, marks: HandleMarks | None) -> None:
        """Show the handles of a body, or none; the large view takes the keyboard."""
        self._display.marks = marks
        self._held = None
        for _cell, canvas in self._board:
            canvas.setFocusPolicy(
                Qt.FocusPolicy.NoFocus if marks is None else Qt.FocusPolicy.StrongFocus
            )
        self._display.paint_all()
        self.take_keyboard()

    def take_keyboard(self) -> None:
        """Give the keyboard to the view in which arrow keys are to move a joint."""
        target = self._canvas_for_keys()
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    def repaint_handles(self) -> None:
        """Another body has the handles, or the same one lies elsewhere."""
        self._display.paint_all()

    def show_marks(self) -> None:
        """The marks changed: paint them."""
        for _cell, canvas in self._board:
            canvas.update()

    def show_live(self, body: ShownBody | None, posed: PosedFit | None = None) -> None:
        """Show a body while it is dragged in place of the one that has handles; None: that one.

        posed: the body, so that it need not be posed again.
        """
        marks, scene = self._display.marks, self._display.scene
        if marks is None or scene is None:
            return
        if body is None:
            resting, self._resting = self._resting, None
            if resting is not None and resting.sample_id == scene.sample_id:
                self._display.show_scene(resting, delay_ms=0)
            return
        if self._resting is None or self._resting.sample_id != scene.sample_id:
            self._resting = scene
        canvas = self._held.canvas if self._held is not None else self._canvas_for_keys()
        if canvas is not None:
            shown = self._resting.bodies.get(marks.column)
            if shown is not None:  # what is said of it stays, so that no view comes or goes
                parameters, held, former = body.parameters, body.held, body.former
                body = replace(shown, parameters=parameters, held=held, former=former)
            live = replace(scene, bodies={**scene.bodies, marks.column: body})
            if posed is not None:
                self._display.put_posed(body.digest, posed)
            self._display.show_live(live, self._cells[canvas])

    def postpones(self, scene: SampleScene | None) -> bool:
        """Whether a scene is to be shown only once the body is let go.

        It is where it is of the same sample, which changed elsewhere meanwhile: what a person holds
        does not jump back.
        """
        resting = self._resting if self._held is not None else None
        if resting is None or scene is None or resting.sample_id != scene.sample_id:
            return False
        self._resting = scene
        return True

    def release(self) -> None:
        """The body is about to be stored: what is shown of the sample from now on is shown."""
        self._held = None

    def forget_live(self) -> None:
        """The body is stored: what follows is shown by the usual way."""
        self._resting = self._held = None
        self._by_keys = False

    def regrasp(self, place_m: NDArray[np.float64]) -> None:
        """The joint that is held lies elsewhere by now, such as mirrored in depth."""
        if self._held is not None:
            depth_m = self._held.plane.depth_m(place_m)
            at = self._held.plane.seen_place(place_m)
            self._held = replace(self._held, depth_m=depth_m, at=at)

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See ``QObject.eventFilter``."""
        canvas = watched if isinstance(watched, ViewCanvas) else None
        if canvas is None or self._display.marks is None:
            return False
        kind = event.type()
        if isinstance(event, QMouseEvent):
            return self._on_mouse(canvas, kind, event)
        if isinstance(event, QKeyEvent) and kind is QEvent.Type.ShortcutOverride:
            if self._key(event) is None:
                return False
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and kind is QEvent.Type.KeyPress:
            command = self._key(event)
            if command is None:
                return False
            command()
            return True
        if kind is QEvent.Type.Leave and self._display.marks.hovered is not None:
            self._display.marks.hovered = None
            canvas.update()
        return False

    def _on_mouse(self, canvas: ViewCanvas, kind: QEvent.Type, event: QMouseEvent) -> bool:
        drawing = None if canvas.frame is None else canvas.frame.handles
        if kind is QEvent.Type.MouseMove:
            return self._move(canvas, drawing, event.position())
        if kind is QEvent.Type.MouseButtonRelease and self._held is not None:
            if not self._by_keys and event.button() is Qt.MouseButton.LeftButton:
                self.dropped.emit()
            return not self._by_keys
        if drawing is None or canvas.frame is None:
            return False
        joint = self._joint_at(canvas, event.position())
        if joint is None:
            return False
        if kind is QEvent.Type.MouseButtonPress:
            if event.button() is Qt.MouseButton.RightButton:
                self.pin_asked.emit(joint)
            elif event.button() is Qt.MouseButton.LeftButton:
                self._take(canvas, drawing, joint, event.position())
        return kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)

    @staticmethod
    def _joint_at(canvas: ViewCanvas, here: QPointF) -> int | None:
        frame = canvas.frame
        if frame is None or frame.handles is None:
            return None
        return handle_at(frame.handles, frame.window, canvas.side, here)

    def _take(self, canvas: ViewCanvas, drawing: HandleDrawing, joint: int, here: QPointF) -> None:
        if canvas.frame is None:
            return
        canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        number = HANDLE_JOINTS.index(joint)
        place = drawing.places[number]
        away = in_view(place, canvas.frame.window, canvas.side) - here
        self._pressed_at = here
        self._hold(canvas, drawing, joint, away, by_keys=False)

    def _hold(
        self,
        canvas: ViewCanvas,
        drawing: HandleDrawing,
        joint: int,
        away: QPointF,
        *,
        by_keys: bool,
    ) -> None:
        number = HANDLE_JOINTS.index(joint)
        depth_m = drawing.plane.depth_m(drawing.places_m[number])
        at = drawing.places[number]
        drawing.marks.chosen = joint
        self.show_marks()
        self.grabbed.emit(joint)  # first: what keys held until now is stored, and let go, by it
        self._held = _Grip(canvas, joint, away, drawing.plane, depth_m, at)
        self._by_keys = by_keys

    def _move(self, canvas: ViewCanvas, drawing: HandleDrawing | None, here: QPointF) -> bool:
        held, frame = self._held, canvas.frame
        if held is not None and not self._by_keys:
            if self._pressed_at is not None:
                if (here - self._pressed_at).manhattanLength() < CLICK_SLOP_PX:
                    return True
                self._pressed_at = None
            if held.canvas is canvas and frame is not None:
                joint_at = here + held.away
                share_x, share_y = joint_at.x() / canvas.side, joint_at.y() / canvas.side
                self.drawn.emit(held.target(*frame.window.to_plane(share_x, share_y)))
            return True
        if drawing is None or frame is None:
            return False
        hovered = handle_at(drawing, frame.window, canvas.side, here)
        if hovered != drawing.marks.hovered:
            drawing.marks.hovered = hovered
            canvas.update()
        if hovered is not None:
            canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        return hovered is not None

    # The keyboard

    def _key(self, event: QKeyEvent) -> Callable[[], None] | None:
        """What a key does now; None where it is the window's."""
        is_live = self._held is not None
        if is_live and (
            event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Undo)
        ):
            return self.let_go_asked.emit
        way = _ARROWS.get(Qt.Key(event.key()))
        bare = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        marks = self._display.marks
        if way is None or marks is None or marks.chosen is None:
            return None
        if bare == Qt.KeyboardModifier.NoModifier:
            return lambda: self._nudge(way, STEP_M)
        if bare == Qt.KeyboardModifier.ShiftModifier:
            return lambda: self._nudge(way, SHIFT_STEP_M)
        return None

    def _nudge(self, way: tuple[float, float], step_m: float) -> None:
        if self._held is not None and not self._by_keys:
            return  # the mouse has it
        if self._held is None and not self._hold_for_keys():
            return
        held = self._held
        if held is None:
            return
        at = held.at + np.array(way) * step_m / held.plane.metres(held.depth_m)
        self._held = replace(held, at=at)
        self.drawn.emit(held.target(float(at[0]), float(at[1])))
        self.nudged.emit()

    def _hold_for_keys(self) -> bool:
        canvas, marks = self._canvas_for_keys(), self._display.marks
        frame = None if canvas is None else canvas.frame
        if canvas is None or frame is None or frame.handles is None or marks is None:
            return False
        if marks.chosen is None:
            return False
        self._hold(canvas, frame.handles, marks.chosen, QPointF(), by_keys=True)
        return self._held is not None

    def _canvas_for_keys(self) -> ViewCanvas | None:
        """The view with the focus, the large one, or the first, of those that have handles."""
        shown: list[tuple[Cell, ViewCanvas]] = [
            (cell, canvas)
            for cell, canvas in self._board
            if canvas.frame is not None and canvas.frame.handles is not None
        ]
        focused = [canvas for _cell, canvas in shown if canvas.hasFocus()]
        return next(iter([*focused, *(canvas for _cell, canvas in shown)]), None)
