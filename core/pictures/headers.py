"""Size and orientation of a picture from the first bytes of its file, before anything is decoded.

A decoder that meets a forged header allocates what the header asks for; so the size is read here,
with every length checked, and compared with the limits first. JPEG, PNG, WebP, BMP and HEIC are
known.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import BinaryIO

from core.pictures.heif import HeifError, heif_size_and_exif, is_heif
from core.pictures.jpeg_scans import JpegFrame, read_frame

UPRIGHT = 1
"""EXIF's number for pixels stored as they are to be seen."""

KNOWN_FORMATS = "JPEG, PNG, WebP, BMP or HEIC"

_ORIENTATION_TAG = 0x0112
_MAX_PARTS = 4096
"""JPEG segments or WebP chunks looked at; real files have tens."""
_MAX_PNG_CHUNKS = 1 << 17
"""libpng writes the pixels in chunks of 8 kB."""

_MAX_EXIF_BYTES = 1 << 17

_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By the colour type of IHDR."""

_MOST_DEFLATED = 1100
"""Deflate packs at most 1032 bytes into one."""

_JPEG_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_EXIF_SEGMENT = 0xE1
_JPEG_EXIF_MARK = b"Exif\x00\x00"
_JPEG_START_OF_SCAN = 0xDA
_JPEG_END_OF_IMAGE = 0xD9


class HeaderError(ValueError):
    """The bytes are no picture of a known format; the message says what was found."""


@dataclass(frozen=True)
class PictureHeader:
    """What a file says of its pixels: as stored, and how to turn them upright."""

    stored_width: int
    stored_height: int
    orientation: int = UPRIGHT
    """EXIF orientation, 1..8."""
    least_bytes: int = 0
    """What a file of these pixels has at least, as the format packs them; 0: not known."""
    is_jpeg: bool = False
    is_heif: bool = False
    exif: bytes = b""
    """The TIFF block that EXIF is kept in; empty where there is none."""

    @property
    def upright_size_px(self) -> tuple[int, int]:
        """Width and height as the picture is to be seen."""
        if self.orientation >= 5:  # 5..8 swap rows and columns
            return self.stored_height, self.stored_width
        return self.stored_width, self.stored_height


def read_header(stream: BinaryIO) -> PictureHeader:
    """The header of a seekable stream at its beginning; raises ``HeaderError``."""
    start = stream.read(12)
    stream.seek(0)
    if start.startswith(b"\xff\xd8"):
        header = _read_jpeg(stream)
    elif start.startswith(b"\x89PNG\r\n\x1a\n"):
        header = _read_png(stream)
    elif start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        header = _read_webp(stream)
    elif start.startswith(b"BM"):
        header = _read_bmp(stream)
    elif is_heif(start):
        header = _read_heif(stream)
    else:
        found = f"begins with the bytes {start[:8].hex(' ')}" if start else "is empty"
        raise HeaderError(f"{found}, expected {KNOWN_FORMATS}")
    if header.stored_width < 1 or header.stored_height < 1:
        size = f"{header.stored_width}×{header.stored_height}"
        raise HeaderError(f"says it is {size} px, expected at least 1×1")
    return header


def exif_orientation(exif: bytes) -> int:
    """The orientation 1..8 in a TIFF block as EXIF holds it; 1 when absent or damaged."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return UPRIGHT
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, directory)
        for index in range(count):
            tag, kind, _, value = struct.unpack_from(
                f"{order}HHIH", exif, directory + 2 + 12 * index
            )
            if tag == _ORIENTATION_TAG:
                return value if kind == 3 and 1 <= value <= 8 else UPRIGHT
    except struct.error:  # the block ends before what it promises
        return UPRIGHT
    return UPRIGHT


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise HeaderError("ends inside its header")
    return data


def _read_jpeg(stream: BinaryIO) -> PictureHeader:
    stream.seek(2)
    frame: JpegFrame | None = None
    exif = b""
    for _ in range(_MAX_PARTS):
        marker = _next_jpeg_marker(stream)
        if marker in _JPEG_WITHOUT_LENGTH:
            continue
        if marker == _JPEG_END_OF_IMAGE:
            break
        (length,) = struct.unpack(">H", _exactly(stream, 2))
        next_segment = stream.tell() + length - 2
        if marker == _JPEG_START_OF_SCAN and frame is not None:
            return PictureHeader(
                frame.width,
                frame.height,
                exif_orientation(exif),
                frame.least_bytes,
                is_jpeg=True,
                exif=exif,
            )
        if marker in _JPEG_START_OF_FRAME and frame is None:
            frame = _jpeg_frame(marker, _exactly(stream, max(length - 2, 0)))
        elif marker == _JPEG_EXIF_SEGMENT and exif_orientation(exif) == UPRIGHT:
            segment = stream.read(max(length - 2, 0))
            if segment.startswith(_JPEG_EXIF_MARK):
                exif = segment.removeprefix(_JPEG_EXIF_MARK)
        stream.seek(next_segment)
    raise HeaderError("is a JPEG without a frame")


