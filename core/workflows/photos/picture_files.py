"""Which pictures and videos there are to look at, in what a person named or dropped."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.dictionary.storage.folder_names import DATABASE_FILE
from core.errors import PictureError
from core.formats.bodies.readers import smplify_x
from core.formats.registry import guess_format
from core.pictures.decoding import PICTURE_SUFFIXES
from core.pictures.videos import VIDEO_SUFFIXES
from core.progress import CancelToken

PHOTOS, VIDEO = "photos", "video"
_OF_ANNOTATIONS = frozenset((".json", ".xml", ".csv", ".npz", ".pkl", ".mat", ".h5"))


@dataclass(frozen=True)
class PlainFiles:
    """Pictures and videos, each once, in the order of their names."""

    pictures: list[Path] = field(default_factory=list)
    videos: list[Path] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.pictures or self.videos)


def plain_files(sources: Iterable[Path], *, cancel: CancelToken | None = None) -> PlainFiles:
    """The pictures and videos of files and folders; folders inside them are looked into, too.

    Hidden files and projects of this program are passed over.

    Raises:
        PictureError: a source does not exist, or is neither.
        Cancelled: between two folders, where ``cancel`` asked for it.
    """
    found = PlainFiles()
    seen: set[Path] = set()
    for source in sources:
        named = [source] if source.is_file() else list(_files_in(source, cancel))
        if source.is_file() and not is_plain_name(source):
            raise PictureError(
                "is neither a picture nor a video.",
                path=source,
                remedy="Give pictures (JPEG, PNG, WebP, BMP, HEIC), a folder of them, or a video.",
            )
        for path in named:
            if path not in seen:
                seen.add(path)
                (found.videos if _is_video(path) else found.pictures).append(path)
    return found


def guess_plain(source: Path) -> str | None:
    """``photos`` or ``video`` for plain pictures without annotations and for videos, else None."""
    if source.is_file():
        return VIDEO if _is_video(source) else PHOTOS if _is_picture(source) else None
    if not source.is_dir() or guess_format(source):
        return None
    is_annotated = any(path.suffix.lower() in _OF_ANNOTATIONS for path in source.iterdir())
    if is_annotated or not _has_picture(source) or smplify_x.recognises_folder(source):
        return None
    return PHOTOS


def _has_picture(folder: Path) -> bool:
    return any(_is_picture(path) for path in _files_in(folder))


def _files_in(folder: Path, cancel: CancelToken | None = None) -> Iterator[Path]:
    if not folder.is_dir():
        raise PictureError("no such file or folder.", path=folder)
    for place, folders, names in os.walk(folder):
        if cancel is not None:
            cancel.raise_if_cancelled()
        here = Path(place)
        if DATABASE_FILE in names:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if is_plain_name(here / name) and not name.startswith("."):
                yield (here / name).absolute()


def is_plain_name(path: Path) -> bool:
    """Whether a file is called like a picture or a video."""
    return _is_picture(path) or _is_video(path)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURE_SUFFIXES


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES
