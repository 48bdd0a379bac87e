"""JSON from outside, weighed before it is parsed.

A document of nothing but small lists takes forty times its length in memory, and a minute for the
garbage collector to go through. So commas and brackets are counted first, which takes as long as
reading the bytes; those inside texts count too, which real documents have room for. What is nested
too deep the parser itself refuses.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.progress import CancelToken

MAX_DOCUMENT_BYTES = 1 << 30
"""COCO's largest keypoint file has a quarter of this."""

FREE_BYTES, MOST_BYTES_PER_BYTE = 160 << 20, 24
"""A document may take so much memory, and so much for each of its bytes. COCO's take eight."""

MOST_BYTES = 3 << 30

_VALUE_BYTES, _LIST_BYTES, _OBJECT_BYTES = 40, 88, 248
"""What CPython takes for a number and its place, an empty list, an object with five fields."""


class JsonTooLargeError(ValueError):
    """The document would take more memory than its length accounts for."""


def parse_json(content: bytes, *, cancel: CancelToken | None = None) -> Any:
    """The document; to be called behind the door of ``core.files.foreign_files``.

    Args:
        content: in UTF-8, UTF-16 or UTF-32, as JSON may be.
        cancel: asked at each object.

    Raises:
        JsonTooLargeError: it is longer than the limit, or of too many small values.
        Cancelled: the user asked to stop.
        Exception: what the parser raises for anything that is no JSON.
    """
    _weigh(content)
    if cancel is None:
        return json.loads(content)

    def checked(read: dict[str, Any]) -> dict[str, Any]:
        cancel.raise_if_cancelled()
        return read

    cancel.raise_if_cancelled()
    return json.loads(content, object_hook=checked)


def read_json(path: Path, *, max_bytes: int = MAX_DOCUMENT_BYTES) -> Any:
    """The document of a file; as ``parse_json``."""
    size = path.stat().st_size
    if size > max_bytes:
        raise JsonTooLargeError(f"the file has {size} bytes, expected at most {max_bytes}")
    return parse_json(path.read_bytes())


def _weigh(content: bytes) -> None:
    if len(content) > MAX_DOCUMENT_BYTES:
        raise JsonTooLargeError(f"it has {len(content)} bytes, more than {MAX_DOCUMENT_BYTES}")
    values = content.count(b",")
    lists, objects = content.count(b"["), content.count(b"{")
    needed = values * _VALUE_BYTES + lists * _LIST_BYTES + objects * _OBJECT_BYTES
    limit = min(MOST_BYTES, FREE_BYTES + MOST_BYTES_PER_BYTE * len(content))
    if needed > limit:
        raise JsonTooLargeError(
            f"its {lists} lists, {objects} objects and {values} values would take "
            f"{needed >> 20} MB, expected at most {limit >> 20} MB of a document of this length"
        )
