"""The folder of a project: making it, finding its database, seeing a file that was cut short."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.created_files import TakenBack, remedy_of_folder
from core.dictionary.storage.database_swap import finish_swap
from core.dictionary.storage.folder_names import BACKUP_FOLDER, CHECKPOINT_FOLDER, DATABASE_FILE
from core.dictionary.storage.migrations import (
    Migration,
    bring_up_to_date,
    make_schema,
    migrate,
)
from core.dictionary.storage.picture_paths import follow_to_copy
from core.dictionary.storage.read_only import cannot_be_written, open_to_look
from core.dictionary.storage.settings import Settings
from core.errors import DictionaryBusyError, DictionaryError, NotAProjectError
from core.files.unfinished_files import sweep, unfinished_name

HEADER_BYTES = 100
"""Of SQLite's files, before the first page's content."""

_MAGIC = b"SQLite format 3\0"


def make_project(
    project: Path, *, settings: Mapping[str, str], migrations: Sequence[Migration]
) -> None:
    """Make a project's folders and its empty dictionary.

    The database is built under another name and linked to its own when it is whole, so that a
    project is there completely or not at all, also when two processes make it at once.

    Raises:
        DictionaryError: there is a dictionary already, or the folder cannot be written.
    """
    _make(project, lambda unfinished: _fill(unfinished, settings, migrations))


def copy_project(
    connection: Connection,
    *,
    source: Path,
    project: Path,
    change: Callable[[Connection], None] | None = None,
) -> None:
    """Make a project whose dictionary is a copy of an open one; also whole or not there.

    The copy names the pictures where they are: in the folder of ``source``, the open project, too.

    Args:
        connection: of the open project.
        source: its folder.
        project: the folder of the copy.
        change: changes the copy before it gets its name; where it raises, nothing is left.

    Raises:
        DictionaryError: there is a dictionary already, or the folder cannot be written.
    """

    def fill(unfinished: Path) -> None:
        connection.backup_to(unfinished)
        with _whole(unfinished) as copied:
            follow_to_copy(copied, source=source, copy=project)
            if change is not None:
                change(copied)

    _make(project, fill)


def project_from_file(database: Path, project: Path, *, migrations: Sequence[Migration]) -> None:
    """Make a project whose dictionary is a shipped file, brought to this program's schema.

    Raises:
        DictionaryError: there is a dictionary already, or the folder cannot be written.
    """

    def fill(unfinished: Path) -> None:
        shutil.copyfile(database, unfinished)
        with _whole(unfinished) as connection:
            bring_up_to_date(connection, migrations)

    _make(project, fill)


def _make(project: Path, fill: Callable[[Path], None]) -> None:
    """A call that fails leaves nothing: no file, and no folder that it made."""
    finish_swap(project)
    database = project / DATABASE_FILE
    with TakenBack(project) as made:
        try:
            if database.exists():
                raise _already_there(project)
            made.project_folders()
            _make_database(database, fill)
        except OSError as error:
            raise DictionaryError(
                f"{project}: the project cannot be made here ({error.strerror}).",
                remedy=remedy_of_folder(error),
            ) from error


def _make_database(database: Path, fill: Callable[[Path], None]) -> None:
    unfinished = unfinished_name(database)
    unfinished.touch(exist_ok=False)
    try:
        fill(unfinished)
        _give_name(unfinished, database)
    finally:
        for left_over in database.parent.glob(f"{unfinished.name}*"):
            left_over.unlink(missing_ok=True)


def _fill(path: Path, settings: Mapping[str, str], migrations: Sequence[Migration]) -> None:
    with _whole(path) as connection:
        with connection.writing():
            make_schema(connection, migrations)
        for key, value in settings.items():
            Settings(connection).set(key, value)


@contextmanager
def _whole(path: Path) -> Iterator[Connection]:
    """A connection to a file that holds everything at the end, without its log.

    Closing alone would leave the log behind, and say nothing, where the disk is full.
    """
    connection = Connection(path)
    try:
        yield connection
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _give_name(unfinished: Path, database: Path) -> None:
    try:
        # Unlike a rename, a link fails where another process was faster.
        os.link(unfinished, database)
    except FileExistsError as error:
        raise _already_there(database.parent) from error
    except OSError:
        unfinished.rename(database)  # a file system without hard links, such as exFAT


def sweep_project(project: Path) -> None:
    """Remove what killed processes left in a project's folder."""
    checkpoints = project / CHECKPOINT_FOLDER
    runs = [path for path in checkpoints.glob("*") if path.is_dir()]
    sweep([project, project / BACKUP_FOLDER, checkpoints, *runs])


