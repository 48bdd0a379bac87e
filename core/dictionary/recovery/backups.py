"""Backups of a project's dictionary: made when work ends, looked through, some of them kept.

They lie in ``backups/``. What makes the dictionary new – an older schema – leaves one there, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.dictionary.recovery.check_dictionary import check_dictionary
from core.dictionary.storage.clock import file_stamp
from core.dictionary.storage.connection import BUSY_TIMEOUT_S, Connection
from core.dictionary.storage.database_copy import copy_database
from core.dictionary.storage.folder_names import BACKUP_FOLDER
from core.dictionary.storage.project_folder import database_of, open_database
from core.errors import DictionaryError

KEPT = 5
"""The two newest backups, and the last of each day before, as long as there are fewer."""

NEWEST_KEPT = 2

_SUFFIX = ".backup"
_STAMP = re.compile(r"-(\d{8}T\d{12})\.backup$")
_MADE_AT_CLOSING = re.compile(r"dictionary-\d{8}T\d{12}\.backup")
_LAST_STATE = "last_backup.json"


@dataclass(frozen=True)
class Backup:
    """A file that can be restored. made_at: in UTC."""

    path: Path
    made_at: datetime
    size_bytes: int

    @property
    def made_at_closing(self) -> bool:
        """Whether newer ones replace it; those made before a change of schema stay."""
        return _MADE_AT_CLOSING.fullmatch(self.path.name) is not None


def backups_of(project: Path) -> list[Backup]:
    """The backups of a project, newest first; those that earlier versions put beside it, too."""
    found = [*(project / BACKUP_FOLDER).glob(f"*{_SUFFIX}"), *project.glob(f"*{_SUFFIX}")]
    return sorted(map(_backup_at, found), key=lambda one: one.made_at, reverse=True)


def back_up(project: Path) -> Path:
    """Make a backup now, whatever there is already.

    Returns:
        The backup. Older ones are dropped, see ``KEPT``.

    Raises:
        DictionaryError: the dictionary cannot be read or is damaged, in which case every older
            backup stays; or there is no room.
    """
    state = _state_of(project)
    target = project / BACKUP_FOLDER / f"dictionary-{file_stamp()}{_SUFFIX}"
    connection = open_database(database_of(project), busy_timeout_s=BUSY_TIMEOUT_S)
    try:
        copy_database(connection, target, check=_refuse_damaged)
    finally:
        connection.close()
    _write_state(project, state)
    for old in superfluous(backups_of(project)):
        if old.path != target:  # as where the clock was set back since the others were made
            old.path.unlink(missing_ok=True)
    return target


def back_up_if_changed(project: Path) -> Path | None:
    """Make a backup unless the dictionary is what it was at the last one; raises as ``back_up``."""
    return back_up(project) if has_changed(project) else None


def has_changed(project: Path) -> bool:
    """Whether the dictionary is not what it was at the last backup; by the files' times alone."""
    return _state_of(project) != _last_state(project)


def superfluous(backups: Iterable[Backup]) -> list[Backup]:
    """Those of the backups made at closing, newest first, that need not be kept."""
    kept: list[Backup] = []
    dropped = []
    for backup in backups:
        if not backup.made_at_closing:
            continue
        day = backup.made_at.date()
        is_last_of_day = all(day != other.made_at.date() for other in kept)
        if len(kept) < NEWEST_KEPT or (is_last_of_day and len(kept) < KEPT):
            kept.append(backup)
        else:
            dropped.append(backup)
    return dropped


def _backup_at(path: Path) -> Backup:
    found, stamp = path.stat(), _STAMP.search(path.name)
    made_at = datetime.fromtimestamp(found.st_mtime, UTC)
    if stamp:
        made_at = datetime.strptime(stamp[1], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    return Backup(path, made_at, found.st_size)


def _refuse_damaged(copy: Path) -> None:
    """A backup of what is damaged would take the place of one that is not."""
    connection = Connection(copy)
    try:
        problems = check_dictionary(connection)
    finally:
        connection.close()
    if problems:
        raise DictionaryError(
            f"The project's database is damaged ({problems[0]}); it was not backed up, and "
            "every backup made before was kept.",
            remedy="See what is wrong with main.py check PROJECT, and restore a backup with "
            "main.py restore PROJECT.",
        )


def _state_of(project: Path) -> list[list[int]]:
    """Changes whenever the dictionary does: sizes and times of the database and of its log."""
    database = database_of(project)
    state = []
    for path in (database, database.with_name(f"{database.name}-wal")):
        try:
            found = path.stat()
        except OSError:
            continue
        if found.st_size:  # an empty log holds nothing
            state.append([found.st_size, found.st_mtime_ns])
    return state


def _last_state(project: Path) -> object:
    try:
        return json.loads((project / BACKUP_FOLDER / _LAST_STATE).read_text())
    except (OSError, ValueError):
        return None  # never made, or the note is damaged: then another one is made


def _write_state(project: Path, state: object) -> None:
    (project / BACKUP_FOLDER / _LAST_STATE).write_text(json.dumps(state))
