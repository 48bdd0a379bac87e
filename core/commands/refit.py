"""``refit PROJECT``: fit samples again, from several starts, and offer the best."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.commands.flag import flag_what_changed
from core.commands.projects import add_tool_arguments, open_existing
from core.dictionary.query_text import WHERE_HELP, query_from_text
from core.pipeline.refitting import STARTS, refit_samples


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``refit PROJECT [--where FILTER] [--from START,…] [--profile P] [--batch-size N]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument("--where", default="", metavar="FILTER", help=WHERE_HELP)
    parser.add_argument(
        "--from",
        dest="starts",
        default="mean,current",
        metavar="START,…",
        help=f"where to begin, the best is offered: any of {','.join(STARTS)} (mean,current)",
    )
    parser.add_argument(
        "--profile",
        choices=("studio", "paper"),
        default="studio",
        help="studio: second order, several starts; paper: as published",
    )
    parser.add_argument("--batch-size", type=int, default=64, help="people fitted together (64)")
    add_tool_arguments(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Refit; Ctrl+C ends after the batch in work."""
    where = query_from_text(options.where)
    with open_existing(options):
        pass
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
