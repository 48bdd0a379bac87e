"""What the mouse does in any cell of the views: turn, move and enlarge all cells of its kind."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from spin_gui.viewer.view_board import ViewGrid
from spin_gui.viewer.view_canvas import ViewCanvas
from spin_gui.viewer.view_state import ViewKind, ViewState


class ViewGestures(QObject):
    """Hands drags and steps of the wheel on to the view state."""

    turning_ended = Signal()
    """A body that was turned is let go, and may be drawn sharply."""

    def __init__(self, board: ViewGrid, view_state: ViewState, parent: QObject) -> None:
        super().__init__(parent)
        self._view_state = view_state
        self.turning: ViewKind | None = None
        """The kind of views whose bodies are being turned."""
        for canvas in board.canvases.values():
            canvas.orbited.connect(self._on_orbited)
            canvas.panned.connect(self._on_panned)
            canvas.zoomed.connect(self._on_zoomed)
            canvas.reset_asked.connect(self._on_reset_asked)
            canvas.drag_ended.connect(self._on_drag_ended)

    def _sender_kind(self) -> ViewKind | None:
        canvas = self.sender()
        frame = canvas.frame if isinstance(canvas, ViewCanvas) else None
        return None if frame is None else frame.kind

    def _on_orbited(self, dx: float, dy: float) -> None:
        kind = self._sender_kind()
        if kind is not None:
            self.turning = kind
            self._view_state.orbit(kind, dx, dy)

    def _on_panned(self, dx: float, dy: float) -> None:
        kind = self._sender_kind()
        if kind is not None:
            self._view_state.pan(kind, dx, dy)

    def _on_zoomed(self, factor: float, x: float, y: float) -> None:
        kind = self._sender_kind()
        if kind is not None:
            self._view_state.zoom(kind, factor, x=x, y=y)

    def _on_reset_asked(self) -> None:
        kind = self._sender_kind()
        if kind is not None:
            self.turning = None
            self._view_state.reset(kind)

    def _on_drag_ended(self) -> None:
        if self.turning is not None:
            self.turning = None
            self.turning_ended.emit()
