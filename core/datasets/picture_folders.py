"""Where the pictures of an annotation are: inside the folder that was given, never outside it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.datasets.annotations import BrokenEntryError, shown
from core.datasets.pictures import PICTURE_SUFFIXES, picture_size
from core.errors import AnnotationError, PictureError

_MAX_NAME_LENGTH = 1024


class PictureFolder:
    """A folder of pictures; sizes are read once, however many people a picture has."""

    def __init__(self, folder: Path) -> None:
        """Raises ``AnnotationError`` when there is no such folder."""
        if not folder.is_dir():
            raise AnnotationError(
                "no such folder, expected the folder of the pictures.",
                path=folder,
                remedy="Give the folder that the annotation's file names start from.",
            )
        self.folder = folder.resolve()
        self._sizes: dict[Path, tuple[int, int] | str] = {}

    def picture_named(self, file_name: str) -> Path:
        """The path of a picture that an annotation names, kept inside the folder.

        The name decides, not where it leads: a link the user put into the folder is followed.

        Raises:
            BrokenEntryError: an absolute name, one with ``..``, or one that is no name.
        """
        windows, posix = PureWindowsPath(file_name), PurePosixPath(file_name)
        outside = posix.is_absolute() or windows.is_absolute() or windows.drive or windows.root
        if outside or not _is_usable_name(file_name) or ".." in windows.parts:
            raise BrokenEntryError(
                f"file_name: found {shown(file_name)}, expected a name inside the pictures' folder"
            )
        return self.folder / posix

    def size_px(self, picture: Path) -> tuple[int, int]:
        """Upright width and height; raises ``BrokenEntryError`` when the picture is unusable."""
        if picture not in self._sizes:
            try:
                str(picture).encode()
                self._sizes[picture] = picture_size(picture)
            except UnicodeEncodeError:
                self._sizes[picture] = "its path is no text (UTF-8), so it cannot be stored"
            except PictureError as error:
                self._sizes[picture] = str(error)
        size = self._sizes[picture]
        if isinstance(size, str):
            raise BrokenEntryError(f"picture: {size}")
        return size

    def with_stem(self, stem: str) -> Path | None:
        """The picture ``stem.jpg``, ``stem.png``, …, or None; the first of several by suffix."""
        return self._by_stem.get(stem)

    @cached_property
    def _by_stem(self) -> Mapping[str, Path]:
        found: dict[str, Path] = {}
        try:
            listing = sorted(self.folder.iterdir(), key=_suffix_rank, reverse=True)
        except OSError as error:
            raise AnnotationError(f"cannot be listed ({error}).", path=self.folder) from error
        for path in listing:
            if path.suffix.lower() in PICTURE_SUFFIXES:
                found[path.stem] = path
        return found


def _is_usable_name(file_name: str) -> bool:
    """Control characters and halves of surrogate pairs name no file and spoil every terminal."""
    categories = {unicodedata.category(character) for character in file_name}
    is_name = bool(PureWindowsPath(file_name).parts) and len(file_name) <= _MAX_NAME_LENGTH
    return is_name and not categories & {"Cc", "Cs"}


def _suffix_rank(path: Path) -> tuple[int, str]:
    suffix = path.suffix.lower()
    is_picture = suffix in PICTURE_SUFFIXES
    return PICTURE_SUFFIXES.index(suffix) if is_picture else len(PICTURE_SUFFIXES), path.name