def _already_there(project: Path) -> DictionaryError:
    return DictionaryError(
        f"{project} is a project already.", remedy="Open it, or choose another folder."
    )


def is_project(folder: Path) -> bool:
    """Whether a folder holds a dictionary, sound or not."""
    return os.path.lexists(folder / DATABASE_FILE)


def has_left_over_log(project: Path) -> bool:
    """Whether a program that was killed, or one that is still at work, has left its log."""
    try:
        return (project / f"{DATABASE_FILE}-wal").stat().st_size > 0
    except OSError:
        return False


def database_of(project: Path) -> Path:
    """The database of a project; raises ``NotAProjectError`` or ``DictionaryError``.

    A restore that was killed is brought to its end first.
    """
    finish_swap(project)
    database = project / DATABASE_FILE
    try:
        is_there = database.is_file()
    except OSError as error:
        raise DictionaryError(
            f"{project}: the folder cannot be looked into ({error.strerror}).",
            remedy="Check the path, and that you may read the folder.",
        ) from error
    if not is_there:
        raise NotAProjectError(
            f"{project} is no project of SPIN Studio: it has no {DATABASE_FILE}.",
            remedy="Choose a project's folder, or make a new project.",
        )
    return database


def open_project(
    project: Path, migrations: Sequence[Migration], *, busy_timeout_s: float
) -> Connection:
    """Open a project's database; an older one is backed up and migrated.

    One that cannot be written is opened to be looked at.

    Raises:
        NotAProjectError: the folder holds no dictionary.
        SchemaTooNewError: a newer program wrote it.
        DictionaryError: the file is damaged, or cannot be written.
    """
    database = database_of(project)
    if cannot_be_written(database):
        return open_to_look(database, migrations)
    sweep_project(project)
    connection = open_database(database, busy_timeout_s=busy_timeout_s)
    try:
        migrate(connection, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def open_database(database: Path, *, busy_timeout_s: float) -> Connection:
    """Open a database, and say of one that was cut short what is wrong with it.

    The file is looked into only after SQLite has refused it: closing a file gives up every lock
    that the process has on it (POSIX). The next process to close the database would then believe
    to be the last one and delete the write-ahead log under an open connection, whose edits from
    then on are lost.
    """
    try:
        if database.stat().st_size == 0:
            _refuse_cut_short(database)  # SQLite takes an empty file for a new database
        connection = Connection(database, busy_timeout_s=busy_timeout_s)
    except DictionaryBusyError:
        raise
    except DictionaryError:
        _refuse_cut_short(database)
        raise
    try:
        # SQLite does not mind a last page that is there in part.
        pages, page_bytes = (connection.scalar(f"PRAGMA page_{what}") for what in ("count", "size"))
        _refuse_cut_short(database, expected_bytes=pages * page_bytes)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_cut_short(database: Path, *, expected_bytes: int | None = None) -> None:
    """Raise where the file is shorter than expected, or else than its own header says.

    While a write-ahead log exists the header may be ahead of the file, and SQLite repairs that on
    opening.
    """
    log = database.with_name(f"{database.name}-wal")
    try:
        if log.exists() and log.stat().st_size > 0:
            return
        actual_bytes = database.stat().st_size
        if expected_bytes is None:
            with database.open("rb") as file:
                expected_bytes = bytes_by_header(file.read(HEADER_BYTES))
    except OSError as error:
        raise DictionaryError(
            f"{database}: the file cannot be read ({error.strerror}).",
            remedy="Make the file readable for you.",
        ) from error
    if actual_bytes < expected_bytes:
        raise DictionaryError(
            f"{database} was cut short: it has {actual_bytes} bytes, expected {expected_bytes}.",
            remedy="Go back to the newest sound backup with: main.py restore PROJECT.",
        )


def bytes_by_header(header: bytes) -> int:
    """How long a database is by its header (SQLite's file format, section 1.3)."""
    if len(header) < HEADER_BYTES:
        return HEADER_BYTES
    if not header.startswith(_MAGIC):
        return 0  # no database of SQLite; it says so itself on opening
    (page_bytes,) = struct.unpack_from(">H", header, 16)
    (pages,) = struct.unpack_from(">I", header, 28)
    # 65536 does not fit the field; 1 stands for it.
    return int((65536 if page_bytes == 1 else page_bytes) * pages)
