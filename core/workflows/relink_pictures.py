"""Pictures of a project that moved are found again; nothing else of the project changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.samples.picture_moves import KnownPicture
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.pictures.picture_search import (
    PictureSearch,
    WantedPicture,
    search_by_folder,
    search_by_name,
)
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress

_GONE_SHOWN = 3


@dataclass(frozen=True)
class RelinkReport:
    """What came of naming pictures at a new place.

    moved, people: pictures that are named there now, and their samples. taken: pictures that the
    project has there already, with the same people. dry_run: nothing was written.
    """

    search: PictureSearch
    moved: int
    people: int
    taken: tuple[Path, ...] = ()
    dry_run: bool = False

    def summary(self) -> str:
        """The report in a few lines, without the list of what was left."""
        begin = "Would be found" if self.dry_run else "Found"
        lines = [f"{begin}: {pictures_and_people(self.moved, self.people)}"]
        lines += [f"{count} left: {why}" for why, count in self.search.counts().items()]
        if self.taken:
            lines.append(f"{len(self.taken)} left: the project has the same people there already")
        return "\n".join(lines)


@dataclass(frozen=True)
class LostPictures:
    """The pictures of a project that are not at their places, and the files that are."""

    lost: tuple[WantedPicture, ...]
    in_place: frozenset[Path]


def pictures_and_people(pictures: int, people: int) -> str:
    """``1 picture with 2 people``."""
    return (
        f"{pictures} {'picture' if pictures == 1 else 'pictures'} with "
        f"{people} {'person' if people == 1 else 'people'}"
    )


def relink(
    project: Path,
    old: Path,
    new: Path,
    *,
    dry_run: bool = False,
    even_missing: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> RelinkReport:
    """Name the pictures below one folder at the same places below another.

    Called with the folders exchanged, it is undone.

    Args:
        project: folder of the project.
        old: the folder they are named in; it need not exist any more.
        new: the folder they are in now.
        dry_run: look, and write nothing.
        even_missing: also those that are not there (yet), such as on a disk that is away.
        progress: told of each picture.
        cancel: asked before each picture; nothing is written then.

    Raises:
        StudioError: no picture of the project lies below ``old``.
        DictionaryError: the project cannot be read or written.
        Cancelled: the user asked to stop; nothing was written.
    """
    with Dictionary.open(project) as dictionary:
        pictures = dictionary.pictures.all()
        search = search_by_folder(
            _wanted_pictures(pictures), old, new, progress=progress, cancel=cancel
        )
        if even_missing:
            search = search.with_missing()
        if not search.found and not search.left:
            raise _nothing_below(old, pictures)
        return _write(dictionary, search, dry_run=dry_run)


def lost_pictures(
    pictures: Sequence[KnownPicture],
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> LostPictures:
    """Look which of a project's pictures are not where it names them."""
    meter = ProgressMeter("Looking for pictures", len(pictures), progress)
    in_place = set()
    for picture in pictures:
        if cancel is not None:
            cancel.raise_if_cancelled()
        if os.path.lexists(picture.path):
            in_place.add(picture.path)
        meter.advance()
    lost = [picture for picture in pictures if picture.path not in in_place]
    return LostPictures(tuple(_wanted_pictures(lost)), frozenset(in_place))


def search_folder(
    lost: LostPictures,
    folder: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> PictureSearch:
    """Look for the lost pictures anywhere below a folder; see ``search_by_name``."""
    return search_by_name(lost.lost, folder, in_use=lost.in_place, progress=progress, cancel=cancel)


def _write(dictionary: Dictionary, search: PictureSearch, *, dry_run: bool) -> RelinkReport:
    if dry_run:
        people = sum(
            picture.people for picture in dictionary.pictures.all() if picture.path in search.found
        )
        return RelinkReport(search, len(search.found), people, dry_run=True)
    done = dictionary.pictures.move(search.found)
    return RelinkReport(search, len(done.moved), len(done.sample_ids), done.taken)


def _wanted_pictures(pictures: Iterable[KnownPicture]) -> list[WantedPicture]:
    return [WantedPicture(picture.path, picture.size_px) for picture in pictures]


def _nothing_below(old: Path, pictures: Iterable[KnownPicture]) -> StudioError:
    folders = sorted({str(picture.path.parent) for picture in pictures})
    listed = ", ".join(folders[:_GONE_SHOWN]) + (", …" if len(folders) > _GONE_SHOWN else "")
    return StudioError(
        f"No picture of the project lies below {old.absolute()}.",
        remedy=f"Its pictures are in: {listed}." if folders else "The project has no pictures.",
    )
