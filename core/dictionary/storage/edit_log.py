"""A second copy of what people did: every verdict and edit as a line of text beside the database.

The database is what counts; the log has what a restored backup lacks. A line names people by
picture, data set and person key, and holds what it takes to do the same again: the fit that was
judged, the keypoints and the box. Lines are appended after the commit, never changed or deleted.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DictionaryError

LOG_FOLDER = "log"
MOST_BYTES = 32 * 2**20
"""Of one file; the next is begun then, and with each month."""

Line = dict[str, Any]


def append_lines(project: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Put lines on the disk; raises ``OSError`` where that is not possible."""
    folder = project / LOG_FOLDER
    folder.mkdir(exist_ok=True)
    text = "".join(f"{_text_of(line)}\n" for line in lines).encode()
    with _file_to_append(folder).open("ab+") as file:
        if file.tell() and not _ends_with_newline(file.fileno(), file.tell()):
            text = b"\n" + text  # a line that was cut short by a crash stays one of its own
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _text_of(line: Mapping[str, Any]) -> str:
    """One line as JSON; ids that came from a query are NumPy's numbers."""
    return json.dumps(line, ensure_ascii=False, default=np.generic.item)


def read_lines(project: Path) -> Iterator[Line]:
    """Every whole line, in the order in which they were written."""
    for path in _files(project / LOG_FOLDER):
        try:
            text = path.read_bytes()
        except OSError as error:
            raise DictionaryError(
                f"{path}: the log of edits cannot be read ({error.strerror}).",
                remedy="Make the file readable for you.",
            ) from error
        for stored in text.split(b"\n"):
            line = _parsed(stored)
            if line is not None:
                yield line


def to_text(value: bytes) -> str:
    """Stored bytes as text."""
    return base64.b64encode(value).decode("ascii")


def from_text(value: str) -> bytes:
    """The inverse of ``to_text``; raises ``ValueError``."""
    return base64.b64decode(value, validate=True)


def _parsed(text: bytes) -> Line | None:
    try:
        line = json.loads(text) if text.strip() else None
    except (ValueError, RecursionError):
        return None  # cut short by a crash, or damaged
    return line if isinstance(line, dict) else None


def _files(folder: Path) -> list[Path]:
    """By month, then by number."""
    found = [path for path in folder.glob("edits-*.jsonl") if path.is_file()]
    return sorted(found, key=lambda path: (path.name[:13], len(path.name), path.name))


def _file_to_append(folder: Path) -> Path:
    month, number = datetime.now(UTC).strftime("edits-%Y-%m"), 1
    while True:
        path = folder / (f"{month}.jsonl" if number == 1 else f"{month}.{number}.jsonl")
        if not path.exists() or path.stat().st_size < MOST_BYTES:
            return path
        number += 1


def _ends_with_newline(handle: int, size: int) -> bool:
    return os.pread(handle, 1, size - 1) == b"\n"
