"""The rows of a file of bodies as they stood there, so that an export can write them back.

A reader takes from a row what the program works with. A row holds more: betas of a body that the
project does not have, scores, identities, numbers in double precision. All of it is kept as bytes,
each row by itself, under a heading that tells how the file is made of them again. Two kinds of
files are known: arrays by name with one entry a row (npz, and whatever a reader makes such arrays
of), and JSON with one list, or one object, of entries.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from core.formats.read_notes import ReadNotes

ARRAYS, JSON_LIST, JSON_OBJECT = "arrays", "json list", "json object"

MAX_FIELD_BYTES = 64 << 10
"""Of one field of one row, and of one array that all rows share: meshes and features are more."""

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class SourceRows:
    """All rows of a file, those that hold no body or cannot be used included.

    file_format: the reader's name of the format, such as ``eft``.
    heading: JSON: what the file is beside its rows, from ``array_rows`` or ``json_rows``.
    rows: each row by its position in the file, as the bytes that ``file_content`` takes back.
    """

    file_format: str
    heading: str
    rows: Sequence[bytes]


@dataclass(frozen=True, eq=False)
class ArrayContent:
    """Arrays by name, in the order of the file."""

    arrays: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class JsonContent:
    """A JSON document."""

    document: Any


def array_rows(
    file_format: str,
    arrays: Mapping[str, Array],
    count: int,
    notes: ReadNotes,
    *,
    shared: Iterable[str] = (),
) -> SourceRows:
    """The rows of arrays by name, each with one entry a row or the same for all of them.

    Args:
        file_format: the reader's name of the format.
        arrays: of numbers, truth values, texts or bytes, as they are in the file.
        count: how many rows there are.
        notes: told of arrays that are too large to keep.
        shared: names of arrays that are one for all rows, though they have as many entries.
    """
    by_row: dict[str, Array] = {}
    for_all: dict[str, Array] = {}
    fields: list[dict[str, Any]] = []
    for name, array in arrays.items():
        is_by_row = array.ndim > 0 and len(array) == count and name not in set(shared)
        shape = array.shape[1:] if is_by_row else array.shape
        if array.dtype.hasobject or _bytes_of(array.dtype, shape) > MAX_FIELD_BYTES:
            notes.notices.append(
                f"'{name}' is not kept, and an export in the format of the file will lack it: it "
                f"has more than {MAX_FIELD_BYTES >> 10} KiB a row"
            )
            continue
        (by_row if is_by_row else for_all)[name] = array
        field = {"name": name, "type": array.dtype.str, "shape": list(shape), "by_row": is_by_row}
        if not is_by_row:
            field["content"] = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
        fields.append(field)
    heading = json.dumps({"kind": ARRAYS, "fields": fields})
    return SourceRows(
        file_format=file_format, heading=heading, rows=_ArrayRows(list(by_row.values()), count)
    )


def json_rows(file_format: str, document: Mapping[str, Any], name: str) -> SourceRows:
    """The rows of a JSON object whose field ``name`` is a list, or an object, of entries."""
    entries = document[name]
    is_list = isinstance(entries, list)
    heading = {
        "kind": JSON_LIST if is_list else JSON_OBJECT,
        "list": name,
        "document": {key: None if key == name else value for key, value in document.items()},
    }
    rows = entries if is_list else [list(item) for item in entries.items()]
    return SourceRows(file_format=file_format, heading=json.dumps(heading), rows=_JsonRows(rows))


def file_content(heading: str, rows: Sequence[bytes]) -> ArrayContent | JsonContent:
    """What a file holds, made of its heading and some or all of its rows.

    To be called behind a door of ``core.files.foreign_files``: what is stored may be damaged.
    """
    head = json.loads(heading)
    if head["kind"] == ARRAYS:
        return ArrayContent(_arrays(head["fields"], rows))
    entries = [json.loads(row) for row in rows]
    document = head["document"]
    document[head["list"]] = entries if head["kind"] == JSON_LIST else dict(entries)
    return JsonContent(document)


def row_fields(heading: str, row: bytes) -> dict[str, Any]:
    """The fields of one row by name: arrays without the axis of rows, or a JSON entry's values."""
    head = json.loads(heading)
    if head["kind"] == ARRAYS:
        fields = [field for field in head["fields"] if field["by_row"]]
        return {name: array[0] for name, array in _arrays(fields, [row]).items()}
    entry = json.loads(row)
    fields = entry if head["kind"] == JSON_LIST else entry[1]
    return dict(fields)


def changed_row(heading: str, row: bytes, changes: Mapping[str, Any]) -> bytes:
    """A row with other values in some of its fields; those that it does not have stay away."""
    head = json.loads(heading)
    if head["kind"] != ARRAYS:
        entry = json.loads(row)
        fields = entry if head["kind"] == JSON_LIST else entry[1]
        fields.update({name: value for name, value in changes.items() if name in fields})
        return json.dumps(entry).encode()
    fields = [field for field in head["fields"] if field["by_row"]]
    parts = []
    for name, array in _arrays(fields, [row]).items():
        if name in changes:
            array = np.asarray(changes[name]).astype(array.dtype).reshape(array.shape)
        parts.append(np.ascontiguousarray(array).tobytes())
    return b"".join(parts)


def _arrays(fields: Sequence[Mapping[str, Any]], rows: Sequence[bytes]) -> dict[str, Array]:
    """By name; those with one entry a row have as many entries as there are rows."""
    arrays, first = {}, 0
    joined = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), len(rows[0]) if rows else 0)
    for field in fields:
        dtype, shape = np.dtype(field["type"]), tuple(field["shape"])
        if field["by_row"]:
            size = _bytes_of(dtype, shape)
            part = np.ascontiguousarray(joined[:, first : first + size])
            content, shape, first = part.tobytes(), (len(rows), *shape), first + size
        else:
            content = base64.b64decode(field["content"])
        arrays[field["name"]] = np.frombuffer(content, dtype).reshape(shape)
    return arrays


def _bytes_of(dtype: np.dtype[Any], shape: Sequence[int]) -> int:
    return dtype.itemsize * math.prod(shape)


class _ArrayRows(Sequence[bytes]):
    """Rows made of arrays when they are asked for, so that a file is not in memory twice."""

    def __init__(self, arrays: Sequence[Array], count: int) -> None:
        self._arrays, self._count = arrays, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(self._count))]
        row = range(self._count)[index]
        return b"".join(
            np.ascontiguousarray(array[row : row + 1]).tobytes() for array in self._arrays
        )


class _JsonRows(Sequence[bytes]):
    """Entries as texts, written when they are asked for."""

    def __init__(self, entries: Sequence[Any]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(index, slice):
            return [self[row] for row in range(*index.indices(len(self)))]
        return json.dumps(self._entries[index]).encode()
