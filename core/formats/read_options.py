"""What a user may say about a source of annotations that the source does not say itself."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import StudioError

MIN_SCORE = 0.2
"""Joints that a detector believes in less are absent, unless the user says otherwise."""

_SIZE = re.compile(r"\s*(\d{1,6})\s*[x×X]\s*(\d{1,6})\s*")


def as_typed(names: Iterable[str]) -> str:
    """Fields of ``ReadOptions`` as the options of the command line: ``--min-score, --size``."""
    return ", ".join(f"--{name.removesuffix('_px').replace('_', '-')}" for name in sorted(names))


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What a user says about a source.

    joints: name of the order its joints have (``JOINT_ORDERS``); None: as the file says.
    annotations: for a list of results, the annotation file whose images its ids mean.
    ids_are_names: the numbers of a list of results are the names of its pictures.
    size_px: width and height that the joints' pixels belong to, where they are not the picture's.
    min_score: joints of a detector below it are absent. min_person_score: people below it are
    left out.
    blank_pictures: nothing that a user says, but for looking alone: a picture that is not there is
    taken for blank paper, so that who is in it can be drawn.
    """

    joints: str | None = None
    annotations: Path | None = None
    ids_are_names: bool = False
    size_px: tuple[int, int] | None = None
    min_score: float = MIN_SCORE
    min_person_score: float | None = None
    blank_pictures: bool = False

    def __post_init__(self) -> None:
        """Raises ``StudioError`` for a threshold that is no finite number."""
        for threshold in (self.min_score, self.min_person_score):
            if threshold is not None and not math.isfinite(threshold):
                raise StudioError(f"Found {threshold} as a threshold, expected a finite number.")

    def given(self) -> frozenset[str]:
        """The names of what a user says that differs from what it is by itself."""
        said = vars(self).keys() - {"blank_pictures"}
        return frozenset(name for name in said if getattr(self, name) != getattr(NO_OPTIONS, name))


NO_OPTIONS = ReadOptions()


def parsed_size(text: str) -> tuple[int, int]:
    """Width and height of ``640x480``.

    Raises:
        StudioError: another text, or a side of 0.
    """
    match = _SIZE.fullmatch(text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if 0 in size:
        raise StudioError(
            f"Found {text[:40]!r} as a size, expected width and height in pixels such as 1280x960."
        )
    return size
