"""Where the pictures of an annotation are: inside the folder that was given, never outside it."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath

from core.errors import AnnotationError, PictureError
from core.formats.reader_results import BrokenEntryError, shown
from core.pictures.decoding import PICTURE_SUFFIXES, picture_header
from core.pictures.exif_lens import LensFacts, lens_facts
from core.pictures.headers import UPRIGHT
from core.pictures.picture_index import PictureIndex, folded, without_coco_prefix

GUESSED_NAME = "pictures found without the folders, capitals or suffix of the names in the file"

PAPER_SIZE_PX = (4096, 4096)
"""Of blank paper for a picture that is not there and whose size no one says."""

_MAX_NAME_LENGTH = 1024
_NUMBER = re.compile(r"(?:COCO_\w+_)?([0-9]{1,18})", re.ASCII)
_URL = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]*/", re.IGNORECASE)


class PictureFolder:
    """A folder of pictures; sizes are read once, however many people a picture has."""

    def __init__(self, folder: Path, *, blank_pictures: bool = False) -> None:
        """Raises ``AnnotationError`` when there is no such folder.

        blank_pictures: as in ``ReadOptions``.
        """
        if not folder.is_dir():
            raise AnnotationError(
                "no such folder, expected the folder of the pictures.",
                path=folder,
                remedy="Give the folder that the annotation's file names start from.",
            )
        self.folder = folder.resolve()
        self._blank_pictures = blank_pictures
        self._sizes: dict[Path, tuple[int, int] | str] = {}
        self._lenses: dict[Path, LensFacts] = {}
        self._turned: dict[Path, bool] = {}
        self._names_of_found: dict[Path, str] = {}
        self._found: dict[str, Path] = {}
        self._expected: dict[str, set[str]] = defaultdict(set)

    def expect(self, file_names: Iterable[str]) -> None:
        """Tell all names that will be asked for, so that none is taken for another's picture."""
        for name in file_names:
            self._expected[_folded_base(name)].add(name)

    def picture_named(self, file_name: str) -> Path:
        """The path of a picture that an annotation names, always inside the folder.

        The name decides, not where it leads: a link the user put into the folder is followed. Where
        there is no such file, it is the one picture whose name differs only in its folders, its
        capitals, its accents or COCO's prefix, or that the name leaves the suffix of.

        Raises:
            BrokenEntryError: no name; no such picture where the name leads out of the folder;
                several pictures, or several names for the picture.
        """
        if file_name not in self._found:
            self._found[file_name] = self._find(file_name)
        return self._found[file_name]

    def is_guessed(self, file_name: str) -> bool:
        """Whether a name that was found is not quite the picture's own."""
        picture = self._found.get(file_name)
        return picture is not None and self._names_of_found.get(picture) == file_name

    def size_px(self, picture: Path, listed_px: tuple[int, int] | None = None) -> tuple[int, int]:
        """Upright width and height; blank paper has the size that a file lists for its picture.

        Raises:
            BrokenEntryError: the picture is unusable.
        """
        if picture not in self._sizes and self._blank_pictures and not picture.is_file():
            self._sizes[picture] = listed_px or PAPER_SIZE_PX
        if picture not in self._sizes:
            try:
                str(picture).encode()
                self._sizes[picture] = self._read_size(picture)
            except UnicodeEncodeError:
                self._sizes[picture] = "its path is no text (UTF-8), so it cannot be stored"
            except PictureError as error:
                self._sizes[picture] = str(error)
        size = self._sizes[picture]
        if isinstance(size, str):
            raise BrokenEntryError(f"picture: {size}")
        return size

    def lens_of(self, picture: Path) -> LensFacts | None:
        """What EXIF tells of the lens of a picture whose size was asked for; None for nothing."""
        return self._lenses.get(picture)

    def _read_size(self, picture: Path) -> tuple[int, int]:
        """Raises ``PictureError``. All of the header is kept, so that it is read once."""
        header = picture_header(picture)
        self._turned[picture] = header.orientation != UPRIGHT
        facts = lens_facts(header)
        if facts is not None:
            self._lenses[picture] = facts
        return header.upright_size_px

    def is_turned(self, picture: Path) -> bool:
        """Whether an EXIF tag turns a picture; False where it cannot be read."""
        if picture not in self._turned:
            with suppress(PictureError):
                self._read_size(picture)
        return self._turned.get(picture, False)

    def with_stem(self, stem: str) -> Path | None:
        """The picture ``stem.jpg``, ``stem.png``, …, or None; the first of several by suffix."""
        return self._by_stem.get(stem)

    def with_number(self, number: int) -> list[Path]:
        """The pictures whose name is a number, whatever zeros or ``COCO_val2014_`` lead it."""
        return self._by_number.get(number, [])

    @property
    def stems(self) -> Collection[str]:
        """The names, without suffix, of the folder's pictures; those of folders in it left out."""
        return self._by_stem.keys()

    def _find(self, file_name: str) -> Path:
        if not _is_usable_name(file_name):
            raise _outside(file_name)
        windows, posix = PureWindowsPath(file_name), PurePosixPath(file_name)
        leaves = posix.is_absolute() or windows.is_absolute() or windows.drive or windows.root
        leads_out = bool(leaves) or ".." in windows.parts or _URL.match(file_name) is not None
        if not leads_out and (self.folder / posix).is_file():
            return self.folder / posix
        alike = self._index.alike(_without_way_out(file_name))
        if len(alike) == 1:
            return self._guessed(file_name, self.folder / alike[0])
        if alike:
            listed = ", ".join(shown(str(path)) for path in alike[:3])
            raise BrokenEntryError(
                f"file_name: found {shown(file_name)}, but {len(alike)} pictures may be it: "
                f"{listed}"
            )
        if leads_out and self._blank_pictures:
            return self.folder / _without_way_out(file_name).name
        if leads_out:
            raise _outside(file_name)
        return self.folder / posix  # its size is asked for next, which says that it is missing

    def _guessed(self, file_name: str, picture: Path) -> Path:
        first = self._names_of_found.setdefault(picture, file_name)
        candidates = {first, *self._expected.get(_folded_base(file_name), ())} - {file_name}
        if candidates:
            raise BrokenEntryError(
                f"file_name: found {shown(file_name)}, but {picture.name} may be the picture of "
                f"{shown(min(candidates))}, too"
            )
        return picture

    @cached_property
    def _index(self) -> PictureIndex:
        return PictureIndex(self.folder)

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

    @cached_property
    def _by_number(self) -> Mapping[int, list[Path]]:
        found: dict[int, list[Path]] = defaultdict(list)
        for stem, path in self._by_stem.items():
            match = _NUMBER.fullmatch(stem)
            if match:
                found[int(match[1])].append(path)
        return found


