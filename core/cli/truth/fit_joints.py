"""``fit-joints PROJECT``: bodies for people whose joints in space are known."""

from __future__ import annotations

import argparse

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import open_existing, refuse_empty
from core.dictionary.search.query_parser import choice_from_text


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit; Ctrl+C ends after the batch in work, and a second call goes on from there."""
    where = choice_from_text(options.where)
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
    with loading_engine(console):
        from core.workflows.truth.fit_joints import fit_to_joints

    with cancel_on_interrupt() as cancel:
        report = fit_to_joints(
            options.project,
            where=where,
            sigma_m=options.accuracy_mm / 1000,
            batch_size=options.batch_size,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0
