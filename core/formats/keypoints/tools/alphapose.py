"""AlphaPose's results: a list with the names of pictures, or CMU's and OpenPose's form of it.

What its ``write_json`` writes (https://github.com/MVIG-SJTU/AlphaPose,
alphapose/utils/pPose_nms.py): by default a list of people with COCO's 17, Halpe's 26 or 136 joints
whose ``image_id`` is the picture's name; with ``--format cmu`` or ``open`` pictures by name, each
with ``bodies`` or ``people`` of OpenPose's 18 joints, in one file or in one file a picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import AnnotationError
from core.formats.annotation_format import (
    OF_RESULTS,
    AnnotationFormat,
    AskedSource,
    opened_by,
)
from core.formats.json_files import as_object, is_empty, load_json
from core.formats.keypoints.coco_results import open_results
from core.formats.keypoints.joint_fields import read_joints
from core.formats.keypoints.joint_orders import COCO_18, joint_order
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.tools.detected_people import DetectedPeople, order_of_joints
from core.formats.keypoints.tools.folders_of_files import files_of
from core.formats.keypoints.tools.frame_pictures import FramePictures
from core.formats.keypoints.tools.labelled_people import FindPicture
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError, SkippedEntry, shown
from core.formats.source_looks import FileLook, SourceLook

NOT_ALPHAPOSE = "not a file of AlphaPose"

_BODIES: Mapping[str, str] = {"bodies": "joints", "people": "pose_keypoints_2d"}
"""Lists of people, and the field of their joints, in CMU's and in OpenPose's form."""


def _read(asked: AskedSource) -> AnnotationSource:
    """None of AlphaPose's files: ``AnnotationError``."""
    files = files_of(asked.path, ".json", "AlphaPose's results")
    document = load_json(files[0], cancel=asked.cancel) if asked.path.is_file() else None
    if type(document) is list:
        return open_results(
            asked.path, document, asked.folder(), dataset=asked.dataset, options=asked.options
        )
    detections = DetectedPeople(PeopleReader(asked.folder(), asked.dataset), asked.options)
    if document is not None and not _list_of_people(document):
        return _read_pictures(asked.path, document, detections)
    reader = detections.reader
    entries = (FileEntry(file, None, file) for file in files)
    people_of = partial(_people_of_file, detections)
    return AnnotationSource(len(files), reader.read(entries, people_of), notes=reader.notes)


def _list_of_people(document: Any) -> str | None:
    """Which list of people a picture has; None where it has none."""
    if type(document) is not dict:
        return None
    return next((name for name in _BODIES if type(document.get(name)) is list), None)


def _read_pictures(source: Path, document: Any, detections: DetectedPeople) -> AnnotationSource:
    if type(document) is not dict or not any(map(_list_of_people, document.values())):
        raise AnnotationError(
            f"found {shown(document)}, expected pictures by name.",
            path=source,
            remedy="Give AlphaPose's alphapose-results.json.",
        )
    reader = detections.reader
    reader.folder.expect(document)

    def people_of(entry: FileEntry[str]) -> Iterable[PersonOf]:
        picture_of = partial(picture_of_name, reader.folder, entry.content, None)
        return _people_in(detections, as_object(document[entry.content]), picture_of)

    entries = (FileEntry(source, index, name) for index, name in enumerate(document))
    return AnnotationSource(len(document), reader.read(entries, people_of), notes=reader.notes)


def _people_of_file(detections: DetectedPeople, entry: FileEntry[Path]) -> Iterator[PersonOf]:
    document = load_json(entry.file)
    if _list_of_people(document) is None:
        yield lambda _notes: SkippedEntry(NOT_ALPHAPOSE)
        return
    pictures = FramePictures(detections.reader.folder, entry.file)
    yield from _people_in(detections, document, partial(pictures.picture_of, None))


def _people_in(
    detections: DetectedPeople, picture: Mapping[str, Any], picture_of: FindPicture
) -> Iterator[PersonOf]:
    name = _list_of_people(picture)
    if name is None:
        raise BrokenEntryError(f"found {shown(picture)}, expected bodies or people")
    for number, person in enumerate(picture[name]):
        yield partial(_person, detections, picture_of, _BODIES[name], person, number=number)


def _person(
    detections: DetectedPeople,
    picture_of: FindPicture,
    joints_field: str,
    content: Any,
    notes: ReadNotes,
    *,
    number: int,
) -> ReadPerson | SkippedEntry:
    person = as_object(content)
    if is_empty(person, joints_field):
        raise BrokenEntryError(f"{joints_field}: missing, expected numbers")
    asked = detections.options.joints
    requested = COCO_18 if asked is None else joint_order(asked)
    order = order_of_joints(person, joints_field, requested, notes)
    joints = read_joints(person, joints_field, len(order), notes)
    return detections.person(picture_of, f"result {number}", order, joints, notes)


def _recognise(look: SourceLook) -> bool:
    return any(_is_alphapose(file) for file in look.files(".json"))


def _is_alphapose(look: FileLook) -> bool:
    if look.text[:1] == b"[":
        has_named_pictures = look.has("image_id", "keypoints", "score", "idx")
        return has_named_pictures or look.has("image_id", "keypoints", "score", "box")
    return look.is_json and (look.has("bodies", "joints") or b'"AlphaPose' in look.head)


ALPHAPOSE_FORMAT = AnnotationFormat(
    name="alphapose",
    title="AlphaPose",
    expects="alphapose-results.json in any of its forms, or the folder sep-json",
    takes_folder=False,
    recognise=_recognise,
    open=opened_by(_read, expected="AlphaPose's results"),
    options=OF_RESULTS,
)
