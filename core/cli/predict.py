"""``predict PROJECT``: what a regressor says of every person."""

from __future__ import annotations

import argparse

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary

_SHOWN_PROBLEMS = 20


def run(options: argparse.Namespace, console: Console) -> int:
    """Predict; Ctrl+C ends after the batch in work."""
    where = choice_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
    with loading_engine(console):
        from core.workflows.predict_project import predict_samples

    with cancel_on_interrupt() as cancel:
        report = predict_samples(
            options.project,
            checkpoint=options.checkpoint,
            run_id=options.run_id,
            keep_as=options.keep_as,
            where=where,
            missing_only=options.missing,
            batch_size=options.batch_size,
            workers=options.workers,
            device=options.device,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        for problem in report.picture_problems[:_SHOWN_PROBLEMS]:
            console.note(problem)
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0
