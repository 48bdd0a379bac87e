"""``fit PROJECT``: initial fits for every person that has none of that origin yet."""

from __future__ import annotations

import argparse

from core.commands.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.commands.engine import loading_engine
from core.commands.flag import flag_what_changed
from core.commands.projects import open_existing, refuse_empty


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit; Ctrl+C ends after the batch in work, and a second call goes on from there."""
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
    with loading_engine(console):
        from core.pipeline.fitting import fit_samples

    with cancel_on_interrupt() as cancel:
        report = fit_samples(
            options.project,
            profile=options.profile,
            init=options.init,
            batch_size=options.batch_size,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0
