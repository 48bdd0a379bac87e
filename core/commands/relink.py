"""``relink PROJECT OLD NEW``: pictures that moved are found again."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.pipeline.relinking import relink

LINES_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``relink PROJECT OLD NEW [--dry-run] [--even-missing]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument("old", type=Path, help="folder that the pictures were in")
    parser.add_argument("new", type=Path, help="folder that they are in now")
    parser.add_argument("--dry-run", action="store_true", help="say what would be found, only")
    parser.add_argument(
        "--even-missing",
        action="store_true",
        help="also pictures that are not there, as on a disk that is away, or to take it back",
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Name pictures at their new places; those that are not there or differ in size stay."""
    with cancel_on_interrupt() as cancel:
        report = relink(
            options.project,
            options.old,
            options.new,
            dry_run=options.dry_run,
            even_missing=options.even_missing,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    console.result(report.summary())
    lines = [f"{one.path}: {one.why} ({one.detail})" for one in report.search.left]
    lines += [f"{path}: the same people are there already" for path in report.taken]
    for line in lines[:LINES_SHOWN]:
        console.note(f"  {line}")
    if len(lines) > LINES_SHOWN:
        console.note(f"  and {len(lines) - LINES_SHOWN} more")
    return 0 if report.moved else 1
