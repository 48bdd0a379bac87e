"""``train PROJECT``: train the regressor with SMPLify in the loop."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.cli.arguments.train import CONFIGURATION_OPTIONS
from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import open_existing
from core.dictionary.search.query_parser import choice_from_text
from core.engine.training.launching import is_first_process
from core.errors import StudioError
from core.progress import CancelToken, Progress
from core.recent_rate import RecentRate
from core.runs.data_selection import DataSelection
from core.runs.observers import IterationMetrics, SilentObserver
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from core.runs.training_control import TrainingControl

_SHOWN_PROBLEMS = 10


def configuration_of(options: argparse.Namespace) -> TrainingConfiguration:
    """The configuration asked for; of a resumed run its own, with what is given besides."""
    given = {
        name: value
        for name in CONFIGURATION_OPTIONS
        if (value := getattr(options, name)) is not None
    }
    if options.where is not None:
        given["where"] = DataSelection.of(choice_from_text(options.where))
    if options.resume is None:
        return replace(profile_configuration(options.profile or "studio"), **given)
    stored = _stored_configuration(options.project, options.resume)
    if options.profile is not None:
        given["profile"] = options.profile
    return replace(stored, **given)


def _stored_configuration(project: Path, run_id: int) -> TrainingConfiguration:
    from core.runs.run_folder import RunFolder

    run_ids = RunFolder.runs_of(project)
    if run_id not in run_ids:
        runs = ", ".join(map(str, run_ids))
        raise StudioError(
            f"{project} has no training with the number {run_id}.",
            remedy=f"Its trainings are: {runs}." if run_ids else "It has none; leave --resume out.",
        )
    return RunFolder.of(project, run_id).stored_configuration()


class _Watcher(SilentObserver):
    """Writes where the training stands: a progress line, and every while a line of numbers."""

    def __init__(self, console: Console) -> None:
        self._console, self._line = console, ProgressLine(console)
        self._total = 1
        self._rate = RecentRate()

    def started(self, run_id: int, configuration: TrainingConfiguration, device: str) -> None:
        """The first line of a training: what runs, where."""
        self._total = configuration.iterations
        self._console.note(f"Run {run_id}, profile {configuration.profile}, on {device}")

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        """Progress, with the newest numbers in its phase."""
        newest = metrics[-1]
        self._rate.note(newest.iteration, time.monotonic())
        self._line(
            Progress(
                f"loss {newest.losses['total']:.2f}, 2D {newest.error_2d_px:.1f} px, "
                f"{newest.share_improved:.0%} improved",
                newest.iteration,
                self._total,
                self._rate.per_s,
            )
        )


def _let_the_detector_look(
    project: Path, configuration: TrainingConfiguration, console: Console, cancel: CancelToken
) -> None:
    """Measure whom the detector has not seen: the head learns from what it saw."""
    from core.workflows.photos.detect_project import detect_people

    query = configuration.where.query()
    report = detect_people(project, where=query, progress=ProgressLine(console), cancel=cancel)
    for problem in report.problems[:_SHOWN_PROBLEMS]:
        console.note(problem)


def run(options: argparse.Namespace, console: Console) -> int:
    """Train; Ctrl+C stops after the iteration in work, keeps everything, and can be resumed."""
    speaks = is_first_process()
    if speaks:
        with open_existing(options):
            pass
    configuration = configuration_of(options)
    with loading_engine(console):
        from core.engine.training.train import train

    with cancel_on_interrupt() as interrupted:
        if speaks and configuration.trains_head:
            _let_the_detector_look(options.project, configuration, console, interrupted)
        report = train(
            options.project,
            configuration,
            resume_run=options.resume,
            control=TrainingControl(stop_token=interrupted),
            observer=_Watcher(console) if speaks else SilentObserver(),
        )
        if not speaks:
            return 0
        for problem in report.picture_problems[:_SHOWN_PROBLEMS]:
            console.note(problem)
        console.result(report.summary())
        flag_what_changed(options.project, console, interrupted)
    if not report.stopped:
        return 0
    console.note(f"Go on with: main.py train {options.project} --resume {report.run_id}")
    return INTERRUPTED
