"""What ``fit``, ``refit`` and ``predict`` do where only one shard of the work is asked for, or all.

A shard reads a snapshot and writes a part; the project's database is not opened.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.shards.merge import say_merged
from core.errors import StudioError
from core.progress import CancelToken
from core.resource_files import RESOURCES

if TYPE_CHECKING:
    from core.workflows.shards.share import Share
    from core.workflows.shards.work_source import WorkSource

_PROGRAM = RESOURCES.parent / "main.py"


class WorkReport(Protocol):
    """What a job says of itself."""

    @property
    def cancelled(self) -> bool:
        """Whether the user stopped it."""

    def summary(self) -> str:
        """A sentence."""


@dataclass(frozen=True)
class ShardedJob:
    """A job that can be shared out.

    name: of its subcommand. options: what decides on its results, by the names of the command line;
    beside: what decides on nothing but how it is done. work: does it with a work source. facts:
    what else decides, by snapshot and project, such as the content of a checkpoint.
    """

    name: str
    options: Mapping[str, Any]
    work: Callable[[WorkSource, CancelToken], WorkReport]
    beside: Mapping[str, Any] = field(default_factory=dict)
    facts: Callable[[Path, Path], Mapping[str, Any]] = lambda _snapshot, _project: {}

    @property
    def words(self) -> list[str]:
        """The command line of the options."""
        return [
            f"--{name}" if value is True else f"--{name}={value}"
            for name, value in {**self.options, **self.beside}.items()
            if value is not None and value is not False
        ]


def asks_for_shards(options: argparse.Namespace) -> bool:
    """Whether a command line speaks of shards."""
    named = (options.shard, options.snapshot, options.out, options.launcher, options.shards)
    return any(value is not None for value in named)


def run_sharded(options: argparse.Namespace, console: Console, job: ShardedJob) -> int:
    """Do one shard, or start all; the exit status.

    Raises:
        StudioError: an option is missing or does not fit the others, or the work cannot be done.
    """
    _refuse_tools(options)
    if options.out is None:
        raise StudioError(
            "It is not said where the shards' parts go.", remedy="Name a folder with --out FOLDER."
        )
    if options.launcher is not None:
        return _launch(options, console, job)
    return _run_one(options, console, job)


def _run_one(options: argparse.Namespace, console: Console, job: ShardedJob) -> int:
    share = _share_of(options)
    if options.snapshot is None:
        raise StudioError(
            "It is not said which snapshot the shard reads.",
            remedy="Make one with main.py snapshot PROJECT OUT, and name it with --snapshot OUT.",
        )
    with loading_engine(console):
        from core.workflows.shards.shard_job import ShardRequest, run_shard

    decides = {**job.options, **job.facts(options.snapshot, options.project)}
    request = ShardRequest(options.project, options.snapshot, options.out, job.name, share, decides)
    with cancel_on_interrupt() as cancel:

        def work(source: WorkSource) -> bool:
            done = job.work(source, cancel)
            console.note(done.summary())
            return not done.cancelled

        report = run_shard(request, work)
    if report.damaged:
        console.note(f"It was made again: {report.damaged}")
    console.result(report.summary())
    return INTERRUPTED if report.cancelled else 0


def _share_of(options: argparse.Namespace) -> Share:
    from core.workflows.shards.share import share_from_environment, share_from_text

    share = share_from_environment() if options.shard is None else share_from_text(options.shard)
    if share is None:
        raise StudioError(
            "It is not said which shard this is, and neither torchrun nor a Slurm array says so.",
            remedy="Name it with --shard i/n, with i from 0; or start all with --launcher.",
        )
    return share


def _refuse_tools(options: argparse.Namespace) -> None:
    for name in ("body", "pose_prior"):
        if getattr(options, name, None) is not None:
            raise StudioError(
                f"--{name.replace('_', '-')} cannot be given to a shard: all shards work with what "
                "the snapshot's project works with.",
                remedy="Give it to main.py fit or import once, and make the snapshot then.",
            )


def _launch(options: argparse.Namespace, console: Console, job: ShardedJob) -> int:
    if options.shard is not None or options.shards is None:
        raise StudioError(
            "The launcher starts all shards, and it is not said how many.",
            remedy="Say how many with --shards N, and leave --shard out.",
        )
    with loading_engine(console):
        from core.workflows.shards.launching import LaunchRequest, launch, snapshot_of_job
        from core.workflows.shards.merge_parts import merge_parts

    snapshot = options.snapshot or snapshot_of_job(options.project, options.out)
    program = [sys.executable, str(_PROGRAM), job.name, str(options.project.absolute())]
    files = {"snapshot": snapshot.absolute(), "out": options.out.absolute()}
    request = LaunchRequest(
        launcher=options.launcher,
        out=options.out,
        shards=options.shards,
        command=[*program, *job.words, *(f"--{name}={path}" for name, path in files.items())],
        minutes=options.minutes,
        slurm=_pairs(options.slurm),
    )
    with cancel_on_interrupt() as cancel:
        launch(request, progress=ProgressLine(console), cancel=cancel)
        report = merge_parts(
            options.project, [options.out], progress=ProgressLine(console), cancel=cancel
        )
        say_merged(report, console)
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for name, equals, value in pairs:
        if not (name and equals and value):
            raise StudioError(
                f"{name + equals + value!r} is no option of sbatch.",
                remedy="Give it as NAME=VALUE, such as --slurm partition=cpu.",
            )
    return {name: value for name, _, value in pairs}