def _jpeg_frame(marker: int, segment: bytes) -> JpegFrame:
    try:
        frame = read_frame(marker, segment)
    except struct.error as error:
        raise HeaderError("is a JPEG whose frame is cut off") from error
    if not frame.sampling or any(
        not 1 <= number <= 4 for pair in frame.sampling for number in pair
    ):
        raise HeaderError("is a JPEG whose frame says nothing of its colours")
    return frame


def _next_jpeg_marker(stream: BinaryIO) -> int:
    if _exactly(stream, 1) != b"\xff":
        raise HeaderError("is a JPEG whose segments are out of step")
    for _ in range(_MAX_PARTS):
        byte = _exactly(stream, 1)[0]
        if byte != 0xFF:  # any number of 0xFF may stand before a marker
            return byte
    raise HeaderError("is a JPEG filled with 0xFF")


def _read_png(stream: BinaryIO) -> PictureHeader:
    stream.seek(8)
    length, kind, width, height, depth, colours = struct.unpack(">I4sIIBB", _exactly(stream, 18))
    if kind != b"IHDR" or length != 13:
        raise HeaderError("is a PNG without its first chunk, IHDR")
    row_bytes = 1 + width * depth * _PNG_CHANNELS.get(colours, 1) // 8
    least_bytes = height * row_bytes // _MOST_DEFLATED
    stream.seek(8 + 12 + length)
    for _ in range(_MAX_PNG_CHUNKS):
        chunk = stream.read(8)
        if len(chunk) < 8:
            break
        length, kind = struct.unpack(">I4s", chunk)
        if kind == b"eXIf":  # may stand behind the pixels, too
            exif = _exif_of_chunk(stream, length)
            return PictureHeader(width, height, exif_orientation(exif), least_bytes, exif=exif)
        if kind == b"IEND":
            break
        stream.seek(length + 4, io.SEEK_CUR)
    return PictureHeader(width, height, least_bytes=least_bytes)


def _exif_of_chunk(stream: BinaryIO, length: int) -> bytes:
    # Some writers put JPEG's marker in front of the block in WebP and PNG, too.
    return stream.read(min(length, _MAX_EXIF_BYTES)).removeprefix(_JPEG_EXIF_MARK)


def _read_webp(stream: BinaryIO) -> PictureHeader:
    stream.seek(4)
    (riff_length,) = struct.unpack("<I", _exactly(stream, 4))
    if riff_length > stream.seek(0, io.SEEK_END) - 8 + riff_length % 2:
        raise HeaderError(f"is a WebP of {riff_length} bytes that is cut off")
    stream.seek(12)
    kind, length = struct.unpack("<4sI", _exactly(stream, 8))
    body = _exactly(stream, 10)
    if kind == b"VP8 ":
        if body[3:6] != b"\x9d\x01\x2a":
            raise HeaderError("is a WebP whose frame does not begin as one")
        width, height = struct.unpack("<HH", body[6:10])
        return PictureHeader(width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        if body[0] != 0x2F:
            raise HeaderError("is a lossless WebP without its signature")
        (bits,) = struct.unpack("<I", body[1:5])
        return PictureHeader((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8X":
        width = int.from_bytes(body[4:7], "little") + 1
        height = int.from_bytes(body[7:10], "little") + 1
        exif = _webp_exif(stream, 20 + length + length % 2)
        return PictureHeader(width, height, exif_orientation(exif), exif=exif)
    raise HeaderError(f"is a WebP with an unknown first chunk, {kind!r}")


def _webp_exif(stream: BinaryIO, next_chunk: int) -> bytes:
    for _ in range(_MAX_PARTS):
        stream.seek(next_chunk)
        chunk = stream.read(8)
        if len(chunk) < 8:
            break
        kind, length = struct.unpack("<4sI", chunk)
        if kind == b"EXIF":
            return _exif_of_chunk(stream, length)
        next_chunk += 8 + length + length % 2  # chunks are padded to even lengths
    return b""


def _read_bmp(stream: BinaryIO) -> PictureHeader:
    stream.seek(14)
    (header_size,) = struct.unpack("<I", _exactly(stream, 4))
    if header_size == 12:  # the OS/2 header
        width, height = struct.unpack("<HH", _exactly(stream, 4))
    else:
        width, height = struct.unpack("<ii", _exactly(stream, 8))
    return PictureHeader(width, abs(height))  # negative: rows from the top


def _read_heif(stream: BinaryIO) -> PictureHeader:
    """HEIC, whose pixels are handed out upright."""
    try:
        (width, height), exif = heif_size_and_exif(stream.read())
    except HeifError as error:
        raise HeaderError(f"is a HEIC picture that cannot be read ({error})") from error
    return PictureHeader(width, height, is_heif=True, exif=exif.removeprefix(_JPEG_EXIF_MARK))
