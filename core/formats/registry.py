"""The formats of annotations that can be imported, in one list for command line and window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.keypoints.coco_keypoints import open_coco_keypoints
from core.formats.keypoints.openpose import open_openpose
from core.formats.known_files import KnownFile, recognise
from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.formats.reader_results import AnnotationSource
from core.progress import CancelToken

_DETECTOR_OPTIONS = frozenset(("joints", "size_px", "min_score"))
_SNIFFED_BYTES = 1 << 16
_SNIFFED_FILES = 20
_OPENPOSE_KEY = re.compile(rb'"people"\s*:')
_COCO_KEY = re.compile(rb'"(images|annotations|categories|image_id)"\s*:')


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


@dataclass(frozen=True)
class AnnotationFormat:
    """A format: its name on the command line, its title in the window, what it expects."""

    name: str
    title: str
    expects: str
    takes_folder: bool
    """Whether the source is usually a folder; else it is one file."""
    open: OpenAnnotations
    options: frozenset[str]
    """The names of the ``ReadOptions`` that mean something for it."""


FORMATS: Mapping[str, AnnotationFormat] = MappingProxyType(
    {
        annotation_format.name: annotation_format
        for annotation_format in (
            AnnotationFormat(
                "coco",
                "COCO keypoints",
                "a JSON file with images and annotations of 17 joints, or a list of results",
                takes_folder=False,
                open=open_coco_keypoints,
                options=_DETECTOR_OPTIONS | {"annotations", "ids_are_names", "min_person_score"},
            ),
            AnnotationFormat(
                "openpose",
                "OpenPose",
                "a folder of JSON files, one a picture: BODY_25 or COCO with 18 joints",
                takes_folder=True,
                open=open_openpose,
                options=_DETECTOR_OPTIONS,
            ),
        )
    }
)


def open_format(
    one_format: AnnotationFormat,
    source: Path,
    images: Path | None,
    *,
    dataset: str,
    options: ReadOptions = NO_OPTIONS,
    cancel: CancelToken | None = None,
) -> AnnotationSource:
    """Open a source in a format; what is plainly something else is named with what to do.

    Raises:
        AnnotationError: nothing of the source can be used.
        Cancelled: the user asked to stop while it was parsed.
        StudioError: an option that cannot be followed.
    """
    with foreign_file(source, AnnotationError, expected=one_format.title):
        recognised = recognise_source(source)
    if recognised is not None:
        raise AnnotationError(f"this is {recognised.what}.", path=source, remedy=recognised.remedy)
    try:
        return one_format.open(source, images, dataset=dataset, options=options, cancel=cancel)
    except AnnotationError as error:
        guessed = guess_format(source)
        if guessed is None or guessed == one_format.name:
            raise
        raise AnnotationError(
            f"this is {FORMATS[guessed].title}, not {one_format.title}.",
            path=source,
            remedy=f"Import it as {guessed}.",
        ) from error


def recognise_source(source: Path) -> KnownFile | None:
    """What a file or folder is where it cannot be imported as it is, and what to do; else None.

    Beside the files of other programs that is a folder of COCO's: its file is wanted.
    """
    return recognise(source) or (_folder_of_coco(source) if source.is_dir() else None)


def _folder_of_coco(folder: Path) -> KnownFile | None:
    """A folder whose few JSON files are COCO's or of no known kind, none of them OpenPose's."""
    files = sorted(folder.glob("*.json"))
    guesses = {file: _guess_file(file) for file in files[: _SNIFFED_FILES + 1]}
    found = next((file.name for file, guess in guesses.items() if guess == "coco"), None)
    if found is None or len(files) > _SNIFFED_FILES or "openpose" in guesses.values():
        return None
    return KnownFile(f"a folder whose {found} is COCO keypoints", f"Import {found} as coco.")


def options_for(one_format: AnnotationFormat, source: Path) -> frozenset[str]:
    """The options that mean something for a source; those of the format while it is not there."""
    if one_format.name == "coco" and source.is_file() and not _is_list(source):
        return one_format.options & {"joints"}
    return one_format.options


def _is_list(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(_SNIFFED_BYTES).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["
    except OSError:
        return False


def guess_format(source: Path) -> str | None:
    """The name of the format that a file or folder seems to have, or None; reads little of it."""
    if source.is_dir():
        for file in sorted(source.glob("*.json"))[:_SNIFFED_FILES]:
            if _guess_file(file) == "openpose":
                return "openpose"
        return None
    return _guess_file(source)


def _guess_file(file: Path) -> str | None:
    try:
        if not file.is_file():
            return None
        with file.open("rb") as stream:
            head = stream.read(_SNIFFED_BYTES)
    except (OSError, ValueError):
        return None
    if _OPENPOSE_KEY.search(head):
        return "openpose"
    return "coco" if _COCO_KEY.search(head) else None
