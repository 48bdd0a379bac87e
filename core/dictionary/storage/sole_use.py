"""Whether no other process has a database open: by the very locks that SQLite takes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import DictionaryBusyError, DictionaryError

if sys.platform != "win32":
    import fcntl

_FIRST_SHARED_BYTE = 0x40000000 + 2
_SHARED_BYTES = 510
"""Every connection in WAL mode holds a shared lock there (SQLite's os.h), damaged file or not."""


@contextmanager
def sole_use(database: Path) -> Iterator[None]:
    """Keep other processes out of a database, which need not be sound or even exist.

    This process must have no connection to it: closing the file would give up its locks (POSIX).

    Raises:
        DictionaryBusyError: another process has it open.
    """
    if sys.platform == "win32" or not database.exists():
        yield  # Windows itself refuses to replace a file that is open
        return
    try:
        file = database.open("r+b")
    except OSError as error:
        raise DictionaryError(
            f"{database} cannot be opened for writing ({error.strerror}).",
            remedy="Make the project's folder and the files in it writable for you.",
        ) from error
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_BYTES, _FIRST_SHARED_BYTE)
        except OSError as error:
            raise DictionaryBusyError(
                f"{database.parent}: another program has the project open; nothing was changed.",
                remedy="Close every window and end every command that uses the project, then try "
                "again.",
            ) from error
        yield
