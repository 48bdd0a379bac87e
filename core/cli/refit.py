"""``refit PROJECT``: fit samples again, from several starts, and offer the best."""

from __future__ import annotations

import argparse

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import note_no_match, open_existing, refuse_empty
from core.dictionary.search.query_parser import choice_from_text


def run(options: argparse.Namespace, console: Console) -> int:
    """Refit; Ctrl+C ends after the batch in work."""
    where = choice_from_text(options.where)
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
    with loading_engine(console):
        from core.workflows.refit_project import refit_samples

    with cancel_on_interrupt() as cancel:
        report = refit_samples(
            options.project,
            starts=[start.strip() for start in options.starts.split(",") if start.strip()],
            where=where,
            profile=options.profile,
            batch_size=options.batch_size,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0
