"""``flag PROJECT``: look for failures among the current fits."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.projects import open_existing, refuse_empty
from core.dictionary.store import Dictionary
from core.progress import CancelToken


def run(options: argparse.Namespace, console: Console) -> int:
    """Assess; Ctrl+C ends after the batch in work, and a second call goes on from there."""
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
    with loading_engine(console):
        from core.workflows.flag_project import flag_samples

    with cancel_on_interrupt() as cancel:
        report = flag_samples(
            options.project,
            again=options.all,
            batch_size=options.batch_size,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if options.json:
        with open_existing(options) as dictionary:
            console.json(report.as_json() | {"people": flagged_people(dictionary)})
        return INTERRUPTED if report.cancelled else 0
    console.result(report.summary())
    for notice in report.notices:
        console.note(f"notice: {notice}")
    return INTERRUPTED if report.cancelled else 0


def flagged_people(dictionary: Dictionary) -> list[dict[str, object]]:
    """Everybody who bears a flag, by id: name, picture, and each flag's score and reason."""
    flags = dictionary.flags.by_sample(dictionary.search.ids().tolist())
    samples = dictionary.samples.get_many(list(flags))
    return [
        {
            "id": sample.id,
            "name": sample.name,
            "picture": str(sample.picture_path),
            "dataset": sample.dataset,
            "flags": {
                str(flag.name): {"score": round(flag.score, 4), "reason": flag.reason}
                for flag in flags[sample.id]
            },
        }
        for sample in samples
    ]


def flag_what_changed(project: Path, console: Console, cancel: CancelToken) -> None:
    """Assess what another subcommand has changed; nothing where it was told to stop."""
    if cancel.cancelled:
        return
    with loading_engine(console):
        from core.workflows.flag_project import flag_samples

    report = flag_samples(project, progress=ProgressLine(console), cancel=cancel)
    if report.assessed or report.labels.checked:
        console.note(report.summary())
