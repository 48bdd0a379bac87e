"""Reads npz archives of arrays from outside, without pickle and within limits of size."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import BodyFileError

MAX_UNPACKED_BYTES = 512 * 2**20
"""SMPL with 300 betas unpacks to 250 MB."""

# What damaged or forged archives make zipfile and numpy raise.
_DAMAGE = (
    OSError, ValueError, EOFError, MemoryError, SyntaxError, NotImplementedError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def load_restricted_npz(path: Path) -> dict[str, NDArray[np.generic]]:
    """The arrays of an npz file by name.

    Raises:
        BodyFileError: the file is missing, damaged, unpacks to too much, or needs pickle.
    """
    try:
        _check_unpacked_size(path)
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except _DAMAGE as error:
        raise BodyFileError(
            f"not a readable npz of arrays ({error}).",
            path=path,
            remedy="Check the path, or get a fresh copy of the file.",
        ) from error


def _check_unpacked_size(path: Path) -> None:
    """A zip of a few kilobytes may unpack to terabytes."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > MAX_UNPACKED_BYTES:
        raise BodyFileError(
            f"unpacks to {size} bytes, expected at most {MAX_UNPACKED_BYTES}.",
            path=path,
            remedy="Give a file of arrays alone.",
        )
