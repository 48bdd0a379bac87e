"""Keeps the window, with the frame that the desktop puts around it, on the screen it opens on.

How wide a frame is, is known only some time after the window was shown: a window manager draws it
when it likes. So the window is made with room for a usual frame, and adjusted once its own is
there.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QObject, QRect, QSize, QTimer, Slot
from PySide6.QtWidgets import QWidget

USUAL_FRAME = QMargins(4, 36, 4, 4)
"""In logical pixels: a title bar and thin edges, rather more than less."""

_FRAME_COMES_WITHIN_MS = 1500
_SETTLE_MS = 50


def first_size(wanted: QSize, available: QRect) -> QSize:
    """The size of a window's inside such that it and a usual frame fit a screen."""
    return wanted.boundedTo(available.marginsRemoved(USUAL_FRAME).size())


def moved_inside(inside: QRect, frame: QMargins, available: QRect) -> QRect:
    """Where a window's inside goes so that all of its frame is on the screen.

    Args:
        inside: the window without its frame.
        frame: how far the frame reaches beyond it.
        available: the screen without the desktop's panels.

    Returns:
        ``inside`` itself where it fits; otherwise moved, and made smaller only as far as needed.
    """
    outer = inside.marginsAdded(frame)
    outer.setSize(outer.size().boundedTo(available.size()))
    outer.moveLeft(max(available.left(), min(outer.left(), available.right() + 1 - outer.width())))
    outer.moveTop(max(available.top(), min(outer.top(), available.bottom() + 1 - outer.height())))
    return outer.marginsRemoved(frame)


class WindowPlacement(QObject):
    """Watches one window from when it is first shown until its frame is there.

    For the window that a person opens: one that is only drawn has the size it was given.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window, self._smallest = window, window.minimumSize()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.put_right)
        self._end = QTimer(self, singleShot=True, interval=_FRAME_COMES_WITHIN_MS)
        self._end.timeout.connect(self._stop)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """A frame that comes moves the window; what the user does later is left alone."""
        if event.type() is QEvent.Type.Show and not self._end.isActive():
            self._end.start()
        if event.type() in {QEvent.Type.Show, QEvent.Type.Move, QEvent.Type.Resize}:
            self._settle.start()
        return False

    @Slot()
    def put_right(self) -> None:
        """Move or shrink the window where it or its frame is beyond the screen's edges."""
        window = self._window
        if not window.isVisible() or window.isMaximized() or window.isFullScreen():
            return
        self._allow_small()
        inside = window.geometry()
        wanted = moved_inside(inside, self._frame(), window.screen().availableGeometry())
        if wanted != inside:
            window.setGeometry(wanted)

    def _allow_small(self) -> None:
        """A minimum that is larger than the screen would keep the window beyond its edges."""
        available = self._window.screen().availableGeometry().marginsRemoved(self._frame())
        self._window.setMinimumSize(self._smallest.boundedTo(available.size()))

    def _frame(self) -> QMargins:
        handle = self._window.windowHandle()
        return QMargins() if handle is None else handle.frameMargins()

    @Slot()
    def _stop(self) -> None:
        self.put_right()
        self._settle.stop()
        self._window.removeEventFilter(self)
