"""Evaluates the open project on a thread of its own, and keeps what was found until data change.

It does not count as a job: people fit and train meanwhile. Nothing is worked out unless it is asked
for, and one thing after another.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

from core.dictionary.search.query import SampleQuery
from core.dictionary.storage.database_file import ContentStamp
from core.engine.evaluation.dictionary_history import DictionaryMoment, dictionary_over_run
from core.engine.evaluation.project_bodies import ReferenceBodies
from core.engine.evaluation.project_evaluation import ProjectEvaluation, evaluate_project
from core.progress import CancelToken, ProgressCallback
from spin_gui.jobs.thread_host import JobHost
from spin_gui.session.session import ProjectSession

TITLE = "Evaluating"
REST_MS = 60
"""Between two requests, so that the window draws one before the next competes with it."""


@dataclass(frozen=True)
class EvaluationRequest:
    """Which samples, against what."""

    where: SampleQuery
    truth: ReferenceBodies


@dataclass(frozen=True)
class CourseRequest:
    """The dictionary in the course of a run, of which samples."""

    where: SampleQuery
    run_id: int


Course = tuple[DictionaryMoment, ...]
Request = EvaluationRequest | CourseRequest


class Evaluator(QObject):
    """Works requests off; ``ready(Request)`` when the result of one is there to be asked for.

    ``failed(ErrorReport)`` when one cannot be had; it is not tried again before the data change.
    """

    progressed = Signal(object)
    ready = Signal(object)
    failed = Signal(object)
    working_changed = Signal(bool)

    def __init__(self, session: ProjectSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._results: dict[Request, object] = {}
        self._waiting: list[Request] = []
        self._given_up: set[Request] = set()
        self._host: JobHost | None = None
        self._working_on: Request | None = None
        self._stamp: ContentStamp | None = None
        self._told_working = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._begin_next)

    @property
    def working(self) -> bool:
        """Whether its thread works, or is about to."""
        return self._host is not None or bool(self._waiting)

    def evaluation(self, request: EvaluationRequest) -> ProjectEvaluation | None:
        """The result, where it is known."""
        found = self._results.get(request)
        return found if isinstance(found, ProjectEvaluation) else None

    def course(self, request: CourseRequest) -> Course | None:
        """The result, where it is known."""
        found = self._results.get(request)
        return found if isinstance(found, tuple) else None

    def request(self, requests: Collection[Request]) -> None:
        """Work these off, in this order, and nothing else any more."""
        self._waiting = [
            evaluation_request
            for evaluation_request in requests
            if evaluation_request not in self._results and evaluation_request not in self._given_up
        ]
        if self._working_on in self._waiting:
            self._waiting.remove(self._working_on)
        elif self._host is not None:
            self._host.cancel()
        self._go_on()

    def outdated(self) -> bool:
        """Whether the data changed since the first of the results was begun."""
        known = self._stamp is not None
        return known and self._session.dictionary.file.content_stamp() != self._stamp

    def forget(self) -> None:
        """Drop all results; what is in work is of older data and dropped, too."""
        self.stop()
        self._results.clear()
        self._given_up.clear()
        self._stamp = None

    @Slot()
    def stop(self) -> None:
        """End the work; what is known already is kept."""
        self._given_up |= {*self._waiting, *([self._working_on] if self._working_on else [])}
        self._waiting.clear()
        if self._host is not None:
            self._host.cancel()
            self._working_on = None
        self._go_on()

    def close(self) -> None:
        """End the thread; no signal comes after this."""
        self._waiting.clear()
        self._rest.stop()
        host, self._host = self._host, None
        if host is not None:
            host.abandon()
            host.deleteLater()

    def _go_on(self) -> None:
        """Begin what waits in a moment, and tell whether there is work."""
        if self._waiting and self._host is None and not self._rest.isActive():
            self._rest.start()
        if self.working != self._told_working:
            self._told_working = self.working
            self.working_changed.emit(self._told_working)

    @Slot()
    def _begin_next(self) -> None:
        if self._host is not None or not self._waiting:
            return
        request = self._working_on = self._waiting.pop(0)
        if self._stamp is None:
            self._stamp = self._session.dictionary.file.content_stamp()
        host = JobHost(TITLE, _work(self._session.project, request), parent=self)
        host.progressed.connect(self.progressed)
        host.failed.connect(self._on_failed)
        host.finished.connect(self._on_finished)
        self._host = host
        host.start(priority=QThread.Priority.LowPriority)

    @Slot(object)
    def _on_failed(self, report: object) -> None:
        if self._working_on is not None:
            self._given_up.add(self._working_on)
            self.failed.emit(report)

    @Slot(object)
    def _on_finished(self, result: object) -> None:
        host, self._host = self._host, None
        request, self._working_on = self._working_on, None
        if host is not None:
            host.deleteLater()
        if request is not None and result is not None:
            self._results[request] = result
        if request is not None:
            self.ready.emit(request)
        self._go_on()


@dataclass(frozen=True)
class _CourseWork:
    project: Path
    request: CourseRequest

    def __call__(self, progress: ProgressCallback, cancel: CancelToken) -> Course:
        request = self.request
        found = dictionary_over_run(
            self.project, request.run_id, where=request.where, progress=progress, cancel=cancel
        )
        return tuple(found)


@dataclass(frozen=True)
class _EvaluationWork:
    project: Path
    request: EvaluationRequest

    def __call__(self, progress: ProgressCallback, cancel: CancelToken) -> ProjectEvaluation:
        return evaluate_project(
            self.project,
            where=self.request.where,
            truth=self.request.truth,
            need_truth=False,
            progress=progress,
            cancel=cancel,
        )


def _work(project: Path, request: Request) -> _CourseWork | _EvaluationWork:
    if isinstance(request, CourseRequest):
        return _CourseWork(project, request)
    return _EvaluationWork(project, request)
