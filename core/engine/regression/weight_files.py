"""Files of ``torch.save``, read without running anything in them and written whole."""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import torch

from core.engine.regression.torch_files import read_torch_file
from core.errors import UserFileError
from core.files.durable_write import put_on_disk
from core.files.foreign_files import foreign_file, reason_of
from core.files.unfinished_files import sweep, unfinished_name

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REMEDY = "Nothing in the file was run. Give a complete file that torch.save wrote of tensors."


def read_weight_file(path: Path) -> dict[str, Any]:
    """The dict in a file: tensors, numbers, texts and containers of them, on the CPU.

    Raises:
        UserFileError: the file is missing, damaged, no dict, or asks for more than such values.
    """
    with foreign_file(path, expected="a file of weights", remedy=_REMEDY):
        saved = read_torch_file(path)
    if not isinstance(saved, dict):
        raise UserFileError(f"holds a {type(saved).__name__}, expected a dict.", path=path)
    return saved


def write_weight_file(path: Path, state: Mapping[str, Any]) -> None:
    """Write a dict of tensors and plain values: the whole file or, after a crash, the former one.

    Raises:
        UserFileError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep([path.parent], of=path)
        half_written = unfinished_name(path)
        try:
            with half_written.open("wb") as file:
                _save(state, file)
                file.flush()
                os.fsync(file.fileno())
            half_written.replace(path)
        finally:
            half_written.unlink(missing_ok=True)
        put_on_disk(path.parent)
    except OSError as error:
        raise UserFileError(
            f"cannot be written ({reason_of(error)}){_room(path, state, error)}.",
            path=path,
            remedy="Make room, or choose another folder. The file is as it was before.",
        ) from error


def _room(path: Path, state: Mapping[str, Any], error: OSError) -> str:
    """How much is needed, and how much there is, where that is what was wrong."""
    if error.errno not in _NO_ROOM:
        return ""
    needed, free = _tensor_bytes(state) / 1e6, shutil.disk_usage(path.parent).free / 1e6
    return f": it takes {needed:.1f} MB, and {free:.1f} MB are free"


def _tensor_bytes(value: object) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    if isinstance(value, Mapping):
        return sum(map(_tensor_bytes, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_tensor_bytes, value))
    return 0


def _save(state: Mapping[str, Any], file: BinaryIO) -> None:
    """``torch.save``, which hides what the system said of a full disk behind words of its own."""
    stream = _Stream(file)
    try:
        torch.save(dict(state), cast("IO[bytes]", stream))
    except RuntimeError as error:
        raise (stream.failure or error) from error


class _Stream(io.RawIOBase):
    """Writes into a file and remembers why it could not."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.failure = error
            raise
