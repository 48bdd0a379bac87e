"""``import-predictions PROJECT NAME FILE``: another method's predictions, to compare with ours."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.dictionary.store import Dictionary
from core.formats.bodies.options import (
    BoxLayout,
    CameraKind,
    PredictionOptions,
    RootFrame,
    ScaleUnit,
)
from core.workflows.predictions.import_report import ImportPredictionsReport

LINES_SHOWN = 20


def run(options: argparse.Namespace, console: Console) -> int:
    """Import; entries that match no one are counted and the first ones named."""
    with Dictionary.open(options.project):
        pass
    with loading_engine(console):
        from core.workflows.predictions.import_predictions import import_predictions

    with cancel_on_interrupt() as cancel:
        report = import_predictions(
            options.project,
            options.name,
            options.source,
            betas=options.betas,
            own_body=options.source_body,
            options=prediction_options(options),
            progress=ProgressLine(console),
            cancel=cancel,
        )
    tell_import(report, console)
    return 0


def prediction_options(options: argparse.Namespace) -> PredictionOptions:
    """How the user says that a file is to be read."""
    return PredictionOptions(
        frame=RootFrame(options.frame),
        boxes=BoxLayout(options.boxes),
        scale=ScaleUnit(options.scale),
        camera=CameraKind(options.camera),
    )


def tell_import(report: ImportPredictionsReport, console: Console) -> None:
    """What came in, and the first of what did not."""
    console.result(report.summary())
    left_out = report.left_out()
    for line in left_out[:LINES_SHOWN]:
        console.note(f"  {line}")
    if len(left_out) > LINES_SHOWN:
        console.note(f"  and {len(left_out) - LINES_SHOWN} more")
