"""Runs slow work of the core on a thread of its own, and tells the main thread how it goes.

::

    JobHost (main thread)                        QThread
    start() ───────────────────────────────────▶ _Worker.run(): report = work(progress, cancel)
    started                                        │ progress goes into a mailbox
    progressed, at most ten times a second ◀─ timer┘
    failed(ErrorReport), when it raised  ◀──────── _Worker.ended(outcome)
    finished(report | None), once and last

A running thread cannot be killed: ``cancel`` asks, the work stops between two items, and what it
has finished is kept.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from core.engine.torch_loading import torch_is_loaded
from core.errors import Cancelled
from core.progress import CancelToken, Progress
from spin_gui.jobs.job import Work
from spin_gui.jobs.torch_loading import LOADING_TEXT, load_torch_for_jobs
from spin_gui.widgets.error_reports import ErrorReport, report_of

PROGRESS_INTERVAL_MS = 100


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    report: object | None = None
    error: ErrorReport | None = None


class _Mailbox:
    """Holds the latest progress; an unread one is replaced by the next."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Progress | None = None

    def put(self, progress: Progress) -> None:
        with self._lock:
            self._latest = progress

    def take(self) -> Progress | None:
        with self._lock:
            latest, self._latest = self._latest, None
        return latest


class _Worker(QObject):
    """Lives in the thread; its one signal reports how the work ended."""

    ended = Signal(object)

    def __init__(
        self,
        title: str,
        work: Work,
        mailbox: _Mailbox,
        token: CancelToken,
        *,
        needs_torch: bool,
    ) -> None:
        super().__init__()
        self._needs_torch = needs_torch
        self._title, self._work, self._mailbox, self._token = title, work, mailbox, token

    @Slot()
    def run(self) -> None:
        """Do the work and report its end, however it ends."""
        self.ended.emit(self._outcome())

    def _outcome(self) -> _Outcome:
        try:
            if self._needs_torch:
                self._load_torch()
            return _Outcome(report=self._work(self._mailbox.put, self._token))
        except Cancelled:
            return _Outcome()
        except Exception as error:  # noqa: BLE001 - the boundary: any fault becomes a dialog
            return _Outcome(error=report_of(error, during=self._title))

    def _load_torch(self) -> None:
        waits = not torch_is_loaded()
        load_torch_for_jobs()
        if waits:
            self._mailbox.put(Progress(self._title, 0, 0))  # no longer what is waited for


class JobHost(QObject):
    """One piece of work, from start to end; used once and then dropped.

    ``title`` says what runs ("Fitting samples"). ``needs_torch``: PyTorch is loaded on its thread
    first, and ``progressed`` says so at once where that takes its time. Use from the main thread
    only.
    """

    started = Signal()
    progressed = Signal(object)
    failed = Signal(object)
    finished = Signal(object)

    def __init__(
        self,
        title: str,
        work: Work,
        parent: QObject | None = None,
        *,
        needs_torch: bool = True,
    ) -> None:
        super().__init__(parent)
        self.title = title
        self._needs_torch = needs_torch
        self._token = CancelToken()
        self._mailbox = _Mailbox()
        self._thread: QThread | None = None
        self._worker: _Worker | None = _Worker(
            title, work, self._mailbox, self._token, needs_torch=needs_torch
        )
        self._timer = QTimer(self, interval=PROGRESS_INTERVAL_MS)
        self._timer.timeout.connect(self._deliver_progress)

    @property
    def running(self) -> bool:
        """From ``start`` until just before ``finished``."""
        return self._thread is not None

    @property
    def cancelled(self) -> bool:
        """Whether the user asked to stop."""
        return self._token.cancelled

    def start(self, priority: QThread.Priority = QThread.Priority.InheritPriority) -> None:
        """Begin; returns at once."""
        thread = QThread()
        thread.setObjectName(self.title)
        worker = self._worker
        if worker is None or self._thread is not None:
            message = f"The job '{self.title}' was started twice."
            raise RuntimeError(message)
        worker.moveToThread(thread)
        # After the move, and to bound methods of objects only: anything else would run over there.
        thread.started.connect(worker.run)
        worker.ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        self._thread = thread
        self._timer.start()
        self.started.emit()
        if self._needs_torch and not torch_is_loaded():
            self.progressed.emit(Progress(LOADING_TEXT, 0, 0))
        thread.start(priority)

    def cancel(self) -> None:
        """Ask the work to stop between two items; ``finished`` still comes."""
        self._token.cancel()

    def abandon(self) -> None:
        """Stop and wait for the item in work; no signal comes after this."""
        self._token.cancel()
        self._timer.stop()
        if self._worker is not None:
            self._worker.ended.disconnect(self._on_ended)
        self._drop_thread()

    @Slot()
    def _deliver_progress(self) -> None:
        progress = self._mailbox.take()
        if progress is not None:
            self.progressed.emit(progress)

    @Slot(object)
    def _on_ended(self, outcome: _Outcome) -> None:
        self._timer.stop()
        self._deliver_progress()
        self._drop_thread()
        if outcome.error is not None:
            self.failed.emit(outcome.error)
        self.finished.emit(outcome.report)

    def _drop_thread(self) -> None:
        """Quit, wait from the main thread, drop: a QThread dropped while it runs aborts."""
        if self._thread is not None:
            self._thread.quit()
            self._thread.wait()
        self._thread = self._worker = None
