"""``info PROJECT``: what a project holds."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from core.cli.console import Console
from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted
from core.types.runs import Run, RunStatus


def run(options: argparse.Namespace, console: Console) -> int:
    """Counts of samples, fits, origins, verdicts and flags."""
    with Dictionary.open(options.project) as dictionary:
        facts = dictionary.info()
        of_before = dictionary.cameras.count_of_before()
        interrupted = [run.id for run in dictionary.runs.all() if _is_interrupted_training(run)]
    if options.json:
        console.json(facts)
        return 0
    for name, value in facts.items():
        console.result(f"{name.replace('_', ' '):18s} {_readable(value)}")
    if of_before:
        count = counted(of_before, "picture has", "pictures have")
        console.note(
            f"{count} the long lens of a project made before cameras were kept. To give them "
            f"theirs: main.py cameras {options.project} --look, then main.py refit "
            f"{options.project}"
        )
    for run_id in interrupted:
        console.note(
            f"Training run {run_id} was interrupted; go on with it: "
            f"main.py train {options.project} --resume {run_id}"
        )
    return 0


def _is_interrupted_training(run: Run) -> bool:
    return run.is_training and run.status is RunStatus.INTERRUPTED


def _readable(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {count}" for key, count in value.items()) or "none"
    return str(value)
