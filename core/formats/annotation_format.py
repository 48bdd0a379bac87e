"""What a format of annotations is: how it is called, recognised and opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.picture_folders import PictureFolder
from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.formats.reader_results import AnnotationSource
from core.formats.source_looks import Recogniser
from core.progress import CancelToken

OF_JOINTS = frozenset(("joints",))
OF_DETECTORS = frozenset(("joints", "size_px", "min_score"))
OF_RESULTS = OF_DETECTORS | {"annotations", "ids_are_names", "min_person_score"}


class OpenAnnotations(Protocol):
    """Opens a source; ``images`` None means the pictures lie beside it."""

    def __call__(
        self,
        source: Path,
        images: Path | None,
        *,
        dataset: str,
        options: ReadOptions = NO_OPTIONS,
        cancel: CancelToken | None = None,
    ) -> AnnotationSource:
        """Raises ``AnnotationError`` when nothing of the source can be used."""


@dataclass(frozen=True, kw_only=True)
class AnnotationFormat:
    """A format: its name on the command line, its title in the window, what it expects.

    takes_folder: whether the source is usually a folder; else it is one file. recognise: whether a
    source is plainly of this format, by its content and never by its name alone. options: the names
    of the ``ReadOptions`` that mean something for it.
    """

    name: str
    title: str
    expects: str
    takes_folder: bool
    recognise: Recogniser
    open: OpenAnnotations
    options: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class AskedSource:
    """What is asked of a reader: as ``OpenAnnotations``."""

    path: Path
    images: Path | None
    dataset: str
    options: ReadOptions
    cancel: CancelToken | None

    def folder(self) -> PictureFolder:
        """The folder of the pictures: as given, else the source's own, or the source itself.

        Raises:
            AnnotationError: no such folder.
        """
        beside = self.path if self.path.is_dir() else self.path.parent
        return PictureFolder(self.images or beside, blank_pictures=self.options.blank_pictures)


def opened_by(read: Callable[[AskedSource], AnnotationSource], *, expected: str) -> OpenAnnotations:
    """A reader behind the door of ``core.files.foreign_files``.

    Args:
        read: opens a source; whatever goes wrong within is the file's fault.
        expected: what the source should be, for that message.
    """

    def open_source(
        source: Path,
        images: Path | None,
        *,
        dataset: str,
        options: ReadOptions = NO_OPTIONS,
        cancel: CancelToken | None = None,
    ) -> AnnotationSource:
        with foreign_file(source, AnnotationError, expected=expected):
            return read(
                AskedSource(
                    path=source, images=images, dataset=dataset, options=options, cancel=cancel
                )
            )

    return open_source
