"""``train PROJECT``: train the regressor with SMPLify in the loop."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from core.commands.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.commands.flag import flag_what_changed
from core.commands.projects import add_tool_arguments, open_existing
from core.dictionary.query_text import WHERE_HELP, query_from_text
from core.progress import Progress
from core.training.configuration import (
    PROFILE_NAMES,
    TrainingConfiguration,
    profile_configuration,
)
from core.training.control import TrainingControl
from core.training.data_selection import DataSelection
from core.training.distribution import is_first_process
from core.training.observers import IterationMetrics, SilentObserver
from core.training.run_folder import RunFolder
from core.training.train import train

_SHOWN_PROBLEMS = 10

_OPTIONS = (
    "iterations", "batch_size", "learning_rate", "backbone", "input_size_px", "start_from",
    "allow_download", "seed", "device", "workers", "checkpoint_every", "paired", "static", "final",
    "fit_in_loop", "fitting_profile", "fit_iterations", "pull", "improvement_rule",
    "evidence_rule", "refit_every",
    "augment", "freeze_normalisation", "gradient_norm_limit",
)  # fmt: skip
"""Fields of the configuration that have an option of the same name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``train PROJECT [--profile P] [--resume RUN] [--iterations N] …``."""
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "--profile", choices=PROFILE_NAMES, default=None, help="where all values begin (studio)"
    )
    parser.add_argument(
        "--resume", type=int, metavar="RUN", help="go on with a run from its newest checkpoint"
    )
    parser.add_argument("--where", metavar="FILTER", help=WHERE_HELP)
    by_name = {one.name: one for one in fields(TrainingConfiguration)}
    for name in _OPTIONS:
        _add_option(parser, name, by_name[name].type, by_name[name].metadata["help"])
    add_tool_arguments(parser)


def _add_option(parser: argparse.ArgumentParser, name: str, kind: object, text: str) -> None:
    flag = f"--{name.replace('_', '-')}"
    if "bool" in str(kind):
        parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
        return
    converters: dict[object, Any] = {"int": int, "float": float}
    parser.add_argument(flag, type=converters.get(kind, str), default=None, help=text)


def configuration_of(options: argparse.Namespace) -> TrainingConfiguration:
    """The configuration asked for; of a resumed run its own, with what is given besides."""
    given = {name: value for name in _OPTIONS if (value := getattr(options, name)) is not None}
    if options.where is not None:
        given["where"] = DataSelection.of(query_from_text(options.where))
    if options.resume is None:
        return replace(profile_configuration(options.profile or "studio"), **given)
    stored = RunFolder.of(options.project, options.resume).stored_configuration()
    if options.profile is not None:
        given["profile"] = options.profile
    return replace(stored, **given)


class _Watcher(SilentObserver):
    """Writes where the training stands: a progress line, and every while a line of numbers."""

    def __init__(self, console: Console) -> None:
        self._console, self._line = console, ProgressLine(console)
        self._total = 1
        self._began_at: float | None = None
        self._began_after = 0

    def started(self, run_id: int, configuration: TrainingConfiguration, device: str) -> None:
        """The first line of a training: what runs, where."""
        self._total = configuration.iterations
        self._console.note(f"Run {run_id}, profile {configuration.profile}, on {device}")

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        """Progress, with the newest numbers in its phase."""
        newest, now = metrics[-1], time.monotonic()
        if self._began_at is None:
            self._began_at, self._began_after = now, newest.iteration
        elapsed = now - self._began_at
        done = newest.iteration - self._began_after
        self._line(
            Progress(
                f"loss {newest.losses['total']:.2f}, 2D {newest.error_2d_px:.1f} px, "
                f"{newest.share_improved:.0%} improved",
                newest.iteration,
                self._total,
                done / elapsed if elapsed > 0 else 0.0,
            )
        )


def run(options: argparse.Namespace, console: Console) -> int:
    """Train; Ctrl+C stops after the iteration in work, keeps everything, and can be resumed."""
    speaks = is_first_process()
    if speaks:
        with open_existing(options):
            pass
    with cancel_on_interrupt() as interrupted:
        report = train(
            options.project,
            configuration_of(options),
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
