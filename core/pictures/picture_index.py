"""Pictures of a folder and of the folders in it, found by a name that is not quite theirs.

Other programs write names with folders that are not there, without those that are, with another
spelling of capitals or accents, without the suffix, or with the prefix that COCO's pictures lost in
2017. Whatever the name, what is found lies inside the folder.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from core.errors import AnnotationError
from core.pictures.decoding import PICTURE_SUFFIXES

MAX_FILES = 1_000_000
"""A folder with more files is not searched to its end."""

_COCO_PREFIX = re.compile(r"COCO_(?:train|val|test)[0-9]{4}_(?=.)", re.IGNORECASE)
"""Of COCO's pictures of 2014, which those of 2017 lack: https://cocodataset.org/#download."""


class PictureIndex:
    """Every picture under a folder by its folded name, listed once. Links to folders: not entered.

    Raises:
        AnnotationError: the folder cannot be listed.
    """

    def __init__(self, folder: Path) -> None:
        self._by_name: dict[str, list[PurePosixPath]] = defaultdict(list)
        self._by_stem: dict[str, list[PurePosixPath]] = defaultdict(list)
        self._by_bare_name: dict[str, list[PurePosixPath]] = defaultdict(list)
        for path in _pictures_under(folder):
            self._by_name[folded(path.name)].append(path)
            self._by_stem[folded(path.stem)].append(path)
            self._by_bare_name[folded(without_coco_prefix(path.name))].append(path)

    def alike(self, name: PurePosixPath) -> list[PurePosixPath]:
        """The pictures, relative to the folder, that a name may mean; best ones only.

        The file name decides, then how many of its folders agree. A picture all of whose folders
        end the name is better than one that lies in a folder the name does not have.
        """
        parts = folded_parts(name)
        if not parts:
            return []
        candidates = self._by_name.get(parts[-1], [])
        if not candidates and PurePosixPath(parts[-1]).suffix not in PICTURE_SUFFIXES:
            candidates = self._by_stem.get(parts[-1], [])
            parts = (*parts[:-1], "")  # the file name agrees by its stem
        if not candidates:
            candidates = self._by_bare_name.get(folded(without_coco_prefix(name.name)), [])
        ranks = {candidate: _agreement(folded_parts(candidate), parts) for candidate in candidates}
        best = max(ranks.values(), default=None)
        exact = [
            candidate
            for candidate in candidates
            if ranks[candidate] == best and candidate.name == name.name
        ]
        return exact or [candidate for candidate in candidates if ranks[candidate] == best]


def without_coco_prefix(file_name: str) -> str:
    """``000000000785.jpg`` of ``COCO_val2014_000000000785.jpg``; other names as they are."""
    return _COCO_PREFIX.sub("", file_name, count=1) if _COCO_PREFIX.match(file_name) else file_name


def folded(text: str) -> str:
    """A name without regard to capitals and to how accents are composed (NFC, NFD)."""
    return unicodedata.normalize("NFC", text).casefold()


def folded_parts(path: PurePosixPath) -> tuple[str, ...]:
    """The parts of a path, each folded."""
    return tuple(folded(part) for part in path.parts)


def _agreement(candidate: tuple[str, ...], requested: tuple[str, ...]) -> tuple[bool, int]:
    """Whether all folders of a candidate end the requested name, and how many of them agree."""
    folders, requested_folders = candidate[-2::-1], requested[-2::-1]
    agreeing = 0
    for one, other in zip(folders, requested_folders, strict=False):
        if one != other:
            break
        agreeing += 1
    return agreeing == len(folders), agreeing


def _pictures_under(folder: Path) -> Iterator[PurePosixPath]:
    def refuse(error: OSError) -> None:
        raise AnnotationError(f"cannot be listed ({error}).", path=folder) from error

    seen = 0
    for root, folders, files in os.walk(folder, onerror=refuse):
        folders.sort()
        below = PurePosixPath(Path(root).relative_to(folder).as_posix())
        for name in sorted(files):
            seen += 1
            if seen > MAX_FILES:
                return
            if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES:
                yield below / name
