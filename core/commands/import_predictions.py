"""``import-predictions PROJECT NAME FILE``: another method's predictions, to compare with ours."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.datasets.foreign_predictions import FORMAT_HELP
from core.pipeline.importing_predictions import import_predictions

LINES_SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import-predictions PROJECT NAME FILE [--betas auto|keep|mean]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument("name", help="of the prediction set; the same file again replaces it")
    parser.add_argument("source", type=Path, help=FORMAT_HELP)
    parser.add_argument(
        "--betas",
        choices=("auto", "keep", "mean"),
        default="auto",
        help="keep the file's shapes, or give everyone the mean one; auto keeps them where they "
        "belong to the project's body",
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Import; entries that belong to nobody are counted and the first ones named."""
    with cancel_on_interrupt() as cancel:
        report = import_predictions(
            options.project,
            options.name,
            options.source,
            betas=options.betas,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    console.result(report.summary())
    left_out = report.left_out()
    for line in left_out[:LINES_SHOWN]:
        console.note(f"  {line}")
    if len(left_out) > LINES_SHOWN:
        console.note(f"  and {len(left_out) - LINES_SHOWN} more")
    return 0
