"""``bodies.csv``, which this program writes beside files of bodies: whose they are, which cameras.

A file of motion has neither pictures nor cameras. What this program exported it can read back with
the index that lies beside it: for each frame of each file the picture, the person and the camera of
the whole picture. Any other such table is as good: the columns are ``file``, ``frame``,
``picture``, ``person``, ``picture_focal_length_px``, ``picture_principal_point_px_0`` and ``_1``,
and ``body_name``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.reader_results import shown

INDEX_NAME = "bodies.csv"
_MAX_BYTES = 512 << 20
_MAX_FRAME = 10**8
_FOCAL, _PRINCIPAL = "picture_focal_length_px", "picture_principal_point_px"
_NEEDED = ("file", "picture", "person", _FOCAL, f"{_PRINCIPAL}_0", f"{_PRINCIPAL}_1")


@dataclass(frozen=True)
class IndexedBody:
    """One frame of a file. focal_px and principal_px: of the whole picture's camera."""

    picture: str
    person: str
    focal_px: float
    principal_px: tuple[float, float]
    body_name: str


def indexed_bodies(file: Path) -> Mapping[int, IndexedBody] | None:
    """What the index beside a file says of its frames, by their number; None where there is none.

    Raises:
        AnnotationError: the index is damaged.
    """
    index = file.parent / INDEX_NAME
    if not index.is_file():
        return None
    with foreign_file(index, AnnotationError, expected="a table of bodies"):
        if index.stat().st_size > _MAX_BYTES:
            raise AnnotationError(f"has more than {_MAX_BYTES} bytes.", path=index)
        with index.open(encoding="utf-8", errors="replace", newline="") as lines:
            table = csv.DictReader(lines)
            if not set(_NEEDED) <= set(table.fieldnames or ()):
                return None
            rows = [row for row in table if row.get("file") == file.name]
        return {_frame_of(row, index): _body_of(row) for row in rows}


def _frame_of(row: Mapping[str, str | None], index: Path) -> int:
    text = row.get("frame") or "0"
    frame = int(text)
    if not 0 <= frame < _MAX_FRAME:
        raise AnnotationError(f"frame: found {shown(text)}.", path=index)
    return frame


def _body_of(row: Mapping[str, str | None]) -> IndexedBody:
    def number(name: str) -> float:
        text = row.get(name)
        return float(text) if text else np.nan

    return IndexedBody(
        picture=row.get("picture") or "",
        person=row.get("person") or "",
        focal_px=number(_FOCAL),
        principal_px=(number(f"{_PRINCIPAL}_0"), number(f"{_PRINCIPAL}_1")),
        body_name=row.get("body_name") or "",
    )
