"""``relink PROJECT OLD NEW``: pictures that moved are found again."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.workflows.relink_pictures import relink

LINES_SHOWN = 20


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
    lines = [f"{item.path}: {item.why} ({item.detail})" for item in report.search.left]
    lines += [f"{path}: the same people are there already" for path in report.taken]
    for line in lines[:LINES_SHOWN]:
        console.note(f"  {line}")
    if len(lines) > LINES_SHOWN:
        console.note(f"  and {len(lines) - LINES_SHOWN} more")
    return 0 if report.moved else 1
