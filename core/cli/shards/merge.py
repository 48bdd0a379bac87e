"""``merge PROJECT PARTS…``: take in what shards made, by the dictionary's rules."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed

if TYPE_CHECKING:
    from core.workflows.shards.merge_report import MergeReport


def run(options: argparse.Namespace, console: Console) -> int:
    """Merge; Ctrl+C ends after the transaction in work, and a second call goes on from there."""
    with loading_engine(console):
        from core.workflows.shards.merge_parts import merge_parts

    with cancel_on_interrupt() as cancel:
        report = merge_parts(
            options.project, options.parts, progress=ProgressLine(console), cancel=cancel
        )
        if options.json:
            console.json(asdict(report))
        else:
            say_merged(report, console)
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0


def say_merged(report: MergeReport, console: Console) -> None:
    """What came of a merge, and the first of what was refused, and why."""
    for line in report.refusals:
        console.note(f"refused: {line}")
    more = report.refused + report.groups_refused - len(report.refusals)
    if more > 0:
        console.note(f"refused: {more} more")
    console.result(report.summary())
