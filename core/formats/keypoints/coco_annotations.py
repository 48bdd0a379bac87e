"""COCO keypoint annotations: people marked by hand, in pictures that the file lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.json_files import as_object, is_empty, unused_fields, whole_number_of
from core.formats.keypoints.box_layouts import BoxedJoints, boxes_are_corners, refuse_corners
from core.formats.keypoints.coco_categories import PersonCategories
from core.formats.keypoints.coco_entry_reader import NOT_A_PERSON, EntryReader
from core.formats.keypoints.coco_images import CocoImages, images_of, list_of
from core.formats.keypoints.coco_originals import KeptAnnotations
from core.formats.keypoints.joint_fields import FLAG_FIELDS, read_joints
from core.formats.keypoints.joint_orders import FEET, JointOrder
from core.formats.keypoints.person_boxes import bbox_in, check_near_picture, person_box
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.read_options import ReadOptions
from core.formats.reader_results import AnnotationSource, BrokenEntryError, SkippedEntry, shown
from core.types.samples import NewSample

CROWD = "crowd"
NO_KEYPOINTS_FIELD = "no keypoints field"
NOT_ANNOTATED = "joints with visibility -1, not annotated"

_ENTRIES_LOOKED_AT = 500
"""How many tell which layout the boxes of a file have."""
_USED_FIELDS = frozenset(
    (
        "id", "image_id", "category_id", "iscrowd", "keypoints", "num_keypoints", "bbox", "area",
        "segmentation", "spin_studio", "foot_kpts", "foot_valid", *FLAG_FIELDS,
    )
)  # fmt: skip


def open_annotations(
    source: Path,
    document: Mapping[str, Any],
    folder: PictureFolder,
    *,
    dataset: str,
    options: ReadOptions,
) -> AnnotationSource:
    """An annotation file, parsed.

    Raises:
        AnnotationError: no lists of images and annotations, joints of no body, or Label Studio's.
    """
    annotations = list_of(document, "annotations", source)
    notes = ReadNotes()
    if _is_of_label_studio(document):
        raise AnnotationError(
            "this is Label Studio's COCO export, which mixes the people of a picture into one "
            "annotation.",
            path=source,
            remedy="Export the project from Label Studio as JSON, and import that.",
        )
    reader = _AnnotationReader(source, folder, dataset, document, options=options, notes=notes)
    return AnnotationSource(
        len(annotations), reader.read(annotations), reader.kept.document, notes, folder.lens_of
    )


class _AnnotationReader(EntryReader):
    def __init__(
        self,
        file: Path,
        folder: PictureFolder,
        dataset: str,
        document: Mapping[str, Any],
        *,
        options: ReadOptions,
        notes: ReadNotes,
    ) -> None:
        super().__init__(file, folder, dataset, notes)
        self._categories = PersonCategories(document, file, options.joints, notes)
        self._images = CocoImages(images_of(document, file), folder)
        self.kept = KeptAnnotations(document, folder, dataset)
        self._boxes_are_corners = self._look_at_boxes(list_of(document, "annotations", file))
        self._seen: set[tuple[Path, str]] = set()

    def result_of(self, entry: Mapping[str, Any], notes: ReadNotes) -> NewSample | SkippedEntry:
        if not self._categories.is_person(entry):
            return SkippedEntry(NOT_A_PERSON)
        if _is_crowd(entry):
            return SkippedEntry(CROWD)
        if is_empty(entry, "keypoints"):
            return SkippedEntry(NO_KEYPOINTS_FIELD)
        person_key = str(whole_number_of(entry, "id"))
        order = self._categories.order_of(entry, notes)
        joints = _annotated(read_joints(entry, "keypoints", len(order), notes), notes)
        order, joints = _with_feet(entry, order, joints, notes)
        picture = self._images.picture_of(entry, notes)
        size_px = self.folder.size_px(picture)
        check_near_picture(joints, size_px)
        bbox = bbox_in(entry, "bbox")
        box = person_box(bbox, joints, size_px, notes)
        if self._boxes_are_corners and bbox is not None:
            refuse_corners(bbox)
        if (picture, person_key) in self._seen:
            raise BrokenEntryError(
                f"id: found {person_key} a second time for {picture.name}, expected it once"
            )
        self._seen.add((picture, person_key))
        notes.leave_unused(unused_fields(entry, _USED_FIELDS))
        return self.sample(picture, person_key, box, order, joints)

    def as_coco(self, entry: Any) -> Any:
        """An entry with its joints as COCO writes them; joints that are unreadable are left out."""
        if type(entry) is not dict or is_empty(entry, "keypoints"):
            return entry
        try:
            return self._categories.with_coco_joints(entry)
        except BrokenEntryError:
            return {name: value for name, value in entry.items() if name != "keypoints"}

    def _look_at_boxes(self, annotations: Sequence[Any]) -> bool:
        """Whether the file's boxes are corners; what is broken here is told when its turn comes."""
        seen = []
        for annotation in annotations[:_ENTRIES_LOOKED_AT]:
            with suppress(BrokenEntryError):
                boxed = self._boxed(as_object(annotation))
                if boxed is not None:
                    seen.append(boxed)
        return boxes_are_corners(seen)

    def _boxed(self, entry: Mapping[str, Any]) -> BoxedJoints | None:
        unheard = ReadNotes()
        bbox = bbox_in(entry, "bbox")
        if bbox is None or is_empty(entry, "keypoints") or not self._categories.is_person(entry):
            return None
        count = len(self._categories.order_of(entry, unheard))
        joints = read_joints(entry, "keypoints", count, unheard)
        size_px = self.folder.size_px(self._images.picture_of(entry, unheard))
        check_near_picture(joints, size_px)
        return BoxedJoints(bbox, joints, size_px)


def _is_of_label_studio(document: Mapping[str, Any]) -> bool:
    info = document.get("info")
    return type(info) is dict and info.get("contributor") == "Label Studio"


def _is_crowd(entry: Mapping[str, Any]) -> bool:
    """Null is what tables write for a field that is missing, which means no crowd."""
    value = entry.get("iscrowd")
    if value is None or (type(value) in (int, float, bool) and value in (0, 1)):
        return bool(value)
    raise BrokenEntryError(f"iscrowd: found {shown(value)}, expected 0 or 1")


def _with_feet(
    entry: Mapping[str, Any], order: JointOrder, joints: NDArray[np.float64], notes: ReadNotes
) -> tuple[JointOrder, NDArray[np.float64]]:
    """COCO-WholeBody keeps the six joints of the feet in a field of their own."""
    if is_empty(entry, "foot_kpts") or set(FEET) & set(order.joints):
        return order, joints
    feet = _annotated(read_joints(entry, "foot_kpts", len(FEET), notes), notes)
    return order.with_feet(), np.concatenate([joints, feet])


def _annotated(joints: NDArray[np.float64], notes: ReadNotes) -> NDArray[np.float64]:
    """``(K, 3)``: confidence 1 where the joint is labelled (visibility 1 or 2), else 0."""
    visibility = joints[:, 2]
    wrong = (visibility != np.floor(visibility)) | (np.abs(visibility - 0.5) > 1.5)
    if wrong.any():
        found = visibility[wrong][0]
        hint = "; a detector's scores belong in a list of results" if 0 < found < 1 else ""
        raise BrokenEntryError(f"keypoints: found visibility {found:g}, expected 0, 1 or 2{hint}")
    notes.drop(NOT_ANNOTATED, int((visibility < 0).sum()))
    annotated = joints.copy()
    annotated[:, 2] = visibility > 0
    return annotated
