"""``refit PROJECT``: fit samples again, from several starts, and offer the best."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import note_no_match, open_existing, refuse_empty
from core.cli.shards.sharded import ShardedJob, asks_for_shards, run_sharded
from core.dictionary.search.query_parser import choice_from_text
from core.progress import CancelToken

if TYPE_CHECKING:
    from core.workflows.refit_project import RefitReport
    from core.workflows.shards.work_source import WorkSource


def run(options: argparse.Namespace, console: Console) -> int:
    """Refit; Ctrl+C ends after the batch in work."""
    if asks_for_shards(options):
        return run_sharded(options, console, _sharded(options, console))
    where = choice_from_text(options.where)
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
    with loading_engine(console):
        import core.workflows.refit_project  # noqa: F401 - it takes seconds

    with cancel_on_interrupt() as cancel:
        report = _refit(options, console, cancel)
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0


def _refit(
    options: argparse.Namespace,
    console: Console,
    cancel: CancelToken,
    source: WorkSource | None = None,
) -> RefitReport:
    where = choice_from_text(options.where)
    from core.workflows.refit_project import refit_samples
    from core.workflows.shards.work_source import WHOLE_PROJECT

    return refit_samples(
        options.project,
        starts=[start.strip() for start in options.starts.split(",") if start.strip()],
        where=where,
        profile=options.profile,
        batch_size=options.batch_size,
        source=source or WHOLE_PROJECT,
        progress=ProgressLine(console),
        cancel=cancel,
    )


def _sharded(options: argparse.Namespace, console: Console) -> ShardedJob:
    return ShardedJob(
        "refit",
        {
            "from": options.starts,
            "profile": options.profile,
            "where": options.where,
            "batch-size": options.batch_size,
        },
        lambda source, cancel: _refit(options, console, cancel, source),
    )
