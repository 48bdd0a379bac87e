"""``export PROJECT FORMAT OUT``: fits, keypoints and changes for other programs."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.projects import note_no_match
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.workflows.export_formats import EXPORT_FORMATS, export_project


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the file whole, or not at all."""
    where = query_from_text(options.where)
    if options.where and not EXPORT_FORMATS[options.format].by_sample:
        raise StudioError(
            f"'{options.format}' always holds everything; --where has no effect on it.",
            remedy="Leave --where out.",
        )
    with Dictionary.open(options.project) as dictionary:
        note_no_match(dictionary, where, console)
    with cancel_on_interrupt() as cancel:
        report = export_project(
            options.project,
            options.format,
            options.out,
            query=where,
            overwrite=options.overwrite,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    console.result(report.summary())
    return 0
