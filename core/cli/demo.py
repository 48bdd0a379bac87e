"""``demo PROJECT``: synthetic people with known truth, fitted the paper's way."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.dictionary.storage.project_folder import is_project
from core.errors import StudioError
from core.progress import CancelToken
from core.types.counted_nouns import counted
from core.workflows.choices import SHIPPED_PEOPLE, SHIPPED_SEED
from core.workflows.demo_report import DemoReport
from core.workflows.shipped_demo import copy_demo_pictures, copy_demo_project, finished_demo


def run(options: argparse.Namespace, console: Console) -> int:
    """Copy or make the demo project, or say that it is there already."""
    if (options.project is None) == (options.pictures is None):
        raise StudioError(
            "demo makes a project or a folder of pictures, one of the two.",
            remedy="Give main.py demo PROJECT, or main.py demo --pictures FOLDER.",
        )
    with cancel_on_interrupt() as cancel:
        if options.pictures is not None:
            count = copy_demo_pictures(options.pictures, most=options.people, cancel=cancel)
            console.result(f"{counted(count, 'picture', 'pictures')} in {options.pictures}")
            return 0
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
    with loading_engine(console):
        from core.cli.flag import flag_what_changed
        from core.workflows.demo import make_demo_project

    report = make_demo_project(
        options.project,
        people=options.people,
        seed=options.seed,
        progress=ProgressLine(console),
        cancel=cancel,
    )
    flag_what_changed(options.project, console, cancel)
    return report
