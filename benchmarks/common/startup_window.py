"""Opens the window as ``main.py open PROJECT`` does and closes it once the list is painted.

Run by ``benchmarks/startup.py``, with the measured copy of the program on the path. Prints the
processor time of the whole process, all its threads, from its start.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMainWindow

import main

LOOK_EVERY_MS = 5
GIVE_UP_AFTER_S = 120.0


class ListWatch(QObject):
    """Sees the first painting of the rows of an open project, and ends the program then."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, float] = {}
        self._window: QMainWindow | None = None
        self._page: Any = None
        """The open project; its class is not imported here, to not measure that."""
        self._began = time.monotonic()
        self._looking = QTimer(self, interval=LOOK_EVERY_MS)
        self._looking.timeout.connect(self._look)
        self._looking.start()

    @Slot()
    def _look(self) -> None:
        """Wait for the page of the project; from then on its list tells."""
        if time.monotonic() - self._began > GIVE_UP_AFTER_S:
            os._exit(1)
        for window in QApplication.topLevelWidgets():
            page = getattr(window, "page", None)
            if isinstance(window, QMainWindow) and page is not None:
                self._window, self._page = window, page
                self._looking.stop()
                page.samples.view.viewport().installEventFilter(self)
                page.samples.view.viewport().update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See ``QObject.eventFilter``."""
        if event.type() == QEvent.Type.Paint and self._page.samples.model.rowCount():
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._end)  # after the painting itself
        return super().eventFilter(watched, event)

    @Slot()
    def _end(self) -> None:
        self.found = {
            "open_cpu_s": time.process_time(),
            "open_wall_s": time.monotonic() - self._began,
        }
        if self._window is not None:
            self._window.close()


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    watch = ListWatch()
    status = main.main(["open", sys.argv[1]])
    print(json.dumps(watch.found))
    raise SystemExit(status or not watch.found)
