"""``backup PROJECT``: makes a backup of the dictionary; and the backups after other commands."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import Console
from core.dictionary.recovery.background_backup import start_backup
from core.dictionary.recovery.backups import back_up, back_up_if_changed
from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.storage.read_only import cannot_be_written
from core.dictionary.store import Dictionary
from core.errors import StudioError

AT_ONCE_UP_TO_BYTES = 64 * 2**20
"""A second's work; larger dictionaries are copied by a process that is not waited for."""


def run(options: argparse.Namespace, console: Console) -> int:
    """Copies the dictionary, looks through the copy, and says where it is."""
    Dictionary.open(options.project).close()  # one of an older schema is brought up to date first
    made = (back_up_if_changed if options.if_changed else back_up)(options.project)
    console.result("Nothing has changed since the last backup." if made is None else str(made))
    return 0


def after_work(project: Path, console: Console) -> None:
    """Make a backup where the dictionary was changed; what keeps one from it is only told.

    A project that cannot be written was only looked at.
    """
    database = project / DATABASE_FILE
    if not database.is_file() or cannot_be_written(database):
        return
    try:
        if database.stat().st_size <= AT_ONCE_UP_TO_BYTES:
            back_up_if_changed(project)
        else:
            start_backup(project)
    except (StudioError, OSError) as error:
        console.note(f"No backup was made: {error}")
