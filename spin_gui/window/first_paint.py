"""Tells that a widget was on the screen for the first time."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

AFTER_MS = 30
"""After the painting: what was painted reaches the screen first."""
AT_LATEST_MS = 500
"""A widget that is hidden, or a window that is minimized, is not painted at all."""


class FirstPaint(QObject):
    """``happened`` once: a moment after the first painting, or where that does not come."""

    happened = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._timer = QTimer(self, singleShot=True, interval=AT_LATEST_MS)
        self._timer.timeout.connect(self.happened)
        self._timer.start()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See ``QObject.eventFilter``."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._timer.start(AFTER_MS)
        return False
