"""``predict PROJECT``: what a regressor says of every person."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.flag import flag_what_changed
from core.cli.projects import note_no_match, refuse_empty
from core.cli.shards.sharded import ShardedJob, asks_for_shards, run_sharded
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.shards.snapshot_dictionary import SnapshotDictionary
from core.dictionary.store import Dictionary
from core.progress import CancelToken

if TYPE_CHECKING:
    from core.workflows.predict_project import PredictReport
    from core.workflows.shards.work_source import WorkSource

_SHOWN_PROBLEMS = 20


def run(options: argparse.Namespace, console: Console) -> int:
    """Predict; Ctrl+C ends after the batch in work."""
    if asks_for_shards(options):
        return run_sharded(options, console, _sharded(options, console))
    where = choice_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
    with loading_engine(console):
        import core.workflows.predict_project  # noqa: F401 - it takes seconds

    with cancel_on_interrupt() as cancel:
        report = _predict(options, console, cancel)
        console.result(report.summary())
        flag_what_changed(options.project, console, cancel)
    return INTERRUPTED if report.cancelled else 0


def _predict(
    options: argparse.Namespace,
    console: Console,
    cancel: CancelToken,
    source: WorkSource | None = None,
) -> PredictReport:
    where = choice_from_text(options.where)
    from core.workflows.predict_project import predict_samples
    from core.workflows.shards.work_source import WHOLE_PROJECT

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
        source=source or WHOLE_PROJECT,
        progress=ProgressLine(console),
        cancel=cancel,
    )
    for problem in report.picture_problems[:_SHOWN_PROBLEMS]:
        console.note(problem)
    return report


def _sharded(options: argparse.Namespace, console: Console) -> ShardedJob:
    checkpoint = None if options.checkpoint is None else options.checkpoint.absolute()
    return ShardedJob(
        "predict",
        {
            "checkpoint": None if checkpoint is None else str(checkpoint),
            "run": options.run_id,
            "keep-as": options.keep_as,
            "where": options.where,
            "missing": options.missing,
            "batch-size": options.batch_size,
        },
        lambda source, cancel: _predict(options, console, cancel, source),
        beside={"workers": options.workers, "device": options.device},
        facts=lambda snapshot, project: _regressor_facts(options, snapshot, project),
    )


def _regressor_facts(options: argparse.Namespace, snapshot: Path, project: Path) -> dict[str, str]:
    """The content of the regressor's file: a run that goes on writes another one."""
    from core.workflows.predict_project import choose_checkpoint

    with SnapshotDictionary.of(snapshot, project) as dictionary:
        chosen = choose_checkpoint(dictionary, options.checkpoint, options.run_id)
    with chosen.path.open("rb") as file:
        return {"regressor": hashlib.file_digest(file, "sha256").hexdigest()}
