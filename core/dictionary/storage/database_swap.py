"""Puts another database in a project's place, the whole of it or nothing, whenever it is killed.

A log that was left beside the old database would be taken for the new one's and destroy it. So a
note is written before anything is touched: up to then the project is the old one, log and all; from
then on a process that opens it finishes the swap first. What is replaced is moved aside, never
deleted.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.storage.open_files import LOG_SUFFIXES
from core.dictionary.storage.sole_use import sole_use
from core.errors import DictionaryError
from core.files.durable_write import put_on_disk
from core.files.foreign_files import foreign_content
from core.files.unfinished_files import unfinished_name

SWAP_NOTE = "restoring.json"


@dataclass(frozen=True)
class Swap:
    """Names in a project: the database to put in place, and the folder for what was there."""

    prepared: str
    aside: str


def swap_in(project: Path, swap: Swap) -> None:
    """Put the prepared database in place.

    Raises:
        DictionaryBusyError: another process has the project open; nothing was changed.
        DictionaryError: the folder cannot be written.
    """
    with sole_use(project / DATABASE_FILE):
        try:
            (project / swap.aside).mkdir(parents=True)
            _write_note(project, swap)
            carry_out(project, swap)
        except OSError as error:
            raise _unwritable(project, error) from error


def finish_swap(project: Path) -> None:
    """Bring a swap that was killed to its end; without one nothing happens.

    Raises:
        DictionaryBusyError: another process has the project open.
        DictionaryError: the note or the folder cannot be used.
    """
    if not os.path.lexists(project / SWAP_NOTE):
        return
    with sole_use(project / DATABASE_FILE):
        try:
            carry_out(project, _read_note(project))
        except FileNotFoundError:
            return  # another process has just finished it
        except OSError as error:
            raise _unwritable(project, error) from error


def carry_out(project: Path, swap: Swap) -> None:
    """Every step may be done before: by a killed swap, or by a process that finishes this one."""
    database, prepared = project / DATABASE_FILE, project / swap.prepared
    aside = project / swap.aside
    if prepared.exists():
        for suffix in LOG_SUFFIXES:
            beside = database.with_name(database.name + suffix)
            if beside.exists():
                beside.rename(_free(aside / beside.name))
        if database.exists():
            _keep(database, aside / database.name)
        put_on_disk(aside)
        prepared.replace(database)
        put_on_disk(project)
    (project / SWAP_NOTE).unlink(missing_ok=True)
    put_on_disk(project)


def _keep(database: Path, kept: Path) -> None:
    """A second name for the old database, so that the first one is never without a file."""
    if kept.exists() and kept.samefile(database):
        return
    kept = _free(kept)
    try:
        os.link(database, kept)
    except OSError:
        shutil.copyfile(database, kept)  # a file system without hard links, such as exFAT
        put_on_disk(kept)


def _free(path: Path) -> Path:
    """The path, or with a number where that is taken."""
    number = 1
    while (free := path if number == 1 else path.with_name(f"{path.name}.{number}")).exists():
        number += 1
    return free


def _write_note(project: Path, swap: Swap) -> None:
    note = project / SWAP_NOTE
    unfinished = unfinished_name(note)
    try:
        unfinished.write_text(json.dumps(asdict(swap)))
        put_on_disk(unfinished)
        unfinished.rename(note)
        put_on_disk(project)
    finally:
        unfinished.unlink(missing_ok=True)


def _read_note(project: Path) -> Swap:
    note = project / SWAP_NOTE
    with foreign_content(lambda _error: _unreadable(note), passing=OSError):
        swap = Swap(**json.loads(note.read_text()))
        names = [Path(name) for name in (swap.prepared, swap.aside)]
    if any(name.is_absolute() or ".." in name.parts for name in names):
        raise _unreadable(note)
    return swap


def _unreadable(note: Path) -> DictionaryError:
    return DictionaryError(
        f"{note} says that a restore was interrupted, but not how it goes on.",
        remedy="Move this file away, and restore a backup with main.py restore PROJECT.",
    )


def _unwritable(project: Path, error: OSError) -> DictionaryError:
    return DictionaryError(
        f"{project}: the backup cannot be put in place ({error.strerror}).",
        remedy="Make the project's folder and the files in it writable for you; the restore goes "
        "on when the project is opened next.",
    )
