"""``fit PROJECT``: initial fits for every person that has none of that origin yet."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.commands.flag import flag_what_changed
from core.commands.projects import add_tool_arguments, open_existing
from core.pipeline.fitting import fit_samples
from core.pipeline.starting_points import STARTING_POINTS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``fit PROJECT [--profile P] [--init I] [--batch-size N]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "--profile",
        choices=("studio", "paper"),
        default="studio",
        help="studio: second order, several starts; paper: as published",
    )
    parser.add_argument(
        "--init",
        choices=tuple(STARTING_POINTS),
        default="mean",
        help="where fits start: the mean pose, or the body a network makes of the keypoints",
    )
    parser.add_argument("--batch-size", type=int, default=64, help="people fitted together (64)")
    add_tool_arguments(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Fit; Ctrl+C ends after the batch in work, and a second call goes on from there."""
    with open_existing(options):
        pass
    with cancel_on_interrupt() as cancel:
        report = fit_samples(
            options.project,
            profile=options.profile,
            init=options.init,
            batch_size=options.batch_size,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0
