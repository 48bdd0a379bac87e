"""``flag PROJECT``: look for failures among the current fits."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.commands.projects import add_tool_arguments, open_existing
from core.pipeline.flagging import BATCH, flag_samples
from core.progress import CancelToken


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``flag PROJECT [--all] [--batch-size N]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "--all",
        action="store_true",
        help="assess every fit anew, not only what changed since it was assessed",
    )
    parser.add_argument(
        "--batch-size", type=int, default=BATCH, help=f"fits assessed together ({BATCH})"
    )
    add_tool_arguments(parser)


def run(options: argparse.Namespace, console: Console) -> int:
    """Assess; Ctrl+C ends after the batch in work, and a second call goes on from there."""
    with open_existing(options):
        pass
    with cancel_on_interrupt() as cancel:
        report = flag_samples(
            options.project,
            again=options.all,
            batch_size=options.batch_size,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    console.result(report.summary())
    return INTERRUPTED if report.cancelled else 0


def flag_what_changed(project: Path, console: Console, cancel: CancelToken) -> None:
    """Assess what another subcommand has changed; nothing where it was told to stop."""
    if cancel.cancelled:
        return
    report = flag_samples(project, progress=ProgressLine(console), cancel=cancel)
    if report.assessed:
        console.note(report.summary())
