"""``import-fits PROJECT SOURCE``: bodies of another method become fits, to be judged as ours."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.import_predictions import prediction_options, tell_import
from core.cli.projects import note_no_match
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.progress import CancelToken
from core.workflows.choices import SET_PREFIX


def run(options: argparse.Namespace, console: Console) -> int:
    """Take over a set, or read a file into one first; what was stored stays at Ctrl+C."""
    where = choice_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        note_no_match(dictionary, where, console)
    with loading_engine(console):
        from core.workflows.predictions.take_over import take_over

    with cancel_on_interrupt() as cancel:
        name = _set_name(options, console, cancel)
        report = take_over(
            options.project,
            name,
            where=where,
            beside=options.beside,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0


def _set_name(options: argparse.Namespace, console: Console, cancel: CancelToken) -> str:
    """The set that is meant; a file becomes one first."""
    source: str = options.source
    if source.startswith(SET_PREFIX):
        if options.name is not None:
            raise StudioError(
                "--name is for files: a set has a name.", remedy="Leave it out for a set."
            )
        return source.removeprefix(SET_PREFIX)
    from core.workflows.predictions.import_predictions import import_predictions

    path = Path(source)
    report = import_predictions(
        options.project,
        options.name or path.stem,
        path,
        betas=options.betas,
        own_body=options.source_body,
        options=prediction_options(options),
        progress=ProgressLine(console),
        cancel=cancel,
    )
    tell_import(report, console)
    return report.kept_as
