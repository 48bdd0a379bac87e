"""Pictures from disk, upright and in RGB, and the square crops of their people.

Orientation: a picture is turned as its EXIF tag says, as viewers, OpenCV and so OpenPose do; every
size, box and keypoint of the program is in these upright pixels. Where an annotation file tells the
picture's size (COCO does), its reader compares it with ``picture_size`` and refuses a mismatch.

Pixels: integer coordinates are the centres of pixels, in the picture and in the crop alike, so a
dot drawn at picture pixel (x, y) lies at ``box.picture_to_crop((x, y))`` of the crop.
"""

from __future__ import annotations

import io
import stat
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.errors import PictureError
from core.files.foreign_files import foreign_content, foreign_reader, reason_of
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_SIZE_PX
from core.pictures.headers import KNOWN_FORMATS, HeaderError, PictureHeader, read_header
from core.pictures.heif import HEIF_SUFFIXES, decode_heif
from core.pictures.jpeg_scans import check_complete
from core.pictures.square_crops import square_crop

Picture = NDArray[np.uint8]
"""(H, W, 3), RGB."""

MAX_FILE_BYTES = 256 << 20
MAX_PIXELS = 100_000_000
"""A 100-megapixel picture takes 300 MB in memory; the largest cameras stay below."""

_UPRIGHT = 1

PICTURE_SUFFIXES: tuple[str, ...] = (".jpg", ".jpeg", ".png", ".webp", ".bmp", *HEIF_SUFFIXES)


@foreign_reader(PictureError, expected="a picture")
def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in upright pixels, from the header alone.

    Raises:
        PictureError: the file is missing, no picture of a known format, or above the limits.
    """
    _check_file(path)
    with path.open("rb") as stream:
        return _checked_header(stream, path).upright_size_px


@foreign_reader(PictureError, expected="a picture")
def picture_header(path: Path) -> PictureHeader:
    """What a file says of its pixels, and its EXIF block; nothing is decoded.

    Raises:
        PictureError: as ``picture_size``.
    """
    _check_file(path)
    with path.open("rb") as stream:
        return _checked_header(stream, path)


@foreign_reader(PictureError, expected="a picture")
def load_picture(path: Path) -> Picture:
    """The picture ``(H, W, 3)``, RGB, 8 bits, upright; grey, alpha and 16 bits are converted.

    Raises:
        PictureError: the file is missing, damaged, cut off, of no known format or above limits.
    """
    _check_file(path)
    data = path.read_bytes()
    header = _checked_header(io.BytesIO(data), path)
    if header.is_jpeg and data.rfind(b"\xff\xd9") < 0:
        raise _damaged(path, f"the JPEG is cut off after {len(data)} bytes")
    pixels = _decoded(data, header, path)
    if header.is_jpeg:
        with foreign_content(lambda error: _damaged(path, reason_of(error))):
            check_complete(data, pixels, _decoded_silently)
    return _turned_upright(pixels, header.orientation)


def crop_picture(picture: Picture, box: Box, *, size_px: int = CROP_SIZE_PX) -> Picture:
    """The box of a picture ``(H, W, 3)`` as ``(size_px, size_px, 3)``; zeros outside the picture.

    The box is not rounded. Shrinking averages over each pixel's area, so nothing flickers or
    aliases; enlarging interpolates linearly.
    """
    return square_crop(picture, box, size_px=size_px, pixel=np.uint8)


def _check_file(path: Path) -> None:
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise PictureError(
            "no such picture.",
            path=path,
            remedy="If pictures were moved, find them again: File ▸ Find pictures…, or "
            "main.py relink PROJECT OLD NEW.",
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise PictureError("not a file, expected a picture.", path=path)
    if found.st_size > MAX_FILE_BYTES:
        raise PictureError(
            f"the file has {found.st_size} bytes, expected at most {MAX_FILE_BYTES}.",
            path=path,
            remedy="Save the picture smaller.",
        )


def _checked_header(stream: io.BytesIO | io.BufferedReader, path: Path) -> PictureHeader:
    try:
        header = read_header(stream)
    except HeaderError as error:
        raise PictureError(
            f"{error}.", path=path, remedy=f"Save the picture as {KNOWN_FORMATS}."
        ) from error
    width, height = header.upright_size_px
    if width * height > MAX_PIXELS:
        raise PictureError(
            f"the picture has {width}×{height} px, expected at most {MAX_PIXELS} pixels in all.",
            path=path,
            remedy="Save the picture smaller.",
        )
    file_bytes = stream.seek(0, io.SEEK_END)
    if file_bytes < header.least_bytes:
        raise _damaged(
            path,
            f"{file_bytes} bytes cannot hold the {width}×{height} px of its header, which take "
            f"{header.least_bytes} at least",
        )
    return header


def _decoded(data: bytes, header: PictureHeader, path: Path) -> Picture:
    with foreign_content(lambda error: _damaged(path, reason_of(error))):
        rgb = decode_heif(data) if header.is_heif else _decoded_by_opencv(data)
    if rgb is None:
        raise _damaged(path, "its pixels cannot be decoded")
    if rgb.shape[:2] != (header.stored_height, header.stored_width):
        promised = f"{header.stored_width}×{header.stored_height}"
        raise _damaged(path, f"{rgb.shape[1]}×{rgb.shape[0]} px, but its header says {promised}")
    return rgb


def _decoded_by_opencv(data: bytes) -> Picture | None:
    encoded = np.frombuffer(data, dtype=np.uint8)
    bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    return None if bgr is None else cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def _decoded_silently(data: bytes) -> Picture:
    """The pixels of a JPEG by Pillow, not turned; nothing is written to the terminal."""
    from PIL.JpegImagePlugin import JpegImageFile  # noqa: PLC0415 - few pictures need it

    with JpegImageFile(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGB"))


def _turned_upright(picture: Picture, orientation: int) -> Picture:
    if orientation >= 5:
        picture = picture.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _damaged(path: Path, found: str) -> PictureError:
    return PictureError(
        f"the picture is damaged: {found}.", path=path, remedy="Get a complete copy of the picture."
    )
