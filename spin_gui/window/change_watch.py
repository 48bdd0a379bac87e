"""Looks every second whether another process or a job wrote to the open project."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import StudioError
from spin_gui.session.session import ProjectSession
from spin_gui.widgets.error_reports import report_of

LOOK_INTERVAL_MS = 1000
"""How soon the window sees what a job or another process wrote."""


class ChangeWatch(QObject):
    """Asks the session; a database that cannot be read is told of once, not every second."""

    failed = Signal(object)
    """An ``ErrorReport``; nothing is looked at any more."""

    def __init__(self, session: ProjectSession, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._log_problem = ""
        self._timer = QTimer(self, interval=LOOK_INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @property
    def is_active(self) -> bool:
        """Whether it still looks."""
        return self._timer.isActive()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Take in what was written since the last look."""
        try:
            self._session.notice_external_changes()
            self._tell_log_problem()
        except StudioError as error:
            self.stop()
            self.failed.emit(report_of(error, during=f"Looking at {self._session.project}"))

    def _tell_log_problem(self) -> None:
        """Once for each: the edits are saved, and their second copy is not."""
        problem = self._session.dictionary.file.log_problem
        if problem and problem != self._log_problem:
            self._session.noticed.emit(problem)
        self._log_problem = problem
