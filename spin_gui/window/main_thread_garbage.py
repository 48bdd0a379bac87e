"""Garbage with widgets in it is taken apart on the main thread, never on one that draws."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from core.system.garbage import GarbageSearch

PERIOD_MS = 1000


class MainThreadGarbage(QObject):
    """Looks for garbage from the event loop, as long as the application lives."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._search = GarbageSearch()
        timer = QTimer(self, interval=PERIOD_MS)
        timer.timeout.connect(self._look)
        timer.start()

    @Slot()
    def _look(self) -> None:
        self._search.look()
