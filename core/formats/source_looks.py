"""A file or folder as far as it is looked at to tell what it is: little of it, and none believed.

Of a file that is its beginning and its end, of a folder those of its first files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LOOKED_AT_BYTES = 1 << 16
FILES_LOOKED_AT = 20


@dataclass(frozen=True)
class FileLook:
    """A file as far as it was looked at: its first and last bytes; ``name`` in lower case."""

    path: Path
    name: str
    head: bytes
    tail: bytes

    @property
    def text(self) -> bytes:
        """The beginning without a byte order mark and white space."""
        return self.head.removeprefix(b"\xef\xbb\xbf").lstrip()

    @property
    def is_json(self) -> bool:
        """Whether it begins as a list or an object of JSON."""
        return self.text[:1] in (b"{", b"[")

    def has(self, *keys: str) -> bool:
        """Whether all of these are keys of a JSON object near the beginning."""
        return all(_has_key(self.head, key) for key in keys)

    def has_anywhere(self, *keys: str) -> bool:
        """Whether all of these are keys of a JSON object near the beginning or the end."""
        return all(_has_key(self.head, key) or _has_key(self.tail, key) for key in keys)


def _has_key(content: bytes, key: str) -> bool:
    return re.search(rb'"%s"\s*:' % re.escape(key.encode()), content) is not None


@dataclass(frozen=True)
class SourceLook:
    """What an import is given: a file, or a folder with its first files."""

    path: Path

    @cached_property
    def is_folder(self) -> bool:
        """Whether it is a folder; False for what is not there."""
        try:
            return self.path.is_dir()
        except (OSError, ValueError):
            return False

    @cached_property
    def file(self) -> FileLook | None:
        """The file; None for folders and for what cannot be looked at."""
        return None if self.is_folder else look_at(self.path)

    @cached_property
    def listing(self) -> Sequence[Path]:
        """The files of a folder by name; those of folders in it left out."""
        return files_in(self.path) if self.is_folder else ()

    def files(self, suffix: str) -> Sequence[FileLook]:
        """The file itself, whatever its name; of a folder the first files with a suffix."""
        if not self.is_folder:
            return () if self.file is None else (self.file,)
        return self._looks_at(suffix)

    def _looks_at(self, suffix: str) -> Sequence[FileLook]:
        paths = [path for path in self.listing if path.suffix.lower() == suffix]
        looks = (look_at(path) for path in paths[:FILES_LOOKED_AT])
        return [look for look in looks if look is not None]


Recogniser = Callable[[SourceLook], bool]


def any_file(suffix: str, is_it: Callable[[FileLook], bool]) -> Recogniser:
    """Recognises a file by its content, or a folder by any of its first files with a suffix."""
    return lambda look: any(is_it(file) for file in look.files(suffix))


def one_file(is_it: Callable[[FileLook], bool]) -> Recogniser:
    """Recognises a file by its content, and no folder."""
    return lambda look: look.file is not None and is_it(look.file)


def look_at(file: Path) -> FileLook | None:
    """The beginning and the end of a file; None where it cannot be looked at."""
    try:
        if not file.is_file():
            return None
        with file.open("rb") as stream:
            head = stream.read(LOOKED_AT_BYTES)
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - LOOKED_AT_BYTES))
            tail = stream.read(LOOKED_AT_BYTES)
    except (OSError, ValueError):
        return None
    return FileLook(file, file.name.lower(), head, tail)


def files_in(folder: Path) -> Sequence[Path]:
    """The files of a folder by name; none where it cannot be listed."""
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return ()
