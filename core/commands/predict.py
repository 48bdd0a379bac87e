"""``predict PROJECT``: what a regressor says of every person."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.commands.flag import flag_what_changed
from core.dictionary.query_text import WHERE_HELP, query_from_text
from core.pipeline.predicting import predict_samples

_SHOWN_PROBLEMS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``predict PROJECT [--checkpoint FILE | --run N] [--keep-as NAME] [--where FILTER] …``."""
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="a regressor, SPIN's model_checkpoint.pt too; without it the newest run's, or the "
        "demo regressor where the project has no run",
    )
    parser.add_argument(
        "--run", dest="run_id", type=int, metavar="N", help="take the regressor of this run"
    )
    parser.add_argument(
        "--keep-as",
        default="",
        metavar="NAME",
        help="keep them as a prediction set, to compare; the latest predictions stay as they are",
    )
    parser.add_argument("--where", default="", metavar="FILTER", help=WHERE_HELP)
    parser.add_argument(
        "--missing", action="store_true", help="only people that have no prediction yet"
    )
    parser.add_argument("--batch-size", type=int, default=32, help="people at a time (32)")
    parser.add_argument("--workers", type=int, default=0, help="processes that load pictures (0)")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (auto)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Predict; Ctrl+C ends after the batch in work."""
    where = query_from_text(options.where)
    with cancel_on_interrupt() as cancel:
        report = predict_samples(
            options.project,
            checkpoint=options.checkpoint,
            run_id=options.run_id,
            keep_as=options.keep_as,
            where=where,
            missing_only=options.missing,
            batch_size=options.batch_size,
            workers=options.workers,
            device=options.device,
            progress=ProgressLine(console),
            cancel=cancel,
        )
        for problem in report.picture_problems[:_SHOWN_PROBLEMS]:
            console.note(problem)
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0
