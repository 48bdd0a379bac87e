"""``export PROJECT FORMAT OUT``: fits, keypoints and changes for other programs."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.projects import note_no_match
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.workflows.export_formats import EXPORT_FORMATS, export_project
from core.workflows.exports.export_request import ExportOptions

OPTION_WORDS = {
    "together": "--together",
    "skeleton": "--no-skeleton",
    "as_npz": "--npz",
    "views": "--views",
    "size_px": "--size",
    "frame_rate_hz": "--fps",
}
"""What is typed for each of the ``ExportOptions``."""


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the file whole, or not at all."""
    where = choice_from_text(options.where)
    if options.where and not EXPORT_FORMATS[options.format].by_sample:
        raise StudioError(
            f"'{options.format}' always holds everything; --where has no effect on it.",
            remedy="Leave --where out.",
        )
    chosen = _chosen_options(options)
    with Dictionary.open(options.project) as dictionary:
        note_no_match(dictionary, where, console)
    with cancel_on_interrupt() as cancel:
        report = export_project(
            options.project,
            options.format,
            options.out,
            query=where,
            options=chosen,
            overwrite=options.overwrite,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    console.result(report.summary())
    return 0


def _chosen_options(options: argparse.Namespace) -> ExportOptions:
    """The options that were given; one that the format does not heed is an error."""
    given = {
        name: value for name in OPTION_WORDS if (value := getattr(options, name, None)) is not None
    }
    heeded = EXPORT_FORMATS[options.format].options
    for name in given:
        if name not in heeded:
            others = [each.name for each in EXPORT_FORMATS.values() if name in each.options]
            raise StudioError(
                f"{OPTION_WORDS[name]} means nothing to '{options.format}'.",
                remedy=f"Leave it out, or export {', '.join(others)}.",
            )
    return ExportOptions(**given)
