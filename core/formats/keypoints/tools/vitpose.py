"""easy_ViTPose's JSON: frames of people by number, each joint as y, x and score.

As its README describes the output (https://github.com/JunkyByte/easy_ViTPose, “OUTPUT json
format”). ViTPose itself writes COCO's lists of results (``coco``), and, within MMPose, MMPose's
predictions (``mmpose``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import (
    OF_DETECTORS,
    AnnotationFormat,
    AskedSource,
    opened_by,
)
from core.formats.json_files import as_object, load_json
from core.formats.keypoints.coco_images import list_of
from core.formats.keypoints.joint_fields import read_joints
from core.formats.keypoints.joint_orders import JointOrder, joint_order, order_of_names
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.tools.detected_people import DetectedPeople, order_of_joints
from core.formats.keypoints.tools.frame_pictures import FramePictures
from core.formats.keypoints.tools.labelled_people import FindPicture
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, SkippedEntry
from core.formats.source_looks import FileLook, one_file

_NAME_ENDS = ("_result", "")
"""What it puts behind the picture's name."""


def _read(asked: AskedSource) -> AnnotationSource:
    """No lists of frames and names: ``AnnotationError``."""
    document = load_json(asked.path, cancel=asked.cancel)
    if type(document) is not dict or type(document.get("skeleton")) is not dict:
        raise AnnotationError(
            "no skeleton with names, expected easy_ViTPose's output.", path=asked.path
        )
    frames = list_of(document, "keypoints", asked.path)
    named = _named_order(document["skeleton"])
    detections = DetectedPeople(PeopleReader(asked.folder(), asked.dataset), asked.options)
    pictures = FramePictures(detections.reader.folder, asked.path, ends=_NAME_ENDS)
    if len(frames) > 1:
        detections.reader.notes.notices += pictures.notices(range(len(frames)))

    def people_of(entry: FileEntry[Any]) -> Iterator[PersonOf]:
        frame = as_object(entry.content)
        number = entry.index if len(frames) > 1 else None
        for key in frame:
            yield partial(_person, detections, partial(pictures.picture_of, number), named,
                          frame, key=key)  # fmt: skip

    entries = (FileEntry(asked.path, index, frame) for index, frame in enumerate(frames))
    reader = detections.reader
    return AnnotationSource(len(frames), reader.read(entries, people_of), notes=reader.notes)


def _named_order(skeleton: Mapping[str, Any]) -> JointOrder | None:
    by_number = {int(key): name for key, name in skeleton.items() if key.isdecimal()}
    return order_of_names([by_number.get(number) for number in range(len(by_number))])


def _person(
    detections: DetectedPeople,
    picture_of: FindPicture,
    named: JointOrder | None,
    frame: Mapping[str, Any],
    notes: ReadNotes,
    *,
    key: str,
) -> ReadPerson | SkippedEntry:
    asked = detections.options.joints
    requested = named if asked is None else joint_order(asked)
    order = order_of_joints(frame, key, requested, notes)
    joints = _x_first(read_joints(frame, key, len(order), notes))
    return detections.person(picture_of, key[:80], order, joints, notes)


def _x_first(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    return joints[:, [1, 0, 2]]


def _is_vitpose(look: FileLook) -> bool:
    return look.text[:1] == b"{" and look.has("keypoints") and look.has_anywhere("skeleton", "0")


VITPOSE_FORMAT = AnnotationFormat(
    name="vitpose",
    title="ViTPose",
    expects="easy_ViTPose's JSON of a picture or of numbered frames",
    takes_folder=False,
    recognise=one_file(_is_vitpose),
    open=opened_by(_read, expected="easy_ViTPose's output"),
    options=OF_DETECTORS,
)
