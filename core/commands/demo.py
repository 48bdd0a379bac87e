"""``demo PROJECT``: synthetic people with known truth, fitted the paper's way."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.pipeline.demo_report import DemoReport
from core.pipeline.shipped_demo import (
    SHIPPED_PEOPLE,
    SHIPPED_SEED,
    copy_demo_project,
    finished_demo,
    is_project,
)
from core.progress import CancelToken


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``demo PROJECT [--people N] [--seed N]``."""
    parser.add_argument("project", type=Path, help="folder to make; a finished demo is left alone")
    parser.add_argument(
        "--people",
        type=int,
        default=SHIPPED_PEOPLE,
        help=f"how many people ({SHIPPED_PEOPLE}, which ship ready made; others take minutes)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=SHIPPED_SEED,
        help=f"another seed, other people ({SHIPPED_SEED})",
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Copy or make the demo project, or say that it is there already."""
    with cancel_on_interrupt() as cancel:
        if is_project(options.project):
            report = finished_demo(options.project)
        elif (options.people, options.seed) == (SHIPPED_PEOPLE, SHIPPED_SEED):
            report = copy_demo_project(
                options.project, progress=ProgressLine(console), cancel=cancel
            )
        else:
            report = None
        report = report or _build(options, console, cancel)
        console.result(report.summary())
        return 0


def _build(options: argparse.Namespace, console: Console, cancel: CancelToken) -> DemoReport:
    """Make other people than the shipped ones, or complete what was interrupted."""
    # Late: they load PyTorch, which a copy does without.
    from core.commands.flag import flag_what_changed  # noqa: PLC0415
    from core.pipeline.demo import make_demo_project  # noqa: PLC0415

    report = make_demo_project(
        options.project,
        people=options.people,
        seed=options.seed,
        progress=ProgressLine(console),
        cancel=cancel,
    )
    flag_what_changed(options.project, console, cancel)
    return report
