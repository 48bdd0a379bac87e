"""The pictures that the entries of a detector's file mean: its own, or those with their numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.formats.keypoints.named_pictures import TURNED, picture_of_stem
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError

BY_NUMBER = "frames are the pictures with their numbers (12 is 000012.jpg or VIDEO_000012.jpg)"

_NUMBERED = re.compile(r"(.*?)([0-9]{1,18})", re.ASCII | re.DOTALL)


@dataclass(frozen=True, eq=False)
class FramePictures:
    """Finds pictures for a file.

    starts, ends: what a program puts before and behind the picture's name in that of its file.
    """

    folder: PictureFolder
    file: Path
    starts: Sequence[str] = ("",)
    ends: Sequence[str] = ("",)

    def picture_of(self, frame: int | None, notes: ReadNotes) -> Path:
        """The picture of a frame; None: that of the file.

        Raises:
            BrokenEntryError: none, or several.
        """
        picture = self._of_file if frame is None else self._of_frame(frame)
        self.folder.size_px(picture)  # a name that no picture has is told as such
        if frame is not None:
            notes.assume(BY_NUMBER)
        if self.folder.is_turned(picture):
            notes.assume(TURNED)
        return picture

    def notices(self, frames: Sequence[int]) -> Sequence[str]:
        """What looks wrong with the numbers of a file's frames: another first one than pictures."""
        if not frames or not self._by_number:
            return ()
        first, first_picture = min(frames), min(self._by_number)
        if {first, first_picture} != {0, 1}:
            return ()
        notice = (
            f"the frames of {self.file.name} are numbered from {first} and the pictures from "
            f"{first_picture}; the joints of one frame may lie on the picture of another. Number "
            "the pictures from the same frame."
        )
        return (notice,)

    @property
    def numbers(self) -> Collection[int]:
        """The frames that pictures of the folder have the numbers of."""
        return self._by_number.keys()

    @cached_property
    def _names(self) -> Sequence[str]:
        stem = self.file.stem
        return [
            stem.removeprefix(start).removesuffix(end)
            for start in self.starts
            for end in self.ends
            if stem.startswith(start) and stem.endswith(end)
        ]

    @cached_property
    def _of_file(self) -> Path:
        for name in self._names:
            picture = self.folder.with_stem(name)
            if picture is not None:
                return picture
        return picture_of_stem(self.folder, self._names[0])

    @cached_property
    def _by_number(self) -> Mapping[int, Sequence[tuple[str, Path]]]:
        """What stands before the number, and the picture."""
        found: dict[int, list[tuple[str, Path]]] = defaultdict(list)
        for stem in self.folder.stems:
            match = _NUMBERED.fullmatch(stem)
            picture = self.folder.with_stem(stem)
            if match and picture is not None:
                found[int(match[2])].append((match[1], picture))
        return found

    def _of_frame(self, frame: int) -> Path:
        found = self._by_number.get(frame, ())
        own = [each for each in found if any(each[0].startswith(name) for name in self._names)]
        chosen = own if len(found) > 1 and own else found
        if len(chosen) != 1:
            raise BrokenEntryError(
                f"frame {frame}: {len(chosen)} pictures with this number in {self.folder.folder}, "
                f"expected one, such as {self._names[0]}_{frame:06d}.jpg"
            )
        return chosen[0][1]
