"""Which camera of a file took a picture, by names: of the picture, of cameras, of folders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from core.formats.reader_results import BrokenEntryError, shown

CameraT = TypeVar("CameraT")

MOST_NAMES = 10_000
"""Names of cameras that are looked for in the names of pictures."""


@dataclass(frozen=True)
class PictureOfCamera:
    """camera: by its name. frame: the picture's path without the camera's name and the suffix."""

    camera: str
    frame: str


class CameraNames(Generic[CameraT]):
    """Finds the camera of a picture.

    A camera of the picture's own name comes first: that with most of its folders, too. Otherwise
    the name of the camera stands in the name of the picture, or in that of a folder above it, the
    nearest first; a number N needs a word before it, such as ``cam03``. Otherwise the camera
    without a name is every picture's.

    Args:
        by_name: cameras by their names or those of folders; the empty name stands for all.
        by_picture: cameras by the names of pictures, folders included where the file has them.
    """

    def __init__(self, by_name: Mapping[str, CameraT], by_picture: Mapping[str, CameraT]) -> None:
        self._everywhere = by_name.get("")
        names = [name for name in by_name if name][:MOST_NAMES]
        self._patterns = [(name, _pattern(name), by_name[name]) for name in names]
        self._of_parts: dict[str, tuple[str, CameraT | None]] = {}
        self._by_base: dict[str, list[tuple[tuple[str, ...], CameraT]]] = defaultdict(list)
        for name, camera in by_picture.items():
            parts = _parts(name)
            if parts:
                self._by_base[parts[-1]].append((parts, camera))

    def of(self, picture: Path) -> tuple[str, CameraT | None]:
        """The name that was found, empty for a picture's own, and the camera; or None.

        Raises:
            BrokenEntryError: several cameras may be the picture's.
        """
        parts = _parts(picture.as_posix())
        own = self._of_picture(parts)
        if own is not None:
            return "", own
        for part in (PurePosixPath(parts[-1]).stem, *reversed(parts[:-1])):
            found = self._of_part(part)
            if found[1] is not None:
                return found
        return "", self._everywhere

    def taken_by(self, picture: Path) -> PictureOfCamera | None:
        """Which named camera took a picture, and which frame; None where no name stands in it.

        Raises:
            BrokenEntryError: several cameras may be the picture's.
        """
        parts = _parts(picture.with_suffix("").as_posix())
        for place in range(len(parts) - 1, -1, -1):
            name, camera = self._of_part(parts[place])
            if camera is not None:
                rest = _pattern(name).sub("", parts[place], count=1).strip(" ._-")
                kept = (*parts[:place], rest, *parts[place + 1 :])
                return PictureOfCamera(name, "/".join(part for part in kept if part))
        return None

    def _of_picture(self, parts: tuple[str, ...]) -> CameraT | None:
        fitting = [
            (len(named), camera)
            for named, camera in self._by_base.get(parts[-1], ())
            if parts[-len(named) :] == named
        ]
        if not fitting:
            return None
        return max(fitting, key=lambda item: item[0])[1]

    def _of_part(self, part: str) -> tuple[str, CameraT | None]:
        if part not in self._of_parts:
            self._of_parts[part] = self._search(part)
        return self._of_parts[part]

    def _search(self, part: str) -> tuple[str, CameraT | None]:
        fitting = [(name, camera) for name, known, camera in self._patterns if known.search(part)]
        longest = max((len(name) for name, _camera in fitting), default=0)
        best = [(name, camera) for name, camera in fitting if len(name) == longest]
        if len(best) > 1:
            names = ", ".join(shown(name) for name, _camera in best[:3])
            raise BrokenEntryError(f"{shown(part)} may be of several cameras: {names}")
        return best[0] if best else ("", None)


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name.replace("\\", "/").casefold())
    return tuple(part for part in path.parts if part not in ("/", ".", ".."))


def _pattern(name: str) -> re.Pattern[str]:
    folded = re.escape(name.casefold())
    if name.isdecimal():
        return re.compile(rf"(?:cam|camera|view)[ _-]?0*{folded}(?![0-9])")
    return re.compile(rf"(?<![a-z0-9]){folded}(?![a-z0-9])")
