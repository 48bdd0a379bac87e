"""What annotations and results have in common: one entry to one result, told where it is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.json_files import as_object
from core.formats.keypoints.coco_originals import KeptAnnotations, KeptResults
from core.formats.keypoints.joint_layouts import LayoutCheck
from core.formats.keypoints.joint_orders import JointOrder
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
from core.types.samples import NewSample

NOT_A_PERSON = "not a person"


class EntryReader:
    """Reads entry after entry; ``result_of`` says what one of them is.

    kept: what an export writes back.
    """

    kept: KeptAnnotations | KeptResults

    def __init__(self, file: Path, folder: PictureFolder, dataset: str, notes: ReadNotes) -> None:
        self.file, self.folder, self.dataset, self.notes = file, folder, dataset, notes
        self.layout = LayoutCheck()

    def read(self, entries: Sequence[Any]) -> Iterator[Sequence[ReadResult]]:
        """One result for each entry, with the entry as an export writes it back."""
        for index, entry in enumerate(entries):
            result: ReadResult
            heard = ReadNotes()
            try:
                with foreign_entry():
                    result = self.result_of(as_object(entry), heard)
                self.notes.take(heard)
            except BrokenEntryError as error:
                result = ReadProblem(self.file, index, str(error))
            source = self.kept.entry(index, self.as_coco(entry), result)
            yield (replace(result, source=source),)
        self.notes.conclude(self.layout.notices())

    def as_coco(self, entry: Any) -> Any:
        """An entry with its joints as COCO writes them."""
        return entry

    def result_of(self, entry: Mapping[str, Any], notes: ReadNotes) -> NewSample | SkippedEntry:
        """A person, or why it is none; ``notes`` counts only where the entry is used.

        Raises:
            BrokenEntryError: it cannot be used.
        """
        raise NotImplementedError

    def sample(
        self,
        picture: Path,
        person_key: str,
        box: Box,
        order: JointOrder,
        joints_px: NDArray[np.float64],
    ) -> NewSample:
        """A person with joints ``(K, 3)`` in an order of their own."""
        self.layout.add(order, joints_px)
        return NewSample(
            picture_path=picture,
            picture_size_px=self.folder.size_px(picture),
            dataset=self.dataset,
            person_key=person_key,
            box_center_px=np.array([box.center_x_px, box.center_y_px], dtype=np.float32),
            box_scale=box.side_px / BOX_SCALE_PX,
            keypoints_px=order.placed(joints_px),
        )
