"""Keeps the flags of the open project up to date, in the background and out of everyone's way.

It works in a process of its own and does not count as a job: people import, fit and train beside
it. While such a job runs it looks only now and then, at few samples.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.pipeline.flag_report import FlagReport
from core.pipeline.flag_service import FlagRequest
from spin_gui.jobs.flag_process import FlagProcess
from spin_gui.models.session import ProjectSession

REST_MS = 1500
"""From a change to looking at it: many changes come together."""

BUSY_REST_MS = 20_000
AT_MOST_WHILE_BUSY = 256
"""A training replaces fits all the time; what it needs of the machine comes first."""

BATCH = 64
"""Small, so that closing a project never waits long for the batch in work."""


class FlagKeeper(QObject):
    """Looks for samples without an assessment whenever something has changed.

    ``progressed(Progress)`` while it looks; ``rested(FlagReport | None)`` when it has looked.
    ``failed(ErrorReport)`` comes once, and then nothing more: the next batch would fail too.
    """

    progressed = Signal(object)
    rested = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        session: ProjectSession,
        parent: QObject | None = None,
        *,
        process: FlagProcess | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.process = process or FlagProcess(session.project, self)
        self._busy = self._stopped = False
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self.look_now)
        self.process.progressed.connect(self.progressed)
        self.process.failed.connect(self._on_failed)
        self.process.finished.connect(self._on_finished)
        session.rows_stale.connect(self.look_soon)
        session.samples_changed.connect(self.look_soon)
        self.look_soon()

    @property
    def looking(self) -> bool:
        """Whether its process works right now."""
        return self.process.working

    @Slot()
    def look_soon(self) -> None:
        """Look in a moment; later changes do not put it off."""
        if not (self._stopped or self.looking or self._soon.isActive()):
            self._soon.start(BUSY_REST_MS if self._busy else REST_MS)

    @Slot(bool)
    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - a slot of a signal
        """A job has begun, or ended."""
        self._busy = busy
        self._soon.stop()
        self.look_soon()

    @Slot()
    def look_now(self) -> None:
        """Have the process work where there is something to do."""
        if self._stopped or self.looking or not self._session.dictionary.samples_to_assess(limit=1):
            return
        self.process.look(FlagRequest(AT_MOST_WHILE_BUSY if self._busy else None, BATCH))

    def close(self) -> None:
        """Stop at once and for good; what was assessed is kept."""
        self._stopped = True
        self._soon.stop()
        self.process.close()

    @Slot(object)
    def _on_failed(self, report: object) -> None:
        self._stopped = True
        self.failed.emit(report)

    @Slot(object)
    def _on_finished(self, report: object) -> None:
        self.rested.emit(report)
        if isinstance(report, FlagReport) and report.assessed + report.outdated:
            self.look_soon()
