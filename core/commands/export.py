"""``export PROJECT FORMAT OUT``: fits, keypoints and changes for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.dictionary.query_text import WHERE_HELP, query_from_text
from core.errors import StudioError
from core.pipeline.export_formats import EXPORT_FORMATS, export_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``export PROJECT FORMAT OUT [--where FILTER] [--overwrite]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "format",
        choices=tuple(EXPORT_FORMATS),
        help="; ".join(f"{one.name}: {one.help}" for one in EXPORT_FORMATS.values()),
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--where", default="", metavar="FILTER", help=WHERE_HELP)
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the file whole, or not at all."""
    where = query_from_text(options.where)
    if options.where and not EXPORT_FORMATS[options.format].by_sample:
        raise StudioError(
            f"'{options.format}' always holds everything; --where has no effect on it.",
            remedy="Leave --where out.",
        )
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
