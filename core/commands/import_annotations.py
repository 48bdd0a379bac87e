"""``import PROJECT FORMAT SOURCE``: pictures with 2D keypoints become samples."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.commands.projects import add_tool_arguments, open_or_create
from core.pipeline.importing import FORMATS, ImportReport, import_annotations

PROBLEMS_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import PROJECT FORMAT SOURCE [--images DIR] [--body FILE]``."""
    parser.add_argument("project", type=Path, help="project folder; made when it does not exist")
    parser.add_argument("format", choices=sorted(FORMATS), help="format of the annotations")
    parser.add_argument("source", type=Path, help="annotation file, or folder of them")
    parser.add_argument("--images", type=Path, help="folder of the pictures (default: beside)")
    add_tool_arguments(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Import; broken entries are listed, the rest goes in."""
    with open_or_create(options), cancel_on_interrupt() as cancel:
        report = import_annotations(
            options.project,
            options.format,
            options.source,
            images=options.images,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    _tell(report, console)
    return 0 if report.added or report.already_there else 1


def _tell(report: ImportReport, console: Console) -> None:
    console.result(report.summary())
    for problem in report.problems[:PROBLEMS_SHOWN]:
        console.note(f"  {problem}")
    hidden = len(report.problems) - PROBLEMS_SHOWN
    if hidden > 0:
        console.note(f"  and {hidden} more")
