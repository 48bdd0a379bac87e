"""Reads npz archives and npy files of arrays from outside, within limits that hold beforehand.

What an archive unpacks to is compared with what it holds, and every array's header with the bytes
behind it, before anything is allocated (``npy_arrays``).
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from core.body.npy_arrays import (
    ArrayHeaderError,
    ObjectArrayError,
    read_npy,
    read_npy_header,
)
from core.errors import BodyFileError, UserFileError
from core.files.foreign_files import foreign_file
from core.progress import CancelToken

MAX_UNPACKED_BYTES = 512 << 20
"""SMPL with 300 betas unpacks to 250 MB."""

MAX_NUMBERS = 128 << 20
"""Of all arrays together: as double precision, which they are checked in, they take 1 GB."""

FREE_BYTES, MOST_OPENED = 64 << 20, 100
"""An archive may unpack to this much, and to its size times this: zeros pack well, bombs better."""

MAX_MEMBERS = 4096

_SUFFIX = ".npy"


def load_restricted_npz(
    path: Path,
    *,
    kind: type[UserFileError] = BodyFileError,
    objects_as_texts: bool = False,
    left_out: list[str] | None = None,
    cancel: CancelToken | None = None,
) -> dict[str, NDArray[np.generic]]:
    """The arrays of an npz file by name; members that are no arrays are left out.

    Args:
        path: of the file.
        kind: of the error.
        objects_as_texts: read arrays of Python objects where all of them are texts or numbers, as
            people save names of pictures.
        left_out: gets the names of arrays of other objects, which then do not spoil the file.
        cancel: asked between parts of long arrays.

    Raises:
        UserFileError: of the ``kind``: the file is missing, damaged, unpacks to too much, or holds
            Python objects.
        Cancelled: the user asked to stop.
    """
    with foreign_file(path, kind, expected="an npz of arrays"), zipfile.ZipFile(path) as archive:
        _check_archive(archive, path, kind)
        arrays = {}
        for member in archive.infolist():
            if not member.filename.endswith(_SUFFIX):
                continue
            name = member.filename.removesuffix(_SUFFIX)
            try:
                with archive.open(member) as stream:
                    arrays[name] = _read_member(
                        stream, member, objects_as_texts=objects_as_texts, cancel=cancel
                    )
            except ObjectArrayError:
                if left_out is None:
                    raise
                left_out.append(name)
        return arrays


def load_restricted_npy(
    path: Path, *, kind: type[UserFileError] = BodyFileError
) -> NDArray[np.generic]:
    """The one array of an npy file; errors as for ``load_restricted_npz``."""
    with foreign_file(path, kind, expected="an npy with one array"), path.open("rb") as stream:
        size = path.stat().st_size
        if size > MAX_UNPACKED_BYTES:
            raise kind(f"has {size} bytes, expected at most {MAX_UNPACKED_BYTES}.", path=path)
        return read_npy(stream, total_bytes=size)


def _check_archive(archive: zipfile.ZipFile, path: Path, kind: type[UserFileError]) -> None:
    """A zip of a few kilobytes may unpack to terabytes."""
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    limit = min(MAX_UNPACKED_BYTES, FREE_BYTES + MOST_OPENED * path.stat().st_size)
    if unpacked > limit or len(members) > MAX_MEMBERS:
        raise kind(
            f"unpacks to {unpacked} bytes in {len(members)} arrays, expected at most {limit} in "
            f"{MAX_MEMBERS}.",
            path=path,
            remedy="Give a file of arrays alone.",
        )
    numbers = sum(_numbers_in(archive, member) for member in members)
    if numbers > MAX_NUMBERS:
        raise kind(f"holds {numbers} numbers, expected at most {MAX_NUMBERS}.", path=path)


def _numbers_in(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """How many numbers a member states; a text counts as many as it takes the room of."""
    if not member.filename.endswith(_SUFFIX):
        return 0
    with archive.open(member) as stream, _named(member):
        header = read_npy_header(cast("BinaryIO", stream))
    return max(min(math.prod(header.shape), member.file_size), member.file_size // 8)


def _read_member(
    stream: IO[bytes],
    member: zipfile.ZipInfo,
    *,
    objects_as_texts: bool,
    cancel: CancelToken | None,
) -> NDArray[np.generic]:
    with _named(member):
        return read_npy(
            cast("BinaryIO", stream),
            total_bytes=member.file_size,
            objects_as_texts=objects_as_texts,
            cancel=cancel,
        )


@contextmanager
def _named(member: zipfile.ZipInfo) -> Iterator[None]:
    """Say which array is damaged."""
    try:
        yield
    except ArrayHeaderError as error:
        name = member.filename.removesuffix(_SUFFIX)
        raise type(error)(f"{name!r:.80}: {error}") from error
