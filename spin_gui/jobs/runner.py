"""At most one job at a time, for as long as the window lives."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Signal, Slot

from core.errors import StudioError
from spin_gui.jobs.job import Job, JobKind
from spin_gui.jobs.thread_host import JobHost

_LOGGER = logging.getLogger(__name__)


class JobRunner(QObject):
    """Starts jobs one after another and passes their signals on.

    ``begun(Job)`` comes before anything else that is told of a job, ``finished(Job, report |
    None)`` once and last, after ``busy_changed(False)``.
    """

    begun = Signal(object)
    busy_changed = Signal(bool)
    stopping_asked = Signal()
    progressed = Signal(object)
    failed = Signal(object)
    finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._host: JobHost | None = None
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a job runs."""
        return self._host is not None

    @property
    def stopping(self) -> bool:
        """Whether the running job was asked to stop."""
        return self._host is not None and self._host.cancelled

    @property
    def kind(self) -> JobKind | None:
        """What kind of job runs."""
        return self._job.kind if self._job is not None else None

    @property
    def title(self) -> str:
        """What runs, or an empty text."""
        return self._job.title if self._job is not None else ""

    def start(self, job: Job) -> None:
        """Start a job; raises ``StudioError`` while another one runs."""
        if self._job is not None:
            raise StudioError(
                f"'{self._job.title}' is still running.",
                remedy="Wait until it has ended, or stop it first.",
            )
        _LOGGER.info("%s, in %s", job.title, job.project)
        self._job = job
        self._host = JobHost(job.title, job.work, parent=self, needs_torch=job.needs_torch)
        self._host.progressed.connect(self.progressed)
        self._host.failed.connect(self.failed)
        self._host.finished.connect(self._on_finished)
        self.begun.emit(job)
        self.busy_changed.emit(True)  # noqa: FBT003 - a signal takes no keywords
        self._host.start()

    def cancel(self) -> None:
        """Ask the running job to stop; without one nothing happens."""
        if self._host is not None:
            self._host.cancel()
            if self._job is not None and self._job.on_cancel is not None:
                self._job.on_cancel()
            self.stopping_asked.emit()

    @Slot(object)
    def _on_finished(self, report: object) -> None:
        job, host = self._job, self._host
        self._job = self._host = None
        if host is not None:
            host.deleteLater()
        if job is not None:
            _LOGGER.info("%s: ended", job.title)
        self.busy_changed.emit(False)  # noqa: FBT003
        self.finished.emit(job, report)
