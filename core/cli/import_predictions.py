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
            options=PredictionOptions(
                frame=RootFrame(options.frame),
                boxes=BoxLayout(options.boxes),
                scale=ScaleUnit(options.scale),
                camera=CameraKind(options.camera),
            ),
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
