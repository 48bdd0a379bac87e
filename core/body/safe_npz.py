"""Reads npz archives of arrays from outside, without pickle and within limits of size."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import BodyFileError, UserFileError
from core.foreign_files import foreign_file

MAX_UNPACKED_BYTES = 512 * 2**20
"""SMPL with 300 betas unpacks to 250 MB."""


def load_restricted_npz(
    path: Path, *, kind: type[UserFileError] = BodyFileError
) -> dict[str, NDArray[np.generic]]:
    """The arrays of an npz file by name.

    Args:
        path: of the file.
        kind: of the error.

    Raises:
        UserFileError: of the ``kind``: the file is missing, damaged, unpacks to too much, or needs
            pickle.
    """
    with foreign_file(path, kind, expected="an npz of arrays"):
        _check_unpacked_size(path, kind)
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}


def load_restricted_npy(
    path: Path, *, kind: type[UserFileError] = BodyFileError
) -> NDArray[np.generic]:
    """The one array of an npy file; arguments and errors as for ``load_restricted_npz``."""
    with foreign_file(path, kind, expected="an npy with one array"), path.open("rb") as stream:
        loaded = np.load(stream, allow_pickle=False)
    if not isinstance(loaded, np.ndarray):
        raise kind("holds several arrays, expected an npy with one.", path=path)
    return loaded


def _check_unpacked_size(path: Path, kind: type[UserFileError]) -> None:
    """A zip of a few kilobytes may unpack to terabytes."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > MAX_UNPACKED_BYTES:
        raise kind(
            f"unpacks to {size} bytes, expected at most {MAX_UNPACKED_BYTES}.",
            path=path,
            remedy="Give a file of arrays alone.",
        )
