"""``fit PROJECT``: initial fits for every person that has none of that origin yet."""

from __future__ import annotations

import argparse

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import open_existing, refuse_empty
from core.dictionary.search.query_parser import choice_from_text


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit; Ctrl+C ends after the batch in work, and a second call goes on from there.

    The status is 1 where no person can be fitted, and 0 where all have a fit already.
    """
    where = choice_from_text(options.where)
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
    with loading_engine(console):
        from core.workflows.fit_project import fit_samples

    with cancel_on_interrupt() as cancel:
        report = fit_samples(
            options.project,
            profile=options.profile,
            init=options.init,
            where=where,
            batch_size=options.batch_size,
            progress=ProgressLine(console),
            cancel=cancel,
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
