"""Looking at a project that cannot be written: on a read-only disk, or of another user.

SQLite cannot open a database in WAL mode in a folder where it can make no log. Where none lies
there, the file is read as one that does not change; otherwise a private copy of both is read.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.migrations import (
    Migration,
    bring_up_to_date,
    newest_version,
    refuse_newer,
    stored_version,
)
from core.dictionary.storage.open_files import LOG_SUFFIXES
from core.errors import DiskError


def cannot_be_written(database: Path) -> bool:
    """Whether this process may not write a database, or not make the log beside it."""
    beside = [database.with_name(database.name + suffix) for suffix in LOG_SUFFIXES]
    needed = [database.parent, database, *(path for path in beside if path.exists())]
    by_effective_user = os.access in os.supports_effective_ids
    return not all(os.access(path, os.W_OK, effective_ids=by_effective_user) for path in needed)


def open_to_look(database: Path, migrations: Sequence[Migration]) -> Connection:
    """A connection that refuses to write.

    Raises:
        NotAProjectError, SchemaTooNewError: as when it is opened for writing.
        DictionaryError: it cannot be read. DiskError: there is no room for a copy.
    """
    log = database.with_name(database.name + LOG_SUFFIXES[0])
    if not log.exists() or log.stat().st_size == 0:
        connection = Connection(database, read_only=True)
        try:
            found, known = stored_version(connection), newest_version(migrations)
            refuse_newer(database, found=found, known=known)
        except BaseException:
            connection.close()
            raise
        if found == known:
            return connection
        connection.close()
    return _open_copy(database, log, migrations)


def _open_copy(database: Path, log: Path, migrations: Sequence[Migration]) -> Connection:
    """Of the database with what its log holds, brought to this program's schema."""
    folder = tempfile.TemporaryDirectory(prefix="spin-studio-")
    try:
        copy = Path(folder.name) / database.name
        shutil.copyfile(database, copy)
        if log.exists():
            shutil.copyfile(log, copy.with_name(log.name))
        connection = Connection(copy)
        try:
            refuse_newer(
                database, found=stored_version(connection), known=newest_version(migrations)
            )
            bring_up_to_date(connection, migrations)
        finally:
            connection.close()
        return Connection(database, read_only=True, private_copy=folder)
    except OSError as error:
        folder.cleanup()
        raise DiskError(
            f"{database}: the project cannot be written, and no copy of it can be made to look at "
            f"({error.strerror}).",
            remedy="Free some space in the folder for temporary files, or set TMPDIR to another.",
        ) from error
    except BaseException:
        folder.cleanup()
        raise