def _without_way_out(file_name: str) -> PurePosixPath:
    """What of a name may lie inside a folder: no drive, no server, nothing before a ``..``."""
    path = PurePosixPath(_URL.sub("", file_name).replace("\\", "/"))
    parts = [part for part in path.parts if part not in ("/", "//") and not part.endswith(":")]
    while ".." in parts:
        parts = parts[parts.index("..") + 1 :]
    return PurePosixPath(*parts)


def _folded_base(file_name: str) -> str:
    return folded(without_coco_prefix(_without_way_out(file_name).name))


def _outside(file_name: str) -> BrokenEntryError:
    return BrokenEntryError(
        f"file_name: found {shown(file_name)}, expected a name inside the pictures' folder"
    )


def _is_usable_name(file_name: str) -> bool:
    """Control characters and halves of surrogate pairs name no file and spoil every terminal."""
    categories = {unicodedata.category(character) for character in file_name}
    is_name = bool(PureWindowsPath(file_name).parts) and len(file_name) <= _MAX_NAME_LENGTH
    return is_name and not categories & {"Cc", "Cs"}


def _suffix_rank(path: Path) -> tuple[int, str]:
    suffix = path.suffix.lower()
    is_picture = suffix in PICTURE_SUFFIXES
    return PICTURE_SUFFIXES.index(suffix) if is_picture else len(PICTURE_SUFFIXES), path.name
