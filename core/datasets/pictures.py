"""Pictures from disk, upright and in RGB, and the square crops of their people.

Orientation: a picture is turned as its EXIF tag says, as viewers, OpenCV and so OpenPose do; every
size, box and keypoint of the program is in these upright pixels. Where an annotation file tells the
picture's size (COCO does), its reader compares it with ``picture_size`` and refuses a mismatch.

Pixels: integer coordinates are the centres of pixels, in the picture and in the crop alike, so a
dot drawn at picture pixel (x, y) lies at ``box.picture_to_crop((x, y))`` of the crop.
"""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.picture_headers import (
    KNOWN_FORMATS,
    HeaderError,
    PictureHeader,
    read_header,
)
from core.errors import PictureError, ShapeError, StudioError
from core.geometry.cameras import CROP_SIZE_PX
from core.geometry.crops import Box

Picture = NDArray[np.uint8]
"""(H, W, 3), RGB."""

MAX_FILE_BYTES = 256 << 20
MAX_PIXELS = 100_000_000
"""A 100-megapixel picture takes 300 MB in memory; the largest cameras stay below."""

PICTURE_SUFFIXES: tuple[str, ...] = (".jpg", ".jpeg", ".png", ".webp", ".bmp")

_SUPERSAMPLED_SIDE_PX = 4096


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in upright pixels, from the header alone.

    Raises:
        PictureError: the file is missing, no picture of a known format, or above the limits.
    """
    _check_file(path)
    try:
        with path.open("rb") as stream:
            return _checked_header(stream, path).upright_size_px
    except OSError as error:
        raise _unreadable(path, error) from error


def load_picture(path: Path) -> Picture:
    """The picture ``(H, W, 3)``, RGB, 8 bits, upright; grey, alpha and 16 bits are converted.

    Raises:
        PictureError: the file is missing, damaged, cut off, of no known format or above limits.
    """
    _check_file(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    header = _checked_header(io.BytesIO(data), path)
    if header.pixels_at and data.find(b"\xff\xd9", header.pixels_at) < 0:
        # OpenCV fills what is missing with grey and says nothing.
        raise _damaged(path, f"the JPEG is cut off after {len(data)} bytes")
    return _turned_upright(_decoded(data, header, path), header.orientation)


def crop_picture(picture: Picture, box: Box, *, size_px: int = CROP_SIZE_PX) -> Picture:
    """The box of a picture ``(H, W, 3)`` as ``(size_px, size_px, 3)``; zeros outside the picture.

    The box is not rounded. Shrinking averages over each pixel's area, so nothing flickers or
    aliases; enlarging interpolates linearly.
    """
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ShapeError("picture", actual=picture.shape, expected="(H, W, 3)")
    if size_px < 1:
        raise StudioError(f"A crop needs a side of at least 1 px, got {size_px}.")
    part, origin_x, origin_y = _part_under(picture, box, margin_px=2 + box.side_px / size_px)
    if part.size == 0:
        return np.zeros((size_px, size_px, 3), dtype=np.uint8)
    shrink = box.side_px / size_px
    most_samples = max(2, _SUPERSAMPLED_SIDE_PX // size_px)
    part, scale_x, scale_y = _reduced(part, min(1.0, most_samples / shrink))
    samples = min(max(1, int(np.ceil(shrink))), most_samples)
    fine = cv2.warpAffine(
        part,
        _fine_to_part(box, size_px, samples, (origin_x, origin_y), (scale_x, scale_y)),
        (size_px * samples, size_px * samples),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(0, 0, 0),
    )
    if samples > 1:
        fine = cv2.resize(fine, (size_px, size_px), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(fine, dtype=np.uint8)


def _part_under(picture: Picture, box: Box, *, margin_px: float) -> tuple[Picture, int, int]:
    """The part of the picture near the box, and where it begins; what is far is never touched."""
    height, width = picture.shape[:2]
    reach = box.side_px / 2 + margin_px
    low_x, high_x = np.clip([box.center_x_px - reach, box.center_x_px + reach], 0, width)
    low_y, high_y = np.clip([box.center_y_px - reach, box.center_y_px + reach], 0, height)
    left, top = int(np.floor(low_x)), int(np.floor(low_y))
    part = picture[top : int(np.ceil(high_y)), left : int(np.ceil(high_x))]
    return part, left, top


def _reduced(part: Picture, factor: float) -> tuple[Picture, float, float]:
    """The part made smaller by about ``factor``, with its exact scales: bounds the work later."""
    if factor >= 1:
        return part, 1.0, 1.0
    height, width = part.shape[:2]
    new_width, new_height = max(1, round(width * factor)), max(1, round(height * factor))
    smaller = cv2.resize(part, (new_width, new_height), interpolation=cv2.INTER_AREA)
    return smaller, new_width / width, new_height / height


def _fine_to_part(
    box: Box,
    size_px: int,
    samples: int,
    origin: tuple[int, int],
    scale: tuple[float, float],
) -> NDArray[np.float64]:
    """The affine map ``(2, 3)`` from a pixel of the finer crop to one of the part.

    Each crop pixel is the mean of ``samples``² fine ones that lie evenly about its centre.
    """
    step = box.side_px / (size_px * samples)
    matrix = np.zeros((2, 3))
    centers = (box.center_x_px, box.center_y_px)
    for axis in (0, 1):
        first = centers[axis] - box.side_px / 2 - (samples - 1) / 2 * step - origin[axis]
        matrix[axis, axis] = step * scale[axis]
        matrix[axis, 2] = (first + 0.5) * scale[axis] - 0.5
    return matrix


def _check_file(path: Path) -> None:
    try:
        is_file, size = path.is_file(), path.stat().st_size
    except FileNotFoundError as error:
        raise PictureError(
            "no such picture.", path=path, remedy="Check the folder of pictures."
        ) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if not is_file:
        raise PictureError("not a file, expected a picture.", path=path)
    if size > MAX_FILE_BYTES:
        raise PictureError(
            f"the file has {size} bytes, expected at most {MAX_FILE_BYTES}.",
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
    return header


def _decoded(data: bytes, header: PictureHeader, path: Path) -> Picture:
    encoded = np.frombuffer(data, dtype=np.uint8)
    try:
        bgr = cv2.imdecode(encoded, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise _damaged(path, str(error)) from error
    if bgr is None:
        raise _damaged(path, "its pixels cannot be decoded")
    if bgr.shape[:2] != (header.stored_height, header.stored_width):
        promised = f"{header.stored_width}×{header.stored_height}"
        raise _damaged(path, f"{bgr.shape[1]}×{bgr.shape[0]} px, but its header says {promised}")
    rgb: Picture = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    return rgb


def _turned_upright(picture: Picture, orientation: int) -> Picture:
    if orientation >= 5:
        picture = picture.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _unreadable(path: Path, error: Exception) -> PictureError:
    return PictureError(
        f"cannot be read ({error}).", path=path, remedy="Check that you may read the file."
    )


def _damaged(path: Path, found: str) -> PictureError:
    return PictureError(
        f"the picture is damaged: {found}.", path=path, remedy="Get a complete copy of the picture."
    )
