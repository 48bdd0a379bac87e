"""Names of the files of an export: telling, allowed everywhere, and each given once."""

from __future__ import annotations

import re
from pathlib import Path

from core.types.samples import Sample

_NOT_ALLOWED = re.compile(r"[^\w.\-]+")
_MOST_BYTES = 120
"""File systems take 255, and the program's name for what is unfinished needs some of them."""


class FileNames:
    """Hands out names; one that was given, in capitals or not, gets a number."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of_person(self, sample: Sample) -> str:
        """The picture's name and the person's key, without a suffix."""
        return self._new(f"{sample.picture_path.stem}_{sample.person_key}")

    def of_picture(self, picture: Path) -> str:
        """The picture's name without its suffix."""
        return self._new(picture.stem)

    def of_track(self, first: Sample) -> str:
        """The name of the first picture of a person who was followed."""
        return self._new(f"{first.picture_path.stem}_{first.person_key}_onwards")

    def _new(self, wanted: str) -> str:
        base = _NOT_ALLOWED.sub("_", wanted).strip("._") or "body"
        base = base.encode()[:_MOST_BYTES].decode(errors="ignore")
        name, number = base, 2
        while name.casefold() in self._given:
            name, number = f"{base}_{number}", number + 1
        self._given.add(name.casefold())
        return name
