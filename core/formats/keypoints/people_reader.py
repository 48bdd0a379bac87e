"""What readers of people have in common: entry after entry, and in each person after person.

A format says which people an entry holds and what one of them is; that pictures are there, joints
lie near them and boxes about their people is checked here, the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.keypoints.joint_layouts import LayoutCheck
from core.formats.keypoints.joint_orders import JointOrder
from core.formats.keypoints.person_boxes import HUGE_PX, check_near_picture, person_box
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import (
    BrokenEntryError,
    ReadProblem,
    ReadResult,
    SkippedEntry,
    foreign_entry,
)
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.types.arrays import FloatArray
from core.types.keypoint_sources import KeypointSource
from core.types.samples import GroundTruth, NewSample

Content = TypeVar("Content")


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadPerson:
    """A person as a file has them.

    joints_px: ``(K, 3)`` x, y in pixels of the picture, and confidence in 0..1, in the order.
    bbox_xywh: left, top, width, height; None: none. square: where the file says the crop's square
    itself, in place of both. joints_3d: (49, 4), as ``GroundTruth`` has them, where it states any.
    projected_px: (49, 3) x, y, 0, the joints of the person's own body, where there are no others.
    """

    picture: Path
    person_key: str
    order: JointOrder
    joints_px: NDArray[np.float64]
    bbox_xywh: NDArray[np.float64] | None = None
    square: Box | None = None
    joints_3d: FloatArray | None = None
    projected_px: FloatArray | None = None

    @property
    def keypoints_px(self) -> FloatArray:
        """(49, 3): the joints in the program's order, or the projected ones."""
        return self.order.placed(self.joints_px) if self.projected_px is None else self.projected_px


PersonOf = Callable[[ReadNotes], ReadPerson | SkippedEntry]
"""Reads one person; what it notes counts only where the person is used."""


@dataclass(frozen=True, eq=False)
class FileEntry(Generic[Content]):
    """An entry of a file. index: its position in the file's list; None: it is the whole file."""

    file: Path
    index: int | None
    content: Content


@dataclass(frozen=True, eq=False)
class PeopleReader:
    """Reads entries into samples of a data set; pictures lie in the folder."""

    folder: PictureFolder
    dataset: str
    notes: ReadNotes = field(default_factory=ReadNotes)
    layout: LayoutCheck = field(default_factory=LayoutCheck)
    _seen: set[tuple[Path, str]] = field(default_factory=set)

    def read(
        self,
        entries: Iterable[FileEntry[Content]],
        people_of: Callable[[FileEntry[Content]], Iterable[PersonOf]],
    ) -> Iterator[Sequence[ReadResult]]:
        """The results of each entry; a broken person stops none of the others."""
        for entry in entries:
            yield self._results_of(entry, people_of)
        self.notes.conclude(self.layout.notices())

    def _results_of(
        self,
        entry: FileEntry[Content],
        people_of: Callable[[FileEntry[Content]], Iterable[PersonOf]],
    ) -> Sequence[ReadResult]:
        results: list[ReadResult] = []
        try:
            with foreign_entry():
                for number, person_of in enumerate(people_of(entry)):
                    results.append(self._result_of(entry, number, person_of))
        except (BrokenEntryError, AnnotationError) as error:
            results.append(ReadProblem(entry.file, entry.index, str(error)))
        return results

    def _result_of(self, entry: FileEntry[Content], number: int, person_of: PersonOf) -> ReadResult:
        heard = ReadNotes()
        try:
            with foreign_entry():
                person = person_of(heard)
                result = person if isinstance(person, SkippedEntry) else self._sample(person, heard)
        except BrokenEntryError as error:
            index = number if entry.index is None else entry.index
            return ReadProblem(entry.file, index, str(error))
        self.notes.take(heard)
        return result

    def _sample(self, person: ReadPerson, notes: ReadNotes) -> NewSample:
        size_px = self.folder.size_px(person.picture)
        check_near_picture(person.joints_px, size_px)
        bbox = person.bbox_xywh if person.square is None else _sides_of(person.square)
        box = person_box(bbox, person.joints_px, size_px, notes)
        key = (person.picture, person.person_key)
        if key in self._seen:
            raise BrokenEntryError(
                f"found person {person.person_key} a second time for {person.picture.name}, "
                "expected each once"
            )
        self._seen.add(key)
        if person.projected_px is None:
            self.layout.add(person.order, person.joints_px)
        square = person.square or box
        return NewSample(
            picture_path=person.picture,
            picture_size_px=size_px,
            dataset=self.dataset,
            person_key=person.person_key,
            box_center_px=np.array([square.center_x_px, square.center_y_px], dtype=np.float32),
            box_scale=square.side_px / BOX_SCALE_PX,
            keypoints_px=person.keypoints_px,
            ground_truth=GroundTruth(joints_3d=person.joints_3d),
            keypoint_source=KeypointSource.IMPORTED
            if person.projected_px is None
            else KeypointSource.PROJECTED,
        )


def _sides_of(square: Box) -> NDArray[np.float64]:
    """Left, top, width, height, to be checked as any box."""
    side = square.side_px
    sides = [square.center_x_px - side / 2, square.center_y_px - side / 2, side, side]
    return np.clip(sides, -HUGE_PX, HUGE_PX)
