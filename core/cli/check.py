"""``check PROJECT``: looks for damage."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.workflows.check_project import CheckReport, check_project

LINES_SHOWN = 40


def run(options: argparse.Namespace, console: Console) -> int:
    """Says what is wrong; the status is 1 where anything is."""
    with cancel_on_interrupt() as cancel:
        report = check_project(options.project, progress=ProgressLine(console), cancel=cancel)
    if options.json:
        console.json(_as_json(report))
    else:
        for line in report.problems[:LINES_SHOWN]:
            console.result(line)
        if len(report.problems) > LINES_SHOWN:
            console.result(f"and {len(report.problems) - LINES_SHOWN} more")
        for line in report.notes:
            console.result(f"Note: {line}")
        console.result(report.summary())
    return 1 if report.problems else 0


def _as_json(report: CheckReport) -> dict[str, object]:
    return {
        "sound": not report.problems,
        "samples": report.samples,
        "problems": list(report.problems),
        "notes": list(report.notes),
    }
