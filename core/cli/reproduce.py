"""``reproduce --out DIR``: the statements of the paper's four tables, on synthetic people."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine

WORK_FOLDER = "work"


def run(options: argparse.Namespace, console: Console) -> int:
    """Reproduce; Ctrl+C ends after the step in work, and the same command goes on."""
    with loading_engine(console):
        import torch

        from core.paper.benchmark import reproduce
        from core.paper.report import write_report
        from core.paper.settings import FULL, QUICK

    if options.threads > 0:
        torch.set_num_threads(options.threads)
    with cancel_on_interrupt() as cancel:
        results = reproduce(
            options.out / WORK_FOLDER,
            QUICK if options.quick else FULL,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    report = write_report(options.out, results)
    for statement in report.statements:
        console.result(f"Table {statement.table}: {statement.claim}: {statement.verdict.value}.")
    console.result(f"Wrote {report.path} and {len(report.files)} tables and plots beside it.")
    return 0
