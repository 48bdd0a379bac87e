"""AI Challenger's own annotations of people: a list with one object a picture.

Joints and flags are those of the challenge's description
(https://github.com/AIChallenger/AI_Challenger_2017): 1 visible, 2 not visible, 3 not in the picture
or not to be guessed. The file in COCO's form is read as ``coco``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.json_files import as_object, field_of, is_empty, load_json, numbers_of
from core.formats.keypoints.joint_fields import without_impossible
from core.formats.keypoints.joint_orders import JOINT_ORDERS
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.person_boxes import box_of_corners
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError, shown
from core.formats.source_looks import one_file

_ORDER = JOINT_ORDERS["aic"]
_JOINTS, _BOXES = "keypoint_annotations", "human_annotations"
_VISIBLE, _HIDDEN, _NOT_PLACED = 1, 2, 3


def _read(asked: AskedSource) -> AnnotationSource:
    """No list: ``AnnotationError``."""
    entries = load_json(asked.path, cancel=asked.cancel)
    if type(entries) is not list:
        raise AnnotationError(
            f"found {shown(entries)}, expected a list of pictures.",
            path=asked.path,
            remedy="Give keypoint_train_annotations_20170902.json or one like it.",
        )
    reader = PeopleReader(asked.folder(), asked.dataset)
    pictures = (FileEntry(asked.path, index, entry) for index, entry in enumerate(entries))
    people_of = partial(_people_of, reader.folder)
    return AnnotationSource(len(entries), reader.read(pictures, people_of), notes=reader.notes)


def _people_of(folder: PictureFolder, entry: FileEntry[Any]) -> Iterator[PersonOf]:
    picture = as_object(entry.content)
    name = field_of(picture, "image_id", str)
    joints = field_of(picture, _JOINTS, dict)
    boxes = {} if is_empty(picture, _BOXES) else field_of(picture, _BOXES, dict)

    def person(human: str, notes: ReadNotes) -> ReadPerson:
        return ReadPerson(
            picture=picture_of_name(folder, f"{name}.jpg", None, notes),
            person_key=human,
            order=_ORDER,
            joints_px=_joints_of(joints, human, notes),
            bbox_xywh=_box_of(boxes, human),
        )

    for human in joints:
        yield partial(person, human)


def _joints_of(joints: Mapping[str, Any], human: str, notes: ReadNotes) -> NDArray[np.float64]:
    numbers = numbers_of(joints, human, (3 * len(_ORDER),)).reshape(-1, 3)
    flags = numbers[:, 2]
    wrong = ~np.isin(flags, (_VISIBLE, _HIDDEN, _NOT_PLACED))
    if wrong.any():
        raise BrokenEntryError(f"{human}: found flag {flags[wrong][0]:g}, expected 1, 2 or 3")
    placed = np.column_stack([numbers[:, :2], flags != _NOT_PLACED])
    placed[flags == _NOT_PLACED] = 0
    return without_impossible(placed, human, notes)


def _box_of(boxes: Mapping[str, Any], human: str) -> NDArray[np.float64] | None:
    return None if is_empty(boxes, human) else box_of_corners(numbers_of(boxes, human, (4,)))


AIC_FORMAT = AnnotationFormat(
    name="aic",
    title="AI Challenger",
    expects="AI Challenger's list of pictures with keypoint_annotations",
    takes_folder=False,
    recognise=one_file(lambda look: look.is_json and look.has("image_id", _JOINTS)),
    open=opened_by(_read, expected="AI Challenger's annotations"),
    options=frozenset(),
)
