"""OCHuman's own annotations: pictures with their people, and the names of 19 joints.

The fields are those that its authors' program reads (https://github.com/liruilong940607/OCHumanApi):
boxes are corners, and a joint is missing (0), visible (1), hidden by its person (2) or by others
(3). The file in COCO's form is read as ``coco``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.json_files import (
    as_object,
    field_of,
    is_empty,
    load_json,
    numbers_of,
    unused_fields,
    whole_number_of,
)
from core.formats.keypoints.coco_images import list_of
from core.formats.keypoints.joint_fields import read_joints
from core.formats.keypoints.joint_orders import JointOrder, order_of_names
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.person_boxes import box_of_corners
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import (
    AnnotationSource,
    BrokenEntryError,
    SkippedEntry,
    shown,
)
from core.formats.source_looks import one_file

NO_JOINTS = "person without joints, with an outline only"

_NAMES, _FLAGS = "keypoint_names", "keypoint_visible"
_USED_FIELDS = frozenset(("bbox", "keypoints"))
_MOST_FLAG = 3


def _read(asked: AskedSource) -> AnnotationSource:
    """No object with names of joints and pictures: ``AnnotationError``."""
    document = load_json(asked.path, cancel=asked.cancel)
    names = document.get(_NAMES) if type(document) is dict else None
    order = order_of_names(names) if type(names) is list else None
    if order is None:
        raise AnnotationError(
            f"{_NAMES}: found {shown(names)}, expected names of a body's joints.",
            path=asked.path,
            remedy="Give ochuman.json.",
        )
    entries = list_of(document, "images", asked.path)
    reader = PeopleReader(asked.folder(), asked.dataset)
    pictures = (FileEntry(asked.path, index, entry) for index, entry in enumerate(entries))
    people_of = partial(_people_of, reader.folder, order)
    return AnnotationSource(len(entries), reader.read(pictures, people_of), notes=reader.notes)


def _people_of(
    folder: PictureFolder, order: JointOrder, entry: FileEntry[Any]
) -> Iterator[PersonOf]:
    image = as_object(entry.content)

    def person(number: int, content: Any, notes: ReadNotes) -> ReadPerson | SkippedEntry:
        annotation = as_object(content)
        if is_empty(annotation, "keypoints"):
            return SkippedEntry(NO_JOINTS)
        joints = _joints_of(annotation, order, notes)
        size_px = whole_number_of(image, "width"), whole_number_of(image, "height")
        name = field_of(image, "file_name", str)
        has_box = not is_empty(annotation, "bbox")
        notes.leave_unused(unused_fields(annotation, _USED_FIELDS))
        return ReadPerson(
            picture=picture_of_name(folder, name, size_px, notes),
            person_key=str(number),
            order=order,
            joints_px=joints,
            bbox_xywh=box_of_corners(numbers_of(annotation, "bbox", (4,))) if has_box else None,
        )

    for number, content in enumerate(field_of(image, "annotations", list)):
        yield partial(person, number, content)


def _joints_of(
    annotation: Mapping[str, Any], order: JointOrder, notes: ReadNotes
) -> NDArray[np.float64]:
    joints = read_joints(annotation, "keypoints", len(order), notes)
    wrong = ~np.isin(joints[:, 2], range(_MOST_FLAG + 1))
    if wrong.any():
        raise BrokenEntryError(f"keypoints: found flag {joints[wrong][0, 2]:g}, expected 0 to 3")
    return np.column_stack([joints[:, :2], joints[:, 2] > 0])


OCHUMAN_FORMAT = AnnotationFormat(
    name="ochuman",
    title="OCHuman",
    expects="ochuman.json, with pictures, their people and the names of joints",
    takes_folder=False,
    recognise=one_file(lambda look: look.is_json and look.has_anywhere(_NAMES, _FLAGS)),
    open=opened_by(_read, expected="OCHuman's annotations"),
    options=frozenset(),
)
