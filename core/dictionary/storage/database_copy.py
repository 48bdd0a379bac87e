"""A copy of an open database: there whole, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from core.dictionary.storage.connection import Connection
from core.errors import DiskError
from core.files.durable_write import put_on_disk
from core.files.unfinished_files import sweep, unfinished_name

SPARE_BYTES = 64 * 2**20
"""Room that a copy leaves on the disk: people save verdicts into it, which matter more."""


def copy_database(
    connection: Connection, target: Path, *, check: Callable[[Path], None] | None = None
) -> None:
    """Copy the database, what others are writing included, to a file that is not there yet.

    Args:
        connection: of the database.
        target: the copy; its folder is made, that folder's own folder is not.
        check: looks at the copy before it gets its name, and raises where it is not to be kept.

    Raises:
        DiskError: there is no room for it, or it cannot be written.
    """
    try:
        target.parent.mkdir(exist_ok=True)
        sweep([target.parent])
        _check_room(connection, target)
        unfinished = unfinished_name(target)
        try:
            connection.backup_to(unfinished)
            if check is not None:
                check(unfinished)
            put_on_disk(unfinished)
            unfinished.rename(target)
            put_on_disk(target.parent)
        finally:
            for left_over in target.parent.glob(f"{unfinished.name}*"):
                left_over.unlink(missing_ok=True)
    except OSError as error:
        raise DiskError(
            f"{target}: the copy of the database cannot be written ({error.strerror}).",
            remedy="Make the project's folder writable for you, and free some space on its disk.",
        ) from error


def _check_room(connection: Connection, target: Path) -> None:
    pages, page_bytes = (connection.scalar(f"PRAGMA page_{what}") for what in ("count", "size"))
    needed, free = pages * page_bytes + SPARE_BYTES, shutil.disk_usage(target.parent).free
    if free < needed:
        raise DiskError(
            f"{target}: the copy of the database needs {needed // 2**20} MB, but the disk has "
            f"{free // 2**20} MB.",
            remedy="Free some space on the disk.",
        )
