"""Whether an open database is still the file that its path names.

SQLite writes on into a file that was deleted or moved, and in WAL mode never notices that its path
names another file or none. An open file keeps its inode, so that device and inode tell.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ProjectGoneError

LOG_SUFFIXES = ("-wal", "-shm")
"""What lies beside a database while it is open: the write-ahead log and its index."""

_REMEDY = (
    "Open the project again where it is now. Do not move, delete or replace a project while a "
    "program has it open."
)

Identity = tuple[int, int]

HIDDEN: Identity = (-1, -1)
"""Of a path that cannot be looked at, as on a disk that was disconnected."""


@dataclass(frozen=True)
class OpenFiles:
    """Device and inode of a database and its log, as they were when it was opened."""

    database: Path
    identities: Mapping[Path, Identity]

    @classmethod
    def of(cls, database: Path, *, before_opening: Identity | None) -> OpenFiles:
        """The files of a database that was just opened.

        Args:
            database: the path it was opened by.
            before_opening: its ``identity`` at that time. Where it is another one now, nothing
                tells which of the two files SQLite holds.

        Raises:
            ProjectGoneError: the path names another file than before, or none.
        """
        beside = [database.with_name(database.name + suffix) for suffix in LOG_SUFFIXES]
        found = {database: before_opening, **{path: identity(path) for path in beside}}
        opened = cls(database, {path: one for path, one in found.items() if one is not None})
        opened.check()
        return opened

    def check(self) -> None:
        """Raise ``ProjectGoneError`` unless every path names the file that was opened.

        A path that cannot be looked at is left to SQLite, which then cannot write.
        """
        for path, opened in self.identities.items():
            now = identity(path)
            if now != opened and HIDDEN not in (now, opened):
                raise ProjectGoneError(_what_happened(self.database, path, now), remedy=_REMEDY)


def identity(path: Path) -> Identity | None:
    """Device and inode of a file; None where there is none, ``HIDDEN`` where that is unknown."""
    try:
        found = os.stat(path)  # noqa: PTH116 - six times a transaction; Path is slower
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return HIDDEN
    return found.st_dev, found.st_ino


def _what_happened(database: Path, path: Path, now: Identity | None) -> str:
    happened = "is not there any more" if now is None else "was replaced by another file"
    return (
        f"{database.parent}: the project's folder was moved, deleted or replaced while it was open "
        f"({path.name} {happened}). Nothing more is stored in it; what was saved before went where "
        "the folder went."
    )
