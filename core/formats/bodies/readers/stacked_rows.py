"""From one dict a person, a frame or a file to arrays by name with one entry a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.read_notes import ReadNotes

Array = NDArray[Any]

MAX_ROWS = 4_000_000
"""More bodies than that are in no file of a size that is read."""


def plain_array(value: object) -> Array | None:
    """A value as an array of numbers or texts; None where it is none."""
    if isinstance(value, np.ndarray):
        return None if value.dtype.hasobject else value
    if isinstance(value, bool | int | float | str):
        return np.asarray(value)
    if isinstance(value, list | tuple) and len(value) <= MAX_ROWS:
        try:
            array = np.array([_whole(item) for item in value])
        except (ValueError, TypeError, OverflowError):
            return None  # a ragged list
        return None if array.dtype.hasobject else array
    return None


def _whole(value: object) -> object:
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        raise TypeError
    if isinstance(value, bytes | dict):
        raise TypeError
    return value


def joined(
    parts: Sequence[Mapping[str, object]], counts: Sequence[int], notes: ReadNotes
) -> dict[str, Array]:
    """Arrays that all parts have, with one entry for each of a part's rows, one after the other.

    Args:
        parts: fields by name, at least one part.
        counts: how many rows each part has.
        notes: told of fields that have other shapes, or that some parts lack.
    """
    arrays: dict[str, Array] = {}
    for name in parts[0]:
        if not isinstance(name, str):
            continue
        pieces = [plain_array(part.get(name)) for part in parts]
        fitting = [
            piece
            for piece, count in zip(pieces, counts, strict=True)
            if piece is not None and piece.ndim > 0 and len(piece) == count
        ]
        kinds = {(piece.shape[1:], piece.dtype.kind) for piece in fitting}
        if len(fitting) == len(parts) and len(kinds) == 1:
            arrays[name] = np.concatenate(fitting)
        else:
            notes.leave_unused([name])
    return arrays


def repeated_names(names: Sequence[str], counts: Sequence[int]) -> list[str]:
    """Each name as often as its part has rows."""
    return [name for name, count in zip(names, counts, strict=True) for _ in range(count)]


def rows_in(part: Mapping[str, object], name: str, source: Path) -> int:
    """How many rows a part has, told by one of its arrays.

    Raises:
        AnnotationError: it is no array.
    """
    array = plain_array(part.get(name))
    if array is None or array.ndim == 0:
        raise AnnotationError(
            f"'{name}' holds {type(part.get(name)).__name__}, expected an array.", path=source
        )
    return len(array)
