"""Finding pictures that moved: by the folder's new place, or by name, trailing path and size."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from core.errors import PictureError
from core.pictures.decoding import PICTURE_SUFFIXES, picture_size
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress


@dataclass(frozen=True)
class WantedPicture:
    """A picture to be found: the path it is known by, and its upright size where it is known."""

    path: Path
    size_px: tuple[int, int] | None


class Left(StrEnum):
    """Why a picture was not found."""

    MISSING = "not there"
    OTHER_SIZE = "a picture of another size is there"
    UNREADABLE = "it cannot be read there"
    SEVERAL = "several pictures would fit"


@dataclass(frozen=True)
class LeftPicture:
    """A picture that was not found: why, in a word and in detail.

    expected_path: where it would be, though no file is there; None where that is not known.
    """

    path: Path
    why: Left
    detail: str
    expected_path: Path | None = None


@dataclass(frozen=True)
class PictureSearch:
    """What was found: new paths by known paths; and what was not."""

    found: Mapping[Path, Path] = field(default_factory=dict)
    left: tuple[LeftPicture, ...] = ()

    def with_missing(self) -> PictureSearch:
        """The same, as if every picture were there of which no file was found."""
        found = {
            picture.path: picture.expected_path
            for picture in self.left
            if picture.expected_path is not None
        }
        left = tuple(picture for picture in self.left if picture.expected_path is None)
        return PictureSearch({**self.found, **found}, left)

    def folders(self) -> list[tuple[Path, Path, int]]:
        """From which folder to which, and how many pictures; most first."""
        counts: dict[tuple[Path, Path], int] = defaultdict(int)
        for old, new in self.found.items():
            counts[old.parent, new.parent] += 1
        rows = [(old, new, count) for (old, new), count in counts.items()]
        return sorted(rows, key=lambda row: (-row[2], row[0]))

    def counts(self) -> dict[Left, int]:
        """How many were left, by reason; only reasons that there are."""
        counts = {why: sum(picture.why is why for picture in self.left) for why in Left}
        return {why: count for why, count in counts.items() if count}


def search_by_folder(
    pictures: Iterable[WantedPicture],
    old: Path,
    new: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> PictureSearch:
    """Look for the pictures below ``old`` at the same places below ``new``.

    Pictures elsewhere are passed over. ``old`` need not exist any more; where it does, links on
    the way to it make no difference.
    """
    olds = {Path(os.path.normpath(old.absolute())), Path(os.path.realpath(old))}
    there = Path(os.path.realpath(new))
    moves = {
        picture: there / picture.path.relative_to(each_old)
        for picture in pictures
        for each_old in olds
        if each_old in picture.path.parents
    }
    collected = _CollectedPictures()
    meter = ProgressMeter("Looking for pictures", len(moves), progress)
    for picture, path in moves.items():
        if cancel is not None:
            cancel.raise_if_cancelled()
        collected.try_one(picture, path)
        meter.advance()
    return collected.result()


def search_by_name(
    pictures: Sequence[WantedPicture],
    folder: Path,
    *,
    in_use: Collection[Path] = (),
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> PictureSearch:
    """Look for pictures anywhere below a folder.

    A picture is the one of the same name and size whose path shares the most folders with its own,
    from the end. Where several fit equally well, or one file would be two of the pictures, nothing
    is guessed. Upper and lower case, and the ways to write an accent, do not matter.

    Args:
        pictures: the pictures.
        folder: where to look; links to folders in it are not followed.
        in_use: files that are other pictures of the project.
        progress: told of files listed, then of pictures looked for.
        cancel: asked before each folder and each picture.
    """
    by_name = _files_by_name(
        folder, {_spelled(item.path.name) for item in pictures}, progress, cancel
    )
    taken = {Path(os.path.realpath(path)) for path in in_use}
    collected = _CollectedPictures()
    meter = ProgressMeter("Looking for pictures", len(pictures), progress)
    for picture in pictures:
        if cancel is not None:
            cancel.raise_if_cancelled()
        files = by_name.get(_spelled(picture.path.name), [])
        collected.try_several(
            picture, [file for file in files if Path(os.path.realpath(file)) not in taken]
        )
        meter.advance()
    return collected.result()


class _CollectedPictures:
    """The pictures found so far, and those left with the reason."""

    def __init__(self) -> None:
        self._found: dict[Path, Path] = {}
        self._left: dict[Path, LeftPicture] = {}

    def try_one(self, picture: WantedPicture, file: Path) -> None:
        """Take a file for a picture if it is one of the same size."""
        why, detail = _difference(picture, file)
        if why is None:
            self._found[picture.path] = file
        else:
            expected_path = file if why is Left.MISSING else None
            self._left[picture.path] = LeftPicture(picture.path, why, detail, expected_path)

    def try_several(self, picture: WantedPicture, files: Sequence[Path]) -> None:
        """Take the file that fits best, if one does better than all others."""
        differences = {file: _difference(picture, file) for file in files}
        fitting = [file for file, (why, _detail) in differences.items() if why is None]
        if not fitting:
            nothing = (Left.MISSING, "no picture has its name")
            why, detail = next(iter(differences.values()), nothing)
            self._leave(picture.path, why or Left.MISSING, detail)
            return
        shared = {file: _shared_tail(picture.path, file) for file in fitting}
        best = [file for file in fitting if shared[file] == max(shared.values())]
        if len(best) > 1:
            listed = ", ".join(map(str, best[:3])) + (", …" if len(best) > 3 else "")
            self._leave(picture.path, Left.SEVERAL, listed)
        else:
            self._found[picture.path] = best[0]

    def result(self) -> PictureSearch:
        """All of it; a file that would be several pictures is none, or the one it fits best."""
        claims: dict[Path, list[Path]] = defaultdict(list)
        for path, file in self._found.items():
            claims[file].append(path)
        for file, paths in claims.items():
            self._settle(file, paths)
        return PictureSearch(self._found, tuple(self._left.values()))

    def _settle(self, file: Path, paths: Sequence[Path]) -> None:
        shared = {path: _shared_tail(path, file) for path in paths}
        best = [path for path in paths if shared[path] == max(shared.values())]
        for path in paths:
            if len(best) > 1:
                self._drop(path, Left.SEVERAL, f"{file} would be {len(best)} of the pictures")
            elif path not in best:
                self._drop(path, Left.MISSING, f"{file} is {best[0]} rather")

    def _drop(self, path: Path, why: Left, detail: str) -> None:
        del self._found[path]
        self._leave(path, why, detail)

    def _leave(self, path: Path, why: Left, detail: str) -> None:
        self._left[path] = LeftPicture(path, why, detail)


def _difference(picture: WantedPicture, file: Path) -> tuple[Left | None, str]:
    """Why a file cannot be the picture; None where it can."""
    if not os.path.isfile(file):  # noqa: PTH113 - answers "no" where one may not look
        return Left.MISSING, f"there is no {file}"
    try:
        str(file).encode()
    except UnicodeEncodeError:
        return Left.UNREADABLE, f"{file!r}: the path is no text (UTF-8), so it cannot be stored"
    try:
        width, height = picture_size(file)
    except PictureError as error:
        return Left.UNREADABLE, error.message
    if picture.size_px is None or (width, height) == tuple(picture.size_px):
        return None, ""
    expected = f"{picture.size_px[0]}×{picture.size_px[1]}"
    return Left.OTHER_SIZE, f"{file} has {width}×{height} px, expected {expected}"


def _files_by_name(
    folder: Path, names: set[str], progress: ProgressCallback, cancel: CancelToken | None
) -> dict[str, list[Path]]:
    """The pictures below a folder whose names are asked for."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in _pictures_below(folder, progress, cancel):
        name = _spelled(path.name)
        if name in names:
            found[name].append(path)
    return found


def _pictures_below(
    folder: Path, progress: ProgressCallback, cancel: CancelToken | None
) -> Iterator[Path]:
    meter = ProgressMeter("Listing pictures", 1, progress)
    for here, folders, files in os.walk(os.path.realpath(folder)):
        if cancel is not None:
            cancel.raise_if_cancelled()
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(PICTURE_SUFFIXES):
                yield Path(here) / name
    meter.advance()


def _shared_tail(first: Path, second: Path) -> tuple[int, int]:
    """How many last parts two paths share, however and exactly as they are spelled."""
    ends = list(zip(reversed(first.parts), reversed(second.parts), strict=False))
    alike = [_spelled(one) == _spelled(other) for one, other in ends]
    exact = [one == other for one, other in ends]
    return _run(alike), _run(exact)


def _run(flags: Sequence[bool]) -> int:
    return flags.index(False) if False in flags else len(flags)


def _spelled(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
