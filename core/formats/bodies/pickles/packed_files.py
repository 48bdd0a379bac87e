"""Files that joblib packed as a whole: zlib, gzip, bzip2, xz; unpacked within a limit."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from core.errors import AnnotationError

MAX_FILE_BYTES = 512 << 20
"""Of a file as it lies on the disk, and of what it unpacks to."""

FREE_BYTES, MOST_OPENED = 64 << 20, 100
"""A file may unpack to this much, and to its size times this."""


class _Unpacker(Protocol):
    def decompress(self, content: bytes, max_length: int, /) -> bytes: ...
    @property
    def eof(self) -> bool: ...


_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS

_STARTS: tuple[tuple[bytes, Callable[[], _Unpacker]], ...] = (
    *((start, lambda: zlib.decompressobj(_GZIP_OR_ZLIB)) for start in (
        b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda",
    )),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ", lzma.LZMADecompressor),
    (b"\x5d\x00\x00", lzma.LZMADecompressor),
)  # fmt: skip


def is_packed(head: bytes) -> bool:
    """Whether a file that begins so is packed in one of the ways that are unpacked here."""
    return any(head.startswith(start) for start, _ in _STARTS)


def unpacked(path: Path) -> bytes:
    """A file's content, unpacked where it is packed.

    Raises:
        AnnotationError: it is too large, unpacks to too much, or is cut off.
    """
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise AnnotationError(
            f"has {size} bytes, expected at most {MAX_FILE_BYTES}.",
            path=path,
            remedy="Save less in one file: meshes ('verts') are not needed.",
        )
    content = path.read_bytes()
    make = next((make for start, make in _STARTS if content.startswith(start)), None)
    if make is None:
        return content
    limit = min(MAX_FILE_BYTES, FREE_BYTES + MOST_OPENED * size)
    unpacker = make()
    opened = unpacker.decompress(content, limit + 1)
    if len(opened) > limit:
        raise AnnotationError(
            f"unpacks to more than {limit} bytes.", path=path, remedy="Save less in one file."
        )
    if not unpacker.eof:
        raise AnnotationError(
            "ends within its packed content.", path=path, remedy="Get a complete copy of the file."
        )
    return opened
