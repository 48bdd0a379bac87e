"""MMPose's predictions as its inferencer and its demos save them: one JSON file a picture or video.

A picture's file is a list of instances, a video's a list of ``frame_id`` and ``instances``; demos
put either under ``instance_info`` and name the joints in ``meta_info``
(https://github.com/open-mmlab/mmpose, mmpose/structures/utils.py, ``split_instances``, and
demo/topdown_demo_with_mmdet.py). Boxes are corners, most often in a list of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
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
from core.formats.json_files import as_object, is_empty, load_json, numbers_of, unused_fields
from core.formats.keypoints.joint_fields import FLAG_FIELDS, read_joints
from core.formats.keypoints.joint_orders import JointOrder, joint_order, order_of_names
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.person_boxes import box_of_corners
from core.formats.keypoints.tools.detected_people import DetectedPeople, order_of_joints
from core.formats.keypoints.tools.folders_of_files import files_of
from core.formats.keypoints.tools.frame_pictures import FramePictures
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import (
    AnnotationSource,
    BrokenEntryError,
    SkippedEntry,
)
from core.formats.source_looks import FileLook, any_file

NOT_MMPOSE = "not a file of MMPose's predictions"
LTWH = "boxes that are none as corners are taken for left, top, width, height"

_MAX_FILE_BYTES = 1 << 30
_NAME_STARTS = ("results_", "")
"""What demos put before the picture's name."""
_USED_FIELDS = frozenset(("keypoints", "bbox", "bbox_score", *FLAG_FIELDS))


def _read(asked: AskedSource) -> AnnotationSource:
    """No such file, or none of MMPose's: ``AnnotationError``."""
    files = files_of(asked.path, ".json", "MMPose's predictions")
    if asked.path.is_file() and _instances_in(load_json(asked.path, cancel=asked.cancel)) is None:
        raise AnnotationError(
            "no list of instances, expected MMPose's predictions.",
            path=asked.path,
            remedy="Give what MMPoseInferencer wrote into pred_out_dir.",
        )
    detections = DetectedPeople(PeopleReader(asked.folder(), asked.dataset), asked.options)
    reader = detections.reader
    entries = (FileEntry(file, None, file) for file in files)
    people_of = partial(_people_of, detections)
    return AnnotationSource(len(files), reader.read(entries, people_of), notes=reader.notes)


def _instances_in(document: Any) -> Sequence[Any] | None:
    """The list of instances or frames; None for other documents."""
    found = document.get("instance_info") if type(document) is dict else document
    if type(found) is not list:
        return None
    is_of_mmpose = all(
        type(each) is dict and ("keypoints" in each or "instances" in each) for each in found
    )
    return found if is_of_mmpose else None


def _people_of(detections: DetectedPeople, entry: FileEntry[Path]) -> Iterator[PersonOf]:
    document = load_json(entry.file, max_bytes=_MAX_FILE_BYTES)
    instances = _instances_in(document)
    if instances is None:
        yield lambda _notes: SkippedEntry(NOT_MMPOSE)
        return
    order = _named_order(document)
    pictures = FramePictures(detections.reader.folder, entry.file, starts=_NAME_STARTS)
    detections.reader.notes.notices += pictures.notices(_frames_of(instances))
    for frame, number, instance in _numbered(instances):
        picture_of = partial(pictures.picture_of, frame)
        yield partial(_person, detections, picture_of, order, f"{number}", instance=instance)


def _frames_of(instances: Sequence[Any]) -> Sequence[int]:
    numbers = [each.get("frame_id") for each in instances if "instances" in each]
    return [number for number in numbers if type(number) is int]


def _numbered(instances: Sequence[Any]) -> Iterator[tuple[int | None, int, Any]]:
    """Frame, place in it, and instance; the frame of a picture is None.

    Raises:
        BrokenEntryError: a frame without its number or its list.
    """
    for number, each in enumerate(instances):
        if "instances" not in each:
            yield None, number, each
            continue
        frame, inside = each.get("frame_id"), each["instances"]
        if type(frame) is not int or type(inside) is not list:
            raise BrokenEntryError("frame_id, instances: expected a whole number and a list")
        for place, instance in enumerate(inside):
            yield frame, place, instance


def _named_order(document: Any) -> JointOrder | None:
    """The order of the joints that ``meta_info`` names; None without names."""
    info = document.get("meta_info") if type(document) is dict else None
    names = info.get("keypoint_id2name") if type(info) is dict else None
    if type(names) is not dict:
        return None
    by_number = {int(key): name for key, name in names.items() if str(key).isdecimal()}
    return order_of_names([by_number.get(number) for number in range(len(by_number))])


def _person(
    detections: DetectedPeople,
    picture_of: Any,
    named: JointOrder | None,
    key: str,
    notes: ReadNotes,
    *,
    instance: Any,
) -> ReadPerson | SkippedEntry:
    content = as_object(instance)
    asked = detections.options.joints
    requested = named if asked is None else joint_order(asked)
    order = order_of_joints(content, "keypoints", requested, notes)
    joints = read_joints(content, "keypoints", len(order), notes)
    notes.leave_unused(unused_fields(content, _USED_FIELDS))
    return detections.person(
        picture_of, key, order, joints, notes, bbox_xywh=_box_of(content, notes)
    )


def _box_of(instance: Mapping[str, Any], notes: ReadNotes) -> NDArray[np.float64] | None:
    if is_empty(instance, "bbox"):
        return None
    nested = instance["bbox"]
    is_nested = type(nested) is list and len(nested) == 1 and type(nested[0]) is list
    corners = numbers_of({"bbox": nested[0] if is_nested else nested}, "bbox", (4,))
    if corners[2] <= corners[0] or corners[3] <= corners[1]:
        notes.assume(LTWH)
        return corners
    return box_of_corners(corners)


def _is_mmpose(look: FileLook) -> bool:
    if not look.is_json:
        return False
    if look.has("instance_info") or look.has_anywhere("frame_id", "instances"):
        return True
    return look.has("keypoints", "keypoint_scores") and not look.has("image_id")


MMPOSE_FORMAT = AnnotationFormat(
    name="mmpose",
    title="MMPose",
    expects="a folder of MMPose's predictions, one JSON file a picture or video, or one of them",
    takes_folder=True,
    recognise=any_file(".json", _is_mmpose),
    open=opened_by(_read, expected="MMPose's predictions"),
    options=OF_DETECTORS,
)
