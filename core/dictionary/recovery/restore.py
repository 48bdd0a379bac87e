"""Restoring a backup: it is looked through before anything of the project is touched."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.recovery.backups import backups_of
from core.dictionary.recovery.check_dictionary import check_dictionary
from core.dictionary.storage.clock import file_stamp
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.database_swap import SWAP_NOTE, Swap, finish_swap, swap_in
from core.dictionary.storage.folder_names import BACKUP_FOLDER, DATABASE_FILE
from core.dictionary.storage.migrations import (
    MIGRATIONS,
    bring_up_to_date,
    newest_version,
    refuse_newer,
    stored_version,
)
from core.dictionary.storage.open_files import LOG_SUFFIXES
from core.dictionary.storage.sole_use import sole_use
from core.errors import DictionaryError, NotAProjectError
from core.files.durable_write import put_on_disk
from core.files.unfinished_files import sweep, unfinished_name
from core.progress import CancelToken, ProgressCallback, ignore_progress

_REMEDY_NONE_GOOD = (
    "Give a backup of your own: main.py restore PROJECT FILE. What can be read of a damaged "
    "database, SQLite's own tool saves: sqlite3 dictionary.db .recover | sqlite3 recovered.db"
)


@dataclass(frozen=True)
class Restored:
    """What was restored, and the folder in which what was there before is kept."""

    backup: Path
    kept_in: Path
    passed_over: tuple[str, ...]
    """Newer backups that are not sound, with the reason; empty where one was named."""


def restore(
    project: Path,
    backup: Path | None = None,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Restored:
    """Put a backup in the place of a project's dictionary.

    Args:
        project: the folder; its dictionary may be damaged or missing.
        backup: a file, or the name of one in ``backups/``; None: the newest that is sound.
        progress: told while backups are looked through.
        cancel: asked meanwhile; nothing is changed then.

    Raises:
        DictionaryError: no backup is sound, or another process has the project open. The project is
            as it was.
        Cancelled: the user asked to stop.
    """
    _check_is_project(project)
    finish_swap(project)
    with sole_use(project / DATABASE_FILE):
        sweep([project])  # before the long look through the backup, not only after it
    cancel = cancel or CancelToken()
    chosen = [_found(project, backup)] if backup else [made.path for made in backups_of(project)]
    passed_over: list[str] = []
    for source in chosen:
        prepared = unfinished_name(project / DATABASE_FILE)
        try:
            try:
                _prepare(source, prepared, progress, cancel)
            except DictionaryError as error:
                passed_over.append(error.message)
                continue
            swap = Swap(prepared.name, f"{BACKUP_FOLDER}/replaced-{file_stamp()}")
            swap_in(project, swap)
            return Restored(source, project / swap.aside, tuple(passed_over))
        finally:
            if not (project / SWAP_NOTE).exists():  # or the restore goes on at the next opening
                for left_over in project.glob(f"{prepared.name}*"):
                    left_over.unlink(missing_ok=True)
    reasons = " ".join(passed_over) or f"There is no backup in {project / BACKUP_FOLDER}."
    raise DictionaryError(f"{reasons} Nothing was changed.", remedy=_REMEDY_NONE_GOOD)


def _check_is_project(project: Path) -> None:
    if not any((project / name).exists() for name in (DATABASE_FILE, BACKUP_FOLDER)):
        raise NotAProjectError(
            f"{project} is no project of SPIN Studio: it has neither {DATABASE_FILE} nor "
            f"{BACKUP_FOLDER}.",
            remedy="Choose a project's folder.",
        )


def _found(project: Path, backup: Path) -> Path:
    for path in (backup, project / BACKUP_FOLDER / backup, project / backup):
        if path.is_file():
            return path
    raise DictionaryError(
        f"There is no backup {backup}, neither as a file nor in {project / BACKUP_FOLDER}.",
        remedy="List the backups with main.py restore PROJECT --list.",
    )


def _prepare(backup: Path, prepared: Path, progress: ProgressCallback, cancel: CancelToken) -> None:
    """Copy a backup into the project, look through it, and bring it to this program's schema.

    Raises:
        DictionaryError: it is damaged, of a newer program, or no dictionary.
    """
    try:
        _copy(backup, prepared)
        connection = Connection(prepared)
        try:
            version = stored_version(connection)
            refuse_newer(backup, found=version, known=newest_version(MIGRATIONS))
            went_through = [migration for migration in MIGRATIONS if migration.version <= version]
            problems = check_dictionary(
                connection, migrations=went_through, progress=progress, cancel=cancel
            )
            if not problems and version < newest_version(MIGRATIONS):
                bring_up_to_date(connection)
                problems = check_dictionary(connection, cancel=cancel)
        finally:
            connection.close()
    except DictionaryError as error:
        message = error.message.replace(str(prepared), str(backup))
        raise DictionaryError(message, remedy=error.remedy) from error
    if problems:
        raise DictionaryError(f"{backup} is damaged: {problems[0]}")
    put_on_disk(prepared)


def _copy(backup: Path, prepared: Path) -> None:
    try:
        shutil.copyfile(backup, prepared)
        if backup.name == DATABASE_FILE:
            # A copy of a whole project: its log belongs to it.
            for suffix in LOG_SUFFIXES[:1]:
                log = backup.with_name(backup.name + suffix)
                if log.exists():
                    shutil.copyfile(log, prepared.with_name(prepared.name + suffix))
    except OSError as error:
        raise DictionaryError(
            f"{backup} cannot be copied into the project ({error.strerror}).",
            remedy="Check that it can be read, and that the project's disk has room for it.",
        ) from error
