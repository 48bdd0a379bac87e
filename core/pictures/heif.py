"""HEIC pictures, as phones take them; read by pillow-heif, which is loaded for the first of them.

The library turns and mirrors the pixels as the file's own boxes say, and yet hands out the EXIF tag
that says the same once more; so the tag is not looked at
(findings/pillow_heif_turns_and_says_so.sh).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.files.foreign_files import foreign_content, reason_of

if TYPE_CHECKING:
    from pillow_heif import HeifFile

HEIF_SUFFIXES: tuple[str, ...] = (".heic", ".heif")

_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1"))
"""Of still pictures; ``mif1`` leaves open how they are packed."""


class HeifError(ValueError):
    """The bytes are no HEIC picture that can be read; the message says why."""


def is_heif(start: bytes) -> bool:
    """Whether the first twelve bytes of a file are those of a HEIC picture."""
    return start[4:8] == b"ftyp" and start[8:12] in _BRANDS


def heif_size_and_exif(data: bytes) -> tuple[tuple[int, int], bytes]:
    """Width and height in upright pixels, and the EXIF block or nothing; nothing is decoded.

    Raises:
        HeifError: the file is damaged.
    """
    picture = _opened(data)
    width, height = picture.size
    return (int(width), int(height)), bytes(picture.info.get("exif") or b"")


def decode_heif(data: bytes) -> NDArray[np.uint8]:
    """The picture ``(H, W, 3)``, RGB, 8 bits, upright.

    Raises:
        HeifError: the file is damaged or cut off.
    """
    picture = _opened(data)
    with foreign_content(lambda error: HeifError(reason_of(error))):
        return np.asarray(picture.to_pillow().convert("RGB"))


def _opened(data: bytes) -> HeifFile:
    with foreign_content(lambda error: HeifError(reason_of(error))):
        from pillow_heif import open_heif  # noqa: PLC0415 - few pictures need it

        return open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
