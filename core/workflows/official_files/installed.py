"""The official files that the user put in place, and putting one there after it was checked."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import DiskError, UserFileError
from core.files.durable_write import put_on_disk
from core.files.unfinished_files import sweep, unfinished_name
from core.workflows.official_files.catalogue import OFFICIAL_FILES, OfficialFile, OfficialKind
from core.workflows.official_files.recognition import SUFFIXES, RecognisedFile, recognised_file


@dataclass(frozen=True)
class PlacedFile:
    """An entry of the catalogue, and the file that is in place; None where there is none."""

    entry: OfficialFile
    path: Path | None


def placed_files(folder: Path) -> list[PlacedFile]:
    """Every entry of the catalogue, by the names of the files in a folder, which may be missing.

    Files are checked when they are put there; ``doctor`` checks them again.
    """
    return [PlacedFile(entry, _placed(entry, folder)) for entry in OFFICIAL_FILES]


def put_in_place(
    path: Path, folder: Path, *, kind: OfficialKind | None = None
) -> tuple[RecognisedFile, Path]:
    """Check a file, and copy it into the folder of official files under the name it has there.

    Args:
        path: any file of the user.
        folder: where official files lie; it is made.
        kind: what the user says it is, for an SMPL body whose name does not tell its gender.

    Returns:
        What the file is, and where it lies now.

    Raises:
        UserFileError: it is missing, damaged, of no use, not what the user said, or another file of
            its kind is in place.
        UnsafePickleError: it is a pickle that asks for more than arrays.
        DiskError: the folder cannot be written.
    """
    found = recognised_file(path)
    entry = _entry_of(_kind_of(found, kind))
    there = _placed(entry, folder)
    target = folder / f"{entry.stored_name}{path.suffix.lower()}"
    if there is not None:
        if there == target and _same_content(path, there):
            return found, there
        raise UserFileError(
            f"is {found.description}, but another {entry.kind.value} is in place: {there}.",
            path=path,
            remedy="Remove that one first, if this one is to take its place.",
        )
    _copy(path, target)
    return found, target


def _kind_of(found: RecognisedFile, said: OfficialKind | None) -> OfficialKind:
    """What a file is to serve as."""
    kind = found.kind
    if kind is None and said in found.may_be:
        kind = said
    if not found.usable or kind is None:
        remedy = "Only the files of the list have a place; a project can use others with --body."
        if found.may_be:
            remedy = "Name it SMPL_NEUTRAL, SMPL_FEMALE or SMPL_MALE, or choose it for one of them."
        raise UserFileError(f"is {found.description}.", path=found.path, remedy=remedy)
    if said not in (None, kind):
        raise UserFileError(
            f"is {found.description}, expected {said.value if said else ''}.",
            path=found.path,
            remedy=f"Put it in place as {kind.value}, or choose another file.",
        )
    return kind


def _entry_of(kind: OfficialKind) -> OfficialFile:
    return next(entry for entry in OFFICIAL_FILES if entry.kind is kind)


def _placed(entry: OfficialFile, folder: Path) -> Path | None:
    candidates = [folder / f"{entry.stored_name}{suffix}" for suffix in SUFFIXES]
    return next((path for path in candidates if path.is_file()), None)


def _same_content(first: Path, second: Path) -> bool:
    if first.stat().st_size != second.stat().st_size:
        return False
    return first.read_bytes() == second.read_bytes()


def _copy(path: Path, target: Path) -> None:
    """Copy a file: it is there whole, or not at all."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep([target.parent])
        unfinished = unfinished_name(target)
        try:
            shutil.copyfile(path, unfinished)
            put_on_disk(unfinished)
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise DiskError(
            f"{target}: the file cannot be put in place ({error.strerror}).",
            remedy="Make the folder writable for you, and free some space on its disk.",
        ) from error
