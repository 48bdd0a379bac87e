"""``demo PROJECT``: synthetic people with known truth, fitted the paper's way."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.commands.flag import flag_what_changed
from core.pipeline.demo import make_demo_project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``demo PROJECT [--people N] [--seed N]``."""
    parser.add_argument("project", type=Path, help="folder to make; a finished demo is left alone")
    parser.add_argument("--people", type=int, default=60, help="how many people (60)")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other people (0)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Make the demo project, or say that it is there already."""
    with cancel_on_interrupt() as cancel:
        report = make_demo_project(
            options.project,
            people=options.people,
            seed=options.seed,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return 0
