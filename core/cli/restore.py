"""``restore PROJECT [BACKUP]``: goes back to a backup."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.dictionary.recovery.backups import backups_of
from core.dictionary.recovery.restore import restore
from core.workflows.replay_edits import edits_beyond, replay


def run(options: argparse.Namespace, console: Console) -> int:
    """Puts a backup in the dictionary's place, or lists what there is."""
    if options.list:
        return _list(options.project, console)
    with cancel_on_interrupt() as cancel:
        restored = restore(
            options.project, options.backup, progress=ProgressLine(console), cancel=cancel
        )
    for reason in restored.passed_over:
        console.note(f"Passed over: {reason}")
    console.result(f"Restored {restored.backup}. What was there before is in {restored.kept_in}.")
    return _edits_since(options, console)


def _edits_since(options: argparse.Namespace, console: Console) -> int:
    """Do again, or name, what the log of edits has beyond the backup."""
    lines = edits_beyond(options.project)
    if not lines:
        return 0
    if not options.with_log:
        console.note(
            f"The log of edits has {len(lines)} edits by people that the backup lacks, the last of "
            f"{lines[-1].get('at')}. Do them again with: main.py restore --with-log PROJECT"
        )
        return 0
    with cancel_on_interrupt() as cancel:
        report = replay(options.project, lines, progress=ProgressLine(console), cancel=cancel)
    console.result(report.summary())
    for reason in report.left_out:
        console.note(f"Left out: {reason}")
    return 1 if report.left_out else 0


def _list(project: Path, console: Console) -> int:
    backups = backups_of(project)
    for backup in backups:
        made = backup.made_at.astimezone().strftime("%Y-%m-%d %H:%M")
        console.result(f"{made}  {backup.size_bytes / 2**20:8.1f} MB  {backup.path.name}")
    if not backups:
        console.note(f"{project} has no backups.")
    return 0
