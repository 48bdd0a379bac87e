"""One array of an npy file or of an npz's member, read without numpy's own reader.

numpy allocates what a header states before it looks at what follows, evaluates the header as
Python, and offers to unpickle. Here the header is three patterns, the size it states must be the
size of what is there, and arrays of Python objects come through the restricted unpickler, and only
where they hold texts.
"""

from __future__ import annotations

import math
import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.body.pickle_machine import run_pickle
from core.body.pickled_arrays import Budget, NumpyArray
from core.body.restricted_unpickler import array_names
from core.progress import CancelToken

MAX_DIMENSIONS = 16
WIDEST_ITEM_BYTES = 64 << 10
"""Of one text; paths have hundreds."""

MAX_OBJECTS_BYTES = 64 << 20
"""Of the pickle of an array of objects."""

_MAGIC = b"\x93NUMPY"
_MAX_HEADER_BYTES = 10_000
_CHUNK_BYTES = 16 << 20
_DESCRIPTION = re.compile(r"'descr':\s*'([<>|=]?(?:\?|[biufSU]\d{1,7}|O))'")
_ORDER = re.compile(r"'fortran_order':\s*(True|False)")
_SHAPE = re.compile(r"'shape':\s*\(((?:\d{1,18}L?,?\s*)*)\)")


class ArrayHeaderError(ValueError):
    """The bytes are no array, or not one that is read."""


class ObjectArrayError(ArrayHeaderError):
    """An array of Python objects that are not read."""


@dataclass(frozen=True)
class NpyHeader:
    """What stands before the numbers."""

    description: str
    shape: tuple[int, ...]
    in_columns: bool
    size_bytes: int

    @property
    def holds_objects(self) -> bool:
        """Whether a pickle follows instead of numbers."""
        return self.description.endswith("O")

    @property
    def content_bytes(self) -> int:
        """What the numbers take."""
        return math.prod(self.shape) * np.dtype(self.description).itemsize


def read_npy_header(stream: BinaryIO) -> NpyHeader:
    """The header at the beginning of a stream; raises ``ArrayHeaderError``."""
    start = stream.read(8)
    if start[:6] != _MAGIC or start[6:7] not in (b"\x01", b"\x02", b"\x03"):
        raise ArrayHeaderError(f"it begins with {start[:6]!r}, not as numpy's arrays do")
    layout = "<H" if start[6] == 1 else "<I"
    length_field = stream.read(struct.calcsize(layout))
    (length,) = struct.unpack(layout, length_field)
    if length > _MAX_HEADER_BYTES:
        raise ArrayHeaderError(f"its header has {length} bytes")
    text = stream.read(length).decode("latin-1")
    found = [pattern.search(text) for pattern in (_DESCRIPTION, _ORDER, _SHAPE)]
    if any(match is None for match in found):
        raise ArrayHeaderError(f"its type or shape is not read: {text.strip()[:120]}")
    description, order, sizes = (match.group(1) for match in found if match is not None)
    shape = tuple(int(size.strip().rstrip("L")) for size in sizes.split(",") if size.strip())
    item_bytes = np.dtype(description).itemsize
    if len(shape) > MAX_DIMENSIONS or not 0 < item_bytes <= WIDEST_ITEM_BYTES:
        raise ArrayHeaderError(f"its type or shape is not read: {text.strip()[:120]}")
    size_bytes = 8 + len(length_field) + length
    return NpyHeader(description, shape, order == "True", size_bytes)


def read_npy(
    stream: BinaryIO,
    *,
    total_bytes: int,
    objects_as_texts: bool = False,
    cancel: CancelToken | None = None,
) -> NDArray[np.generic]:
    """The array of a stream at its beginning.

    Args:
        stream: of an npy file.
        total_bytes: how long the file is.
        objects_as_texts: read arrays of Python objects where all of them are texts or numbers.
        cancel: asked between parts of a long array.

    Raises:
        ArrayHeaderError: no array, or its size is not what its header states.
        Cancelled: the user asked to stop.
    """
    header = read_npy_header(stream)
    there = total_bytes - header.size_bytes
    if header.holds_objects:
        if not objects_as_texts or there > MAX_OBJECTS_BYTES:
            raise ObjectArrayError(
                "it holds Python objects, which are not read; save it as an array of numbers, or "
                "of texts with numpy.array(names, dtype=str)"
            )
        return _texts_of(stream.read(there), header)
    if header.content_bytes != there:
        raise ArrayHeaderError(
            f"its shape {header.shape} of {header.description} needs {header.content_bytes} bytes, "
            f"found {there}"
        )
    flat = np.empty(math.prod(header.shape), dtype=np.dtype(header.description))
    if header.content_bytes:
        _fill(flat.view(np.uint8), stream, cancel or CancelToken())
    if header.in_columns:
        return flat.reshape(header.shape[::-1]).T
    return flat.reshape(header.shape)


def _fill(content: NDArray[np.uint8], stream: BinaryIO, cancel: CancelToken) -> None:
    view, done = content.data, 0
    while done < len(view):
        cancel.raise_if_cancelled()
        part = stream.read(min(_CHUNK_BYTES, len(view) - done))
        if not part:
            raise ArrayHeaderError(f"it ends after {done} of {len(view)} bytes")
        view[done : done + len(part)] = part
        done += len(part)
    stream.read(1)  # the end of a zip member, where its checksum is compared


def _texts_of(content: bytes, header: NpyHeader) -> NDArray[np.generic]:
    """An array of objects that are all texts or numbers, as an array of texts."""
    names = array_names()

    def find_name(module: str, name: str) -> object:
        if (module, name) not in names:
            raise ObjectArrayError(f"it asks for {module:.100}.{name:.100}; nothing of it was run")
        return names[module, name]

    budget = Budget(MAX_OBJECTS_BYTES + 4 * len(content))
    array = run_pickle(content, find_name=find_name, budget=budget)
    state = array.state if isinstance(array, NumpyArray) else None
    items = state[-1] if isinstance(state, tuple) and state else None
    if not isinstance(items, list) or len(items) != math.prod(header.shape):
        raise ArrayHeaderError("its objects are not what its header states")
    texts = [_text_of(item) for item in items]
    budget.spend(4 * len(texts) * max(map(len, texts), default=0))
    flat = np.array(texts, dtype=np.str_)
    return flat.reshape(header.shape, order="F" if header.in_columns else "C")


def _text_of(item: object) -> str:
    if isinstance(item, bytes):
        return item.decode(errors="replace")
    if not isinstance(item, str | int | float):
        raise ObjectArrayError(f"it holds Python objects ({type(item).__name__}), not only texts")
    return str(item)
