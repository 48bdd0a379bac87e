"""The formats of annotations that can be imported, in one list for command line and window."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from core.datasets.annotations import AnnotationSource
from core.datasets.coco_keypoints import open_coco_keypoints
from core.datasets.openpose import open_openpose
from core.datasets.read_options import NO_OPTIONS, ReadOptions

_DETECTOR_OPTIONS = frozenset(("joints", "size_px", "min_score"))
_SNIFFED_BYTES = 1 << 16
_SNIFFED_FILES = 20
_OPENPOSE_KEY = re.compile(rb'"people"\s*:')
_COCO_KEY = re.compile(rb'"(images|annotations|categories|image_id)"\s*:')


class OpenAnnotations(Protocol):
    """Opens a source; ``images`` None means the pictures lie beside it."""

    def __call__(
        self, source: Path, images: Path | None, *, dataset: str, options: ReadOptions = NO_OPTIONS
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
        one.name: one
        for one in (
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
