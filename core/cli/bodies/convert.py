"""``convert PROJECT OUT``: a project on one body becomes a project on another one."""

from __future__ import annotations

import argparse

from core.cli.backup import after_work
from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed


def run(options: argparse.Namespace, console: Console) -> int:
    """Convert everything; Ctrl+C leaves nothing of the new project."""
    with loading_engine(console):
        from core.workflows.other_body.convert_project import convert_project

    with cancel_on_interrupt() as cancel:
        report = convert_project(
            options.project,
            options.out,
            body=options.body,
            limit_mm=options.limit_mm,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        console.result(report.summary())
        flag_what_changed(options.out, console, cancel)
    after_work(options.out, console)
    return 0
