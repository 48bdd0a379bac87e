"""How far the work on the open project is, read on a thread of its own whenever it changes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, QThread, QTimer, Signal, Slot

from core.dictionary.search.work_facts import WorkFacts
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback
from spin_gui.jobs.job import Work
from spin_gui.jobs.thread_host import JobHost
from spin_gui.session.session import ProjectSession

REST_MS = 600
"""After a change: while verdicts follow each other nothing is read."""

REST_AFTER_READING = 20
"""In a large project reading takes at most a twentieth of the time, as far as no page asks."""


class ProjectFacts(QObject):
    """Keeps the newest ``WorkFacts``; None until they were read first."""

    changed = Signal()

    def __init__(self, session: ProjectSession) -> None:
        super().__init__(session)
        self._dictionary = session.dictionary
        self.known: WorkFacts | None = None
        self._host: JobHost | None = None
        self._again = False
        self._took = QElapsedTimer()
        self._rest_ms = REST_MS
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._read)
        for signal in (session.counts_changed, session.samples_changed, session.rows_stale):
            signal.connect(self.read_soon)
        session.closing.connect(self._close)

    @property
    def is_reading(self) -> bool:
        """Whether newer facts are on their way."""
        return self._host is not None or self._rest.isActive()

    @Slot()
    def read_soon(self) -> None:
        """Read once nothing has changed for a moment."""
        self._rest.start(self._rest_ms)

    def read_now(self) -> None:
        """Read what has changed at once: it is looked at."""
        if self._rest.isActive() or self.known is None:
            self._rest.start(0)

    @Slot()
    def _read(self) -> None:
        if self._host is not None:
            self._again = True
            return
        self._again = False
        self._took.start()
        self._host = JobHost(
            "Counting",
            _work(self._dictionary.project, self._dictionary.author),
            self,
            needs_torch=False,
        )
        self._host.finished.connect(self._take)
        self._host.start(QThread.Priority.LowPriority)

    @Slot(object)
    def _take(self, facts: object) -> None:
        host, self._host = self._host, None
        self._rest_ms = max(REST_MS, REST_AFTER_READING * self._took.elapsed())
        if host is not None:
            host.deleteLater()
        # What cannot be read is reported by those who read samples.
        if isinstance(facts, WorkFacts) and facts != self.known:
            self.known = facts
            self.changed.emit()
        if self._again:
            self._read()

    @Slot()
    def _close(self) -> None:
        self._rest.stop()
        if self._host is not None:
            self._host.abandon()


def _work(project: Path, author: str) -> Work:
    def read(_progress: ProgressCallback, _cancel: CancelToken) -> WorkFacts:
        with Dictionary.open(project) as reader:
            reader.sign_as(author)
            reader.hidden.update()
            return reader.search.work_facts()

    return read
