"""``frames PROJECT``: people are followed through videos and bursts."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.dictionary.store import Dictionary
from core.workflows.frames.follow_people import follow_people


def run(options: argparse.Namespace, console: Console) -> int:
    """Store tracks, flag limbs that jump and sides that flip, and say how many there are."""
    with cancel_on_interrupt() as cancel, Dictionary.open(options.project) as dictionary:
        report = follow_people(dictionary, progress=ProgressLine(console), cancel=cancel)
    console.result(json.dumps(asdict(report)) if options.json else report.summary())
    return 0
