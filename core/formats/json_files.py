"""JSON from outside: read within limits, and every field checked before it is used."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.files.foreign_json import MAX_DOCUMENT_BYTES, parse_json
from core.formats.reader_results import BrokenEntryError, shown
from core.progress import CancelToken

MAX_JSON_BYTES = MAX_DOCUMENT_BYTES

_TYPE_NAMES = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}


def load_json(
    path: Path, *, max_bytes: int = MAX_JSON_BYTES, cancel: CancelToken | None = None
) -> Any:
    """The document of a JSON file.

    Raises:
        AnnotationError: the file is missing, too large, no JSON, nested too deep, or of more small
            values than a document of its length has.
        Cancelled: the user asked to stop.
    """
    with foreign_file(
        path,
        AnnotationError,
        expected="JSON",
        remedy="Check that the file is complete and was written as JSON.",
    ):
        if not path.is_file():
            if path.is_dir():
                found, remedy = "a folder", "Give the JSON file in it."
            else:
                found, remedy = "no such file", "Check the path."
            raise AnnotationError(f"{found}, expected a JSON file.", path=path, remedy=remedy)
        size = path.stat().st_size
        if size > max_bytes:
            raise AnnotationError(
                f"the file has {size} bytes, expected at most {max_bytes}.",
                path=path,
                remedy="Split it into smaller files.",
            )
        return parse_json(path.read_bytes(), cancel=cancel)


def field_of(entry: Mapping[str, Any], name: str, kind: type) -> Any:
    """The field of an entry, of exactly the JSON type ``kind``; raises ``BrokenEntryError``."""
    if name not in entry:
        raise BrokenEntryError(f"{name}: missing, expected {_TYPE_NAMES[kind]}")
    value = entry[name]
    if type(value) is not kind:  # exactly: True is an int in Python, but no number in JSON
        raise BrokenEntryError(f"{name}: found {shown(value)}, expected {_TYPE_NAMES[kind]}")
    return value


def whole_number_of(entry: Mapping[str, Any], name: str) -> int:
    """A field that is a whole number: 640, and 640.0 as tables write it; no text.

    Raises:
        BrokenEntryError: it is missing or anything else.
    """
    value = entry.get(name)
    if type(value) is float and value.is_integer():
        return int(value)
    return int(field_of(entry, name, int))


def is_empty(entry: Mapping[str, Any], name: str) -> bool:
    """Whether a field says nothing: missing, null, or an empty text, list or object."""
    value = entry.get(name)
    return value is None or (isinstance(value, str | list | dict) and not value)


def unused_fields(entry: Mapping[str, Any], used: Collection[str]) -> list[str]:
    """The names, as they are shown, of fields that say something and are not among the used."""
    return [
        shown(name).strip("'\"") for name in entry if name not in used and not is_empty(entry, name)
    ]


def as_object(value: Any) -> dict[str, Any]:
    """An entry as JSON object; raises ``BrokenEntryError``."""
    if type(value) is not dict:
        raise BrokenEntryError(f"found {shown(value)}, expected an object")
    return value


def numbers_of(
    entry: Mapping[str, Any], name: str, lengths: tuple[int, ...]
) -> NDArray[np.float64]:
    """A field that is a list of finite numbers of one of the ``lengths``.

    Raises:
        BrokenEntryError: no list, another length, texts or NaN or infinity among the numbers.
    """
    numbers = numbers_among(field_of(entry, name, list), name, lengths)
    check_finite(numbers, name)
    return numbers


def numbers_among(
    values: Sequence[Any], name: str, lengths: tuple[int, ...]
) -> NDArray[np.float64]:
    """Values that are numbers, NaN and infinity among them; ``name`` is that of their field.

    Raises:
        BrokenEntryError: another length than one of the ``lengths``, or anything but numbers.
    """
    if len(values) not in lengths:
        expected = " or ".join(str(length) for length in lengths)
        raise BrokenEntryError(f"{name}: {len(values)} numbers, expected {expected}")
    if not set(map(type, values)) <= {int, float}:
        wrong = next(value for value in values if type(value) not in (int, float))
        raise BrokenEntryError(f"{name}: found {shown(wrong)}, expected numbers only")
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise BrokenEntryError(f"{name}: a number is too large") from error


def check_finite(numbers: NDArray[np.float64], name: str) -> None:
    """Raise ``BrokenEntryError`` for NaN or infinity."""
    if not np.isfinite(numbers).all():
        wrong = numbers[~np.isfinite(numbers)][0]
        raise BrokenEntryError(f"{name}: found {wrong}, expected finite numbers")
