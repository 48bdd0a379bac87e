"""Files that are there whole or not at all, also when the machine loses power meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.errors import UserFileError
from core.files.durable_write import put_on_disk
from core.files.unfinished_files import sweep, unfinished_name


@contextmanager
def atomic_write(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """A stream whose content becomes ``path`` when the block ends without an error.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, is a folder, or cannot be written.
    """
    _check_target(path, overwrite=overwrite)
    # In the same folder: only within one file system is a rename one step.
    sweep([path.parent], of=path)
    unfinished = unfinished_name(path)
    try:
        with unfinished.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _check_target(path, overwrite=overwrite)
        unfinished.replace(path)
        put_on_disk(path.parent)
    except OSError as error:
        raise UserFileError(
            f"cannot be written ({error.strerror or error}).",
            path=path,
            remedy="Choose a folder that you can write to, with enough space.",
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)


def _check_target(path: Path, *, overwrite: bool) -> None:
    if path.is_dir():
        raise UserFileError("is a folder, expected the name of a file.", path=path)
    if not path.parent.is_dir():
        raise UserFileError(
            "its folder does not exist.", path=path, remedy=f"Make the folder {path.parent} first."
        )
    if path.exists() and not overwrite:
        raise UserFileError(
            "exists already; nothing was written.",
            path=path,
            remedy="Choose another name, or allow it to be overwritten.",
        )
