"""``import PROJECT FORMAT SOURCE``: pictures with 2D keypoints become samples."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.projects import existing_or_new
from core.workflows.annotations.import_annotations import (
    ImportReport,
    ReadOptions,
    import_annotations,
)
from core.workflows.new_projects import NewProject

PROBLEMS_SHOWN = 20


def _read_options(options: argparse.Namespace) -> ReadOptions:
    return ReadOptions(
        joints=options.joints,
        annotations=options.annotations,
        ids_are_names=options.ids_are_names,
        size_px=options.size,
        min_score=options.min_score,
        min_person_score=options.min_person_score,
    )


def run(options: argparse.Namespace, console: Console) -> int:
    """Import; broken entries are listed, the rest goes in."""
    target = existing_or_new(options)
    with cancel_on_interrupt() as cancel:
        report = import_annotations(
            target,
            options.format,
            options.source,
            images=options.images,
            options=_read_options(options),
            update=options.update,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if options.json:
        console.json(report.as_json())
    else:
        _tell(report, console)
    if report.people:
        return 0
    console.note(
        f"No project was made at {options.project}."
        if isinstance(target, NewProject)
        else "The project is as it was."
    )
    return 1


def _tell(report: ImportReport, console: Console) -> None:
    console.result(report.summary())
    for problem in report.problems[:PROBLEMS_SHOWN]:
        console.note(f"  {problem}")
    hidden = len(report.problems) - PROBLEMS_SHOWN
    if hidden > 0:
        console.note(f"  and {hidden} more")
