"""``fit PROJECT``: initial fits for every person that has none of that origin yet."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import open_existing, refuse_empty
from core.cli.shards.sharded import ShardedJob, asks_for_shards, run_sharded
from core.dictionary.search.query_parser import choice_from_text
from core.errors import StudioError
from core.progress import CancelToken
from core.workflows.choices import SET_PREFIX

if TYPE_CHECKING:
    from core.workflows.fit_project import FitReport
    from core.workflows.predictions.fit_from_set import FitFromSetReport
    from core.workflows.shards.work_source import WorkSource


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit; Ctrl+C ends after the batch in work, and a second call goes on from there.

    The status is 1 where no person can be fitted, and 0 where all have a fit already.
    """
    set_name = _set_named(options.init)
    if asks_for_shards(options):
        _refuse_set_in_shards(set_name)
        return run_sharded(options, console, _sharded(options, console))
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
    with loading_engine(console):
        import core.workflows.fit_project  # noqa: F401 - it takes seconds

    with cancel_on_interrupt() as cancel:
        report = (
            _fit(options, console, cancel)
            if set_name is None
            else _fit_from_set(set_name, options, console, cancel)
        )
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    if report.none_can_be_fitted:
        console.note(
            "None of these people can be fitted: that takes 2D keypoints. "
            "Place them in the window (Correct, E), or import a file that holds them."
        )
        return 1
    return INTERRUPTED if report.cancelled else 0


def _fit(
    options: argparse.Namespace,
    console: Console,
    cancel: CancelToken,
    source: WorkSource | None = None,
) -> FitReport:
    where = choice_from_text(options.where)
    from core.workflows.fit_project import fit_samples
    from core.workflows.shards.work_source import WHOLE_PROJECT

    return fit_samples(
        options.project,
        profile=options.profile,
        init=options.init,
        where=where,
        batch_size=options.batch_size,
        source=source or WHOLE_PROJECT,
        progress=ProgressLine(console),
        cancel=cancel,
    )


def _fit_from_set(
    set_name: str, options: argparse.Namespace, console: Console, cancel: CancelToken
) -> FitFromSetReport:
    from core.workflows.predictions.fit_from_set import fit_from_set

    return fit_from_set(
        options.project,
        set_name,
        profile=options.profile,
        where=choice_from_text(options.where),
        batch_size=options.batch_size,
        progress=ProgressLine(console),
        cancel=cancel,
    )


def _set_named(start: str | None) -> str | None:
    """The prediction set that fits begin at, where one is named."""
    if start is None or not start.startswith(SET_PREFIX):
        return None
    return start.removeprefix(SET_PREFIX)


def _refuse_set_in_shards(set_name: str | None) -> None:
    if set_name is not None:
        raise StudioError(
            "Fits that begin at a prediction set are not shared out by fit.",
            remedy="Leave out --shards and --shard, or choose another start.",
        )


def _sharded(options: argparse.Namespace, console: Console) -> ShardedJob:
    return ShardedJob(
        "fit",
        {
            "profile": options.profile,
            "init": options.init,
            "where": options.where,
            "batch-size": options.batch_size,
        },
        lambda source, cancel: _fit(options, console, cancel, source),
    )
