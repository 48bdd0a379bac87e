"""What every reader of annotations delivers, and how it says that an entry is broken.

A reader opens a source (a file or a folder) and raises ``AnnotationError`` when nothing of it can
be used. Otherwise it delivers entry after entry; an entry is a sequence of results: samples, what
was left out on purpose, and problems. A broken entry never stops the ones after it.
"""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import printable
from core.files.foreign_files import foreign_content, reason_of
from core.formats.read_notes import ReadNotes
from core.pictures.exif_lens import LensFacts
from core.types.cameras import PictureCamera
from core.types.samples import NewSample
from core.types.sources import SourceDocument, SourceEntry

MAX_REASON_LENGTH = 300
_MAX_SHOWN_LENGTH = 80


@dataclass(frozen=True)
class ReadProblem:
    """An entry that cannot be used: where it is, what was found and what was expected."""

    file: Path
    index: int | None
    """Position of the entry in its list, from 0; None when the whole file is meant."""
    reason: str
    source: SourceEntry | None = None
    """The entry as it stood in the file, where it can be written back."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", printable(self.reason))
        if len(self.reason) > MAX_REASON_LENGTH:
            object.__setattr__(self, "reason", self.reason[: MAX_REASON_LENGTH - 1] + "…")

    def __str__(self) -> str:
        file = printable(self.file)
        where = file if self.index is None else f"{file}, entry {self.index}"
        return f"{where}: {self.reason}"


@dataclass(frozen=True)
class SkippedEntry:
    """An entry left out on purpose; entries with the same reason are counted together."""

    reason: str
    source: SourceEntry | None = None


ReadResult = NewSample | SkippedEntry | ReadProblem
LensOf = Callable[[Path], LensFacts | None]


@dataclass(frozen=True)
class AnnotationSource:
    """An opened source: how many entries it has, and the entries, each read when asked for.

    document: what it holds beside its entries, where an export can write it back. notes: what the
    reader tells besides; complete when the last entry was read. lens_of: what EXIF tells of the
    lens of a picture that a sample is of, where the reader keeps it from reading the picture's
    size; no picture needs to be opened a second time then. camera_of: the camera that the source
    states itself of a picture, or None.
    """

    total: int
    entries: Iterator[Sequence[ReadResult]]
    document: SourceDocument | None = None
    notes: ReadNotes = field(default_factory=ReadNotes)
    lens_of: LensOf | None = None
    camera_of: Callable[[Path], PictureCamera | None] | None = None


class BrokenEntryError(ValueError):
    """Inside readers: this entry cannot be used; becomes a ``ReadProblem``."""


def foreign_entry() -> AbstractContextManager[None]:
    """Read one entry: whatever goes wrong within is a ``BrokenEntryError``, told by the entry."""
    return foreign_content(
        lambda error: BrokenEntryError(f"cannot be read ({reason_of(error)})"),
        passing=BrokenEntryError,
    )


def shown(value: Any) -> str:
    """A foreign value for a message: short, on one line, control characters escaped."""
    text = value if isinstance(value, str) else None
    shortened = repr(text[:_MAX_SHOWN_LENGTH]) if text is not None else reprlib.repr(value)
    return shortened[:_MAX_SHOWN_LENGTH] + ("…" if len(shortened) > _MAX_SHOWN_LENGTH else "")
