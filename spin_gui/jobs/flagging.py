"""Keeps the flags of the open project up to date, in the background and out of everyone's way.

It has a thread and a dictionary connection of its own and does not count as a job: people import,
fit and train beside it. While such a job runs it looks only now and then, at few samples.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from core.pipeline.flagging import FlagReport, flag_samples
from core.progress import CancelToken, ProgressCallback
from spin_gui.jobs.host import JobHost
from spin_gui.models.session import ProjectSession

TITLE = "Looking for failures"
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

    def __init__(self, session: ProjectSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._host: JobHost | None = None
        self._busy = self._stopped = False
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self.look_now)
        session.rows_stale.connect(self.look_soon)
        session.samples_changed.connect(self.look_soon)
        self.look_soon()

    @property
    def looking(self) -> bool:
        """Whether its thread works right now."""
        return self._host is not None

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
        """Start the thread where there is something to do."""
        if self._stopped or self.looking or not self._session.dictionary.samples_to_assess(limit=1):
            return
        work = partial(_look, self._session.project, AT_MOST_WHILE_BUSY if self._busy else None)
        host = JobHost(TITLE, work, parent=self)
        host.progressed.connect(self.progressed)
        host.failed.connect(self._on_failed)
        host.finished.connect(self._on_finished)
        self._host = host
        host.start(priority=QThread.Priority.LowPriority)

    def close(self) -> None:
        """Stop at once and for good; what was assessed is kept."""
        self._stopped = True
        self._soon.stop()
        host, self._host = self._host, None
        if host is not None:
            host.abandon()
            host.deleteLater()

    @Slot(object)
    def _on_failed(self, report: object) -> None:
        self._stopped = True
        self.failed.emit(report)

    @Slot(object)
    def _on_finished(self, report: object) -> None:
        host, self._host = self._host, None
        if host is not None:
            host.deleteLater()
        self.rested.emit(report)
        if isinstance(report, FlagReport) and report.assessed + report.outdated:
            self.look_soon()


def _look(
    project: Path, at_most: int | None, progress: ProgressCallback, cancel: CancelToken
) -> FlagReport:
    return flag_samples(
        project, at_most=at_most, batch_size=BATCH, progress=progress, cancel=cancel
    )
