"""Where the pictures of a source may lie that are not where it looks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from core.dictionary.store import Dictionary

_MOST_FOLDERS, _MOST_NAMES = 200, 20
"""Of a disk's root, whose folders are many, only the first are asked."""


def likely_images(source: Path, names: Iterable[Path]) -> Path | None:
    """The folder near a source in which pictures of these names lie, all of them, or None.

    Data sets put annotations and pictures side by side (``annotations/``, ``val2017/``): looked at
    are the source's folder, the one above, and the folders in both. Many data sets begin at
    ``000001.jpg``, so one name would say little.

    Args:
        source: the annotation file or folder.
        names: of its first pictures, with the folders that the source writes before them.
    """
    wanted = sorted(set(names))[:_MOST_NAMES]
    for folder in _near(source if source.is_dir() else source.parent):
        if wanted and all(_holds(folder, name) for name in wanted):
            return folder
    return None


def _holds(folder: Path, name: Path) -> bool:
    return (folder / name).is_file() or (folder / name.name).is_file()


def _near(folder: Path) -> Iterator[Path]:
    absolute = folder.absolute()
    for place in (absolute, absolute.parent):
        yield place
        try:
            inside = list(islice(place.iterdir(), _MOST_FOLDERS))
        except OSError:
            continue
        yield from sorted(path for path in inside if path.is_dir() and path.name[:1] != ".")


def picture_of_project(project: Path, name: Path) -> Path | None:
    """The one picture of a project that has this name and agrees with most of its folders.

    Raises:
        DictionaryError: the project cannot be read.
    """
    with Dictionary.open(project) as dictionary:
        paths = {Path(key.picture_path) for key in dictionary.samples.all_keys()}
    alike = [path for path in paths if path.name == name.name]
    best = max((_shared_end(path, name) for path in alike), default=0)
    found = [path for path in alike if _shared_end(path, name) == best]
    return found[0] if len(found) == 1 and found[0].is_file() else None


def _shared_end(first: Path, second: Path) -> int:
    """How many last parts two paths share."""
    pairs = zip(reversed(first.parts), reversed(second.parts), strict=False)
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count
