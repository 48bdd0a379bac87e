"""The focal length that a picture's EXIF block tells, in pixels of the picture as it is.

Two pairs of tags tell it. The 35 mm equivalent F compares diagonals, 43.27 mm being that of film::

    f_px = F / 43.27 · √(w² + h²)

A focal length f in millimetres with the resolution of the focal plane, in pixels of the picture as
it was taken, gives ``f · resolution``, and is scaled as the picture was. A picture whose shape is
not the one that EXIF states was cropped after it was taken: there is no telling how, and nothing is
read from it. Sources: CIPA DC-008 (EXIF 2.32), tags 0x920A, 0xA20E–0xA210, 0xA405; CIPA DCG-001.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.pictures.headers import PictureHeader, exif_orientation

FILM_DIAGONAL_MM = math.hypot(36, 24)

SHORTEST, LONGEST = 0.15, 30.0
"""Focal lengths that are read, in diagonals of the picture: a 6.5 mm and a 1300 mm equivalent."""

_EXIF_DIRECTORY = 0x8769
_FOCAL_LENGTH_MM, _EQUIVALENT_MM = 0x920A, 0xA405
_WIDTH_PX, _HEIGHT_PX = 0xA002, 0xA003
_RESOLUTION_X, _RESOLUTION_Y, _RESOLUTION_UNIT = 0xA20E, 0xA20F, 0xA210
_READ = frozenset(
    {
        _EXIF_DIRECTORY, _FOCAL_LENGTH_MM, _EQUIVALENT_MM, _WIDTH_PX, _HEIGHT_PX, _RESOLUTION_X,
        _RESOLUTION_Y, _RESOLUTION_UNIT,
    }
)  # fmt: skip

_MM_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
"""Inch and centimetre; 4 and 5 are what some cameras write for millimetre and micrometre."""

_SHORT, _LONG, _RATIONAL, _DOUBLE = 3, 4, 5, 12
"""EXIF wants rationals; Pillow writes a float as a double (findings/pillow_exif_doubles.sh)."""
_SAME_SHAPE = 0.02
_MOST_TAGS = 512
"""Of a directory; real ones have tens."""


@dataclass(frozen=True)
class LensFacts:
    """A focal length in pixels of the upright picture, and the words for where it is from."""

    focal_length_px: float
    note: str


def lens_facts(header: PictureHeader) -> LensFacts | None:
    """What the EXIF block of a picture tells of its focal length; None where it tells nothing."""
    if not header.exif:
        return None
    tags = _tags_of(header.exif)
    size_px = (header.stored_width, header.stored_height)
    if header.is_heif and exif_orientation(header.exif) >= 5:
        size_px = size_px[::-1]  # the block tells of the picture before it was turned
    facts = _from_equivalent(tags, size_px) or _from_focal_plane(tags, size_px)
    if facts is None or not _is_plausible(facts.focal_length_px, size_px):
        return None
    return facts


def equivalent_to_px(equivalent_mm: float, size_px: tuple[int, int]) -> float:
    """A 35 mm equivalent in pixels of a picture of this width and height."""
    return equivalent_mm / FILM_DIAGONAL_MM * math.hypot(*size_px)


def _from_equivalent(tags: Mapping[int, float], size_px: tuple[int, int]) -> LensFacts | None:
    equivalent_mm = tags.get(_EQUIVALENT_MM, 0.0)
    if equivalent_mm <= 0 or _scale_since_taken(tags, size_px, unknown=1.0) is None:
        return None
    return LensFacts(
        equivalent_to_px(equivalent_mm, size_px), f"EXIF: {equivalent_mm:g} mm equivalent"
    )


def _from_focal_plane(tags: Mapping[int, float], size_px: tuple[int, int]) -> LensFacts | None:
    focal_length_mm, per_unit = tags.get(_FOCAL_LENGTH_MM, 0.0), tags.get(_RESOLUTION_X, 0.0)
    unit_mm = _MM_PER_UNIT.get(int(tags.get(_RESOLUTION_UNIT, 2)), 0.0)
    scale = _scale_since_taken(tags, size_px, unknown=None)
    if min(focal_length_mm, per_unit, unit_mm) <= 0 or scale is None:
        return None
    if abs(tags.get(_RESOLUTION_Y, per_unit) / per_unit - 1) > _SAME_SHAPE:
        return None
    sensor_px_per_mm = per_unit / unit_mm
    return LensFacts(
        focal_length_mm * sensor_px_per_mm * scale,
        f"EXIF: {focal_length_mm:g} mm, {sensor_px_per_mm:.4g} px/mm",
    )


def _scale_since_taken(
    tags: Mapping[int, float], size_px: tuple[int, int], *, unknown: float | None
) -> float | None:
    """How much the picture was scaled since it was taken; None where its shape was changed.

    Longer sides are compared: a program that turned the pixels may have left the tags.
    """
    taken = sorted((tags.get(_WIDTH_PX, 0.0), tags.get(_HEIGHT_PX, 0.0)))
    if taken[0] <= 0:
        return unknown
    shorter, longer = (now / then for now, then in zip(sorted(size_px), taken, strict=True))
    return longer if abs(shorter / longer - 1) <= _SAME_SHAPE else None


def _is_plausible(focal_length_px: float, size_px: tuple[int, int]) -> bool:
    return SHORTEST <= focal_length_px / math.hypot(*size_px) <= LONGEST


def _tags_of(exif: bytes) -> dict[int, float]:
    """The numbers of the tags that are read here, of the main directory and EXIF's own."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return {}
    tags: dict[int, float] = {}
    try:
        (main,) = struct.unpack_from(f"{order}I", exif, 4)
        tags.update(_directory(exif, order, main))
        if _EXIF_DIRECTORY in tags:
            tags.update(_directory(exif, order, int(tags[_EXIF_DIRECTORY])))
    except struct.error:  # the block ends before what it promises
        return tags
    return tags


def _directory(exif: bytes, order: str, start: int) -> Iterator[tuple[int, float]]:
    (count,) = struct.unpack_from(f"{order}H", exif, start)
    for index in range(min(count, _MOST_TAGS)):
        at = start + 2 + 12 * index
        tag, kind, values = struct.unpack_from(f"{order}HHI", exif, at)
        if tag in _READ and values == 1:
            number = _number(exif, order, kind, at + 8)
            if number is not None:
                yield tag, number


def _number(exif: bytes, order: str, kind: int, at: int) -> float | None:
    if kind == _SHORT:
        return float(struct.unpack_from(f"{order}H", exif, at)[0])
    if kind == _LONG:
        return float(struct.unpack_from(f"{order}I", exif, at)[0])
    if kind == _RATIONAL:
        (place,) = struct.unpack_from(f"{order}I", exif, at)
        above, below = struct.unpack_from(f"{order}II", exif, place)
        return float(above / below) if below else None
    if kind == _DOUBLE:
        (place,) = struct.unpack_from(f"{order}I", exif, at)
        (number,) = struct.unpack_from(f"{order}d", exif, place)
        return float(number) if math.isfinite(number) else None
    return None
