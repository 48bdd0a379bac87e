"""A training in a process of its own that is killed at a certain point, as by ``kill -9``.

The process is forked off a server that has imported everything already; the point is found by
Python's profiling hook, so the program under test is exactly the program.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from core.engine.training.train import train
from core.runs.observers import IterationMetrics, SilentObserver
from core.runs.training_configuration import TrainingConfiguration
from core.runs.training_control import TrainingControl

PATIENCE_S = 240


@dataclass(frozen=True)
class KillPoint:
    """The ``count``-th time that a function returns, or that it calls a function of C."""

    function: str
    count: int = 1
    calls: str = ""

    def __str__(self) -> str:
        what = f" at {self.calls}" if self.calls else ""
        return f"{self.function}{what} {self.count}"


@dataclass
class _Killer:
    point: KillPoint
    seen: int = 0

    def __call__(self, frame: FrameType, event: str, what: Any) -> None:
        if event != ("c_call" if self.point.calls else "return"):
            return
        if frame.f_code.co_qualname != self.point.function:
            return
        if self.point.calls and what.__name__ != self.point.calls:
            return
        self.seen += 1
        if self.seen == self.point.count:
            os.kill(os.getpid(), signal.SIGKILL)


class _CancelAt(SilentObserver):
    def __init__(self, control: TrainingControl, iteration: int) -> None:
        self._control, self._iteration = control, iteration

    def metrics(self, metrics: list[IterationMetrics]) -> None:
        if metrics[-1].iteration >= self._iteration:
            self._control.cancel()


def train_until_killed(
    project: Path,
    configuration: TrainingConfiguration | None,
    point: KillPoint,
    *,
    resume_run: int | None = None,
    cancel_at: int | None = None,
) -> None:
    """Train in another process until the point is reached; it must be reached."""
    _in_a_process(_work, project, configuration, point, resume_run, cancel_at)


def _in_a_process(work: Callable[..., None], *arguments: object) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=work, args=arguments)
    process.start()
    process.join(PATIENCE_S)
    assert process.exitcode == -signal.SIGKILL


def _work(
    project: Path,
    configuration: TrainingConfiguration | None,
    point: KillPoint,
    resume_run: int | None,
    cancel_at: int | None,
) -> None:
    torch.set_num_threads(1)
    control = TrainingControl()
    observer = SilentObserver() if cancel_at is None else _CancelAt(control, cancel_at)
    sys.setprofile(_Killer(point))
    train(project, configuration, resume_run=resume_run, control=control, observer=observer)
