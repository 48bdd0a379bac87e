"""``detect PROJECT``: landmarks for people who came with keypoints of their own."""

from __future__ import annotations

import argparse

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary


def run(options: argparse.Namespace, console: Console) -> int:
    """Measure; Ctrl+C keeps what was measured, and a second call goes on from there."""
    where = choice_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
    with loading_engine(console):
        from core.workflows.photos.detect_project import detect_people

    with cancel_on_interrupt() as cancel:
        report = detect_people(
            options.project, where=where, progress=ProgressLine(console), cancel=cancel
        )
    console.result(report.summary())
    for problem in report.problems:
        console.note(f"  {problem}")
    return INTERRUPTED if report.cancelled else 0
