"""A training as a job: the core's loop on the job's thread, its news in a letter box.

The loop calls its observer on its own thread, hundreds of times a minute. ``TrainingFeed`` only
puts the news down; the main thread empties it ten times a second (``models.training_watch``).
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.progress import CancelToken, Progress, ProgressCallback
from core.recent_rate import RecentRate
from core.runs.observers import (
    BatchPreview,
    IterationMetrics,
    SilentObserver,
    TrainingObserver,
    TrainingReport,
)
from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingControl, TrainingState
from spin_gui.jobs.job import Job, JobKind

PHASE = "Training"
WARM_ITERATIONS = 3
"""After this many iterations everything long-lived exists."""


class TrainingEngine(Protocol):
    """``core.engine.training.train.train``, or what stands in for it."""

    def __call__(
        self,
        project: Path,
        configuration: TrainingConfiguration | None,
        *,
        resume_run: int | None,
        control: TrainingControl,
        observer: TrainingObserver,
    ) -> TrainingReport:
        """Train until done or told to end."""
        ...


@dataclass(frozen=True)
class TrainingStart:
    """How a run began: what it is called, what it does, on what."""

    run_id: int
    configuration: TrainingConfiguration
    device: str


@dataclass
class TrainingNews:
    """What happened since the box was emptied last; only the newest of what replaces itself."""

    start: TrainingStart | None = None
    metrics: list[IterationMetrics] = field(default_factory=list)
    rate_per_s: float = 0.0
    preview: BatchPreview | None = None
    state: TrainingState | None = None


class TrainingFeed(SilentObserver):
    """The observer of one run; written to by its thread, emptied by the main thread."""

    watches_batches = True

    def __init__(self, progress: ProgressCallback) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._news = TrainingNews()
        self._iterations = self._seen = 0
        self._rate = RecentRate()

    def take(self) -> TrainingNews:
        """Empty the box."""
        with self._lock:
            news, self._news = self._news, TrainingNews()
        return news

    def started(self, run_id: int, configuration: TrainingConfiguration, device: str) -> None:
        """The run has its number."""
        self._iterations = configuration.iterations
        with self._lock:
            self._news.start = TrainingStart(run_id, configuration, device)

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        """Numbers of the newest iterations."""
        with self._lock:
            self._news.metrics.extend(metrics)
        if not metrics:
            return
        done = metrics[-1].iteration
        self._rate.note(done, time.monotonic())
        with self._lock:
            self._news.rate_per_s = self._rate.per_s
        self._progress(Progress(PHASE, done, self._iterations, self._rate.per_s))
        was_cold = self._seen < WARM_ITERATIONS
        self._seen += len(metrics)
        if was_cold and self._seen >= WARM_ITERATIONS:
            _spare_the_living()

    def preview(self, preview: BatchPreview) -> None:
        """The newest batch."""
        with self._lock:
            self._news.preview = preview

    def state(self, state: TrainingState) -> None:
        """Paused, running, stopping."""
        self._rate.forget()
        with self._lock:
            self._news.state = state


def _spare_the_living() -> None:
    """Keep full collections from walking through everything that was built before.

    They held the window for 120 to 350 ms, several times a minute; after this they take 15 to 18.
    Nothing is collected first: that would be one more such hitch, and what little garbage is frozen
    with the rest is freed at the end.
    """
    gc.freeze()


def training_job(
    project: Path,
    configuration: TrainingConfiguration | None,
    *,
    control: TrainingControl,
    feeds: TrainingFeedSlot,
    resume_run: int | None = None,
    engine: TrainingEngine | None = None,
) -> Job:
    """Train, and when all iterations are done predict every sample with what was learned.

    Args:
        project: folder of the project.
        configuration: of a new run; None for a resumed one.
        control: how the main thread steers it.
        feeds: where the news are left.
        resume_run: the run to go on with, by its own configuration.
        engine: stands in for the training; it has no network to predict with.
    """

    def work(progress: ProgressCallback, cancel: CancelToken) -> TrainingReport:
        feed = TrainingFeed(progress)
        feeds.put(feed)
        _spare_the_living()
        train = engine or _engine()
        try:
            if engine is None and configuration is not None and configuration.trains_head:
                _let_the_detector_look(project, configuration, progress, cancel)
            report = train(
                project, configuration, resume_run=resume_run, control=control, observer=feed
            )
            if engine is None and report.state is TrainingState.FINISHED:
                _predict(project, report, progress, cancel)
        finally:
            gc.unfreeze()
        return report

    return Job(
        kind=JobKind.TRAIN, title="Training", project=project, work=work, on_cancel=control.stop
    )


class TrainingFeedSlot:
    """Where the job leaves its letter box for the main thread."""

    def __init__(self) -> None:
        self._feed: TrainingFeed | None = None

    def put(self, feed: TrainingFeed) -> None:
        """Called once, when the job's thread begins."""
        self._feed = feed

    def take(self) -> TrainingNews:
        """The news, if there is a box already."""
        return self._feed.take() if self._feed is not None else TrainingNews()


def _predict(
    project: Path, report: TrainingReport, progress: ProgressCallback, cancel: CancelToken
) -> None:
    from core.workflows.predict_project import predict_samples  # noqa: PLC0415 - as below

    predict_samples(project, checkpoint=report.checkpoint, progress=progress, cancel=cancel)


def _let_the_detector_look(
    project: Path,
    configuration: TrainingConfiguration,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> None:
    """Measure whom the detector has not seen: the head learns from what it saw."""
    from core.workflows.photos.detect_project import detect_people  # noqa: PLC0415 - as below

    query = configuration.where.query()
    detect_people(project, where=query, progress=progress, cancel=cancel)


def _engine() -> TrainingEngine:
    # Late, because it takes seconds and is not needed to look at a project.
    from core.engine.training.train import train  # noqa: PLC0415

    return train
