"""Folders of files that are all there, or none of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import UserFileError
from core.files.durable_write import put_on_disk
from core.files.unfinished_files import sweep, unfinished_name


@contextmanager
def atomic_folder(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """A folder to write into, whose files come to stand in ``path`` when the block ends well.

    ``path`` may be there and empty. With ``overwrite`` it may hold files: those of the same names
    are replaced one by one, and all others stay.

    Raises:
        UserFileError: ``path`` holds files and ``overwrite`` is off, is a file, or cannot be
            written.
    """
    _check_target(path, overwrite=overwrite)
    sweep([path.parent], of=path)
    unfinished = unfinished_name(path)
    try:
        unfinished.mkdir()
        yield unfinished
        _check_target(path, overwrite=overwrite)
        _put_in_place(unfinished, path)
    except OSError as error:
        raise UserFileError(
            f"cannot be written ({error.strerror or error}).",
            path=path,
            remedy="Choose a folder that you can write to, with enough space.",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _put_in_place(unfinished: Path, path: Path) -> None:
    files = sorted(file for file in unfinished.rglob("*") if file.is_file())
    for file in files:
        put_on_disk(file)
    if not path.exists():
        unfinished.rename(path)
    else:
        for file in files:
            target = path / file.relative_to(unfinished)
            target.parent.mkdir(parents=True, exist_ok=True)
            file.replace(target)
        put_on_disk(path)
    put_on_disk(path.parent)


def _check_target(path: Path, *, overwrite: bool) -> None:
    if path.is_file():
        raise UserFileError("is a file, expected the name of a folder.", path=path)
    if not path.parent.is_dir():
        raise UserFileError(
            "its folder does not exist.", path=path, remedy=f"Make the folder {path.parent} first."
        )
    if path.is_dir() and not overwrite and any(path.iterdir()):
        raise UserFileError(
            "holds files already; nothing was written.",
            path=path,
            remedy="Choose another folder, or allow files to be overwritten.",
        )
