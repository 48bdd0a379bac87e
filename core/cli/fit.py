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
from core.progress import CancelToken

if TYPE_CHECKING:
    from core.workflows.fit_project import FitReport
    from core.workflows.shards.work_source import WorkSource


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit; Ctrl+C ends after the batch in work, and a second call goes on from there.

    The status is 1 where no person can be fitted, and 0 where all have a fit already.
    """
    if asks_for_shards(options):
        return run_sharded(options, console, _sharded(options, console))
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
    with loading_engine(console):
        import core.workflows.fit_project  # noqa: F401 - it takes seconds

    with cancel_on_interrupt() as cancel:
        report = _fit(options, console, cancel)
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
