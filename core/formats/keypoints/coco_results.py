"""COCO-style results: people that a detector found, with a score for each joint.

A list of results tells nothing of the pictures. Its numbers are looked up in the annotation file
that the user gives, else as COCO names its files (785 is 000000000785.jpg); any other guess would
put people into the wrong pictures, since many tools number pictures by their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.json_files import check_finite, is_empty, numbers_among, unused_fields
from core.formats.keypoints.coco_categories import PersonCategories
from core.formats.keypoints.coco_entry_reader import NOT_A_PERSON, EntryReader
from core.formats.keypoints.coco_originals import KeptResults
from core.formats.keypoints.joint_fields import FLAG_FIELDS, detected, read_joints, too_few_joints
from core.formats.keypoints.person_boxes import bbox_in, check_near_picture, person_box
from core.formats.keypoints.pixel_sizes import to_picture_pixels
from core.formats.keypoints.result_pictures import ResultPictures
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.read_options import ReadOptions
from core.formats.reader_results import AnnotationSource, SkippedEntry
from core.types.samples import NewSample

PERSON_IS_ZERO = "category 0, the only one of the list, is taken for people"

_FEWEST_JOINTS = 2
_BOX_FIELDS = ("bbox", "box")
_USED_FIELDS = frozenset(
    (
        "id", "image_id", "file_name", "category_id", "keypoints", "num_keypoints", "score", "area",
        *_BOX_FIELDS, *FLAG_FIELDS,
    )
)  # fmt: skip


def open_results(
    source: Path,
    entries: Sequence[Any],
    folder: PictureFolder,
    *,
    dataset: str,
    options: ReadOptions,
) -> AnnotationSource:
    """A list of results, parsed.

    Raises:
        AnnotationError: the annotation file that its ids mean cannot be used.
    """
    notes = ReadNotes()
    reader = _ResultReader(source, folder, dataset, entries, options=options, notes=notes)
    return AnnotationSource(
        len(entries), reader.read(entries), reader.kept.document, notes, folder.lens_of
    )


class _ResultReader(EntryReader):
    def __init__(
        self,
        file: Path,
        folder: PictureFolder,
        dataset: str,
        entries: Sequence[Any],
        *,
        options: ReadOptions,
        notes: ReadNotes,
    ) -> None:
        super().__init__(file, folder, dataset, notes)
        self._options = options
        self.kept = KeptResults(folder, dataset)
        self._pictures = ResultPictures(entries, folder, options)
        document = self._pictures.document or _categories_of(entries, notes)
        self._categories = PersonCategories(document, file, options.joints, notes)
        self._people_so_far: Counter[Path] = Counter()

    def result_of(self, entry: Mapping[str, Any], notes: ReadNotes) -> NewSample | SkippedEntry:
        if not self._categories.is_person(entry):
            return SkippedEntry(NOT_A_PERSON)
        picture = self._pictures.picture_of(entry, notes)
        person_key = f"result {self._people_so_far[picture]}"
        # Broken entries count, too: numbers stay when those are corrected.
        self._people_so_far[picture] += 1
        threshold = self._options.min_person_score
        if _is_hardly_believed(entry, threshold):
            return SkippedEntry(f"person with a score below {threshold:g}")
        order = self._categories.order_of(entry, notes)
        joints = detected(
            read_joints(entry, "keypoints", len(order), notes),
            self._options.min_score,
            notes,
        )
        if np.count_nonzero(joints[:, 2]) < _FEWEST_JOINTS:
            return SkippedEntry(too_few_joints(self._options.min_score))
        size_px = self.folder.size_px(picture)
        joints = to_picture_pixels(joints, self._options.size_px, size_px, notes)
        check_near_picture(joints, size_px)
        box = person_box(self._box_of(entry, size_px), joints, size_px, notes)
        notes.leave_unused(unused_fields(entry, _USED_FIELDS))
        return self.sample(picture, person_key, box, order, joints)

    def _box_of(
        self, entry: Mapping[str, Any], picture_size_px: tuple[int, int]
    ) -> NDArray[np.float64] | None:
        name = next(
            (box_field for box_field in _BOX_FIELDS if not is_empty(entry, box_field)), "bbox"
        )
        bbox = bbox_in(entry, name)
        if bbox is None or self._options.size_px is None:
            return bbox
        scale = np.array(picture_size_px, dtype=np.float64) / np.array(self._options.size_px)
        scaled: NDArray[np.float64] = bbox * np.tile(scale, 2)
        return scaled


def _is_hardly_believed(entry: Mapping[str, Any], min_score: float | None) -> bool:
    """Whether the detector's score for the person as a whole is below a threshold."""
    if min_score is None or is_empty(entry, "score"):
        return False
    score = numbers_among([entry["score"]], "score", (1,))
    check_finite(score, "score")
    return bool(score[0] < min_score)


def _categories_of(entries: Sequence[Any], notes: ReadNotes) -> Mapping[str, Any]:
    """People are COCO's 1; where nothing but 0 occurs, that is how YOLO counts its only class."""
    numbers = {
        entry.get("category_id", 1)
        for entry in entries
        if type(entry) is dict
        if type(entry.get("category_id", 1)) is int
    }
    if numbers != {0}:
        return {}
    notes.assume(PERSON_IS_ZERO)
    return {"categories": [{"id": 0, "name": "person"}]}
