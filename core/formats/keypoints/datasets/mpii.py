"""MPII Human Pose: the release's MATLAB file, or the list of people that HRNet made of it.

Its coordinates count pixels from 1, as MATLAB does, and its crops are 1.25 × the person's height,
15/200 of it farther down than their middle: both as in HRNet's loader
(https://github.com/leoxiaobin/deep-high-resolution-net.pytorch, lib/dataset/mpii.py). The joints
are those of http://human-pose.mpi-inf.mpg.de.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.files.matlab_files import MatlabValue, is_matlab
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.json_files import (
    as_object,
    check_finite,
    field_of,
    is_empty,
    load_json,
    numbers_among,
    numbers_of,
    unused_fields,
)
from core.formats.keypoints.datasets.matlab_variables import has_variable, open_matlab
from core.formats.keypoints.joint_orders import JOINT_ORDERS
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import (
    AnnotationSource,
    BrokenEntryError,
    SkippedEntry,
    shown,
)
from core.formats.source_looks import SourceLook
from core.geometry.boxes import BOX_SCALE_PX, Box

NO_JOINTS = "person without joints, as in MPII's test pictures"

_ORDER = JOINT_ORDERS["mpii"]
_FIRST_PIXEL = 1.0
_BOX_MARGIN, _BOX_DOWN_PX = 1.25, 15.0
_USED_FIELDS = frozenset(("image", "joints", "joints_vis", "center", "scale"))
_RELEASE = "RELEASE"


def _read(asked: AskedSource) -> AnnotationSource:
    """Neither the release's MATLAB file nor a list of people: ``AnnotationError``."""
    reader = PeopleReader(asked.folder(), asked.dataset)
    with asked.path.open("rb") as stream:
        is_release = stream.read(6) == b"MATLAB"
    return _read_release(asked.path, reader) if is_release else _read_list(asked, reader)


def _read_release(source: Path, reader: PeopleReader) -> AnnotationSource:
    annotations = _annolist(source)
    pictures = (FileEntry(source, index, index) for index in range(annotations.size))
    people_of = partial(_people_of_picture, annotations, reader.folder)
    return AnnotationSource(annotations.size, reader.read(pictures, people_of), notes=reader.notes)


def _read_list(asked: AskedSource, reader: PeopleReader) -> AnnotationSource:
    entries = load_json(asked.path, cancel=asked.cancel)
    if type(entries) is not list:
        raise AnnotationError(
            f"found {shown(entries)}, expected a list of people.",
            path=asked.path,
            remedy="Give MPII's .mat file, or HRNet's train.json or valid.json.",
        )
    listed = _ListedPeople(reader.folder)
    people = (FileEntry(asked.path, index, entry) for index, entry in enumerate(entries))
    return AnnotationSource(len(entries), reader.read(people, listed.people_of), notes=reader.notes)


class _ListedPeople:
    """HRNet's list; people have no numbers there but their order in each picture."""

    def __init__(self, folder: PictureFolder) -> None:
        self._folder = folder
        self._so_far: Counter[str] = Counter()

    def people_of(self, entry: FileEntry[Any]) -> Iterable[PersonOf]:
        yield partial(self._person, as_object(entry.content))

    def _person(self, entry: Mapping[str, Any], notes: ReadNotes) -> ReadPerson | SkippedEntry:
        name = field_of(entry, "image", str)
        number = self._so_far[name]
        self._so_far[name] += 1
        if is_empty(entry, "joints"):
            return SkippedEntry(NO_JOINTS)
        points = field_of(entry, "joints", list)
        if any(type(point) is not list or len(point) != 2 for point in points):
            raise BrokenEntryError("joints: expected pairs of numbers")
        flat = [value for point in points for value in point]
        positions = numbers_among(flat, "joints", (2 * len(_ORDER),)).reshape(-1, 2)
        flags = numbers_of(entry, "joints_vis", (len(_ORDER),))
        picture = picture_of_name(self._folder, name, None, notes)
        notes.leave_unused(unused_fields(entry, _USED_FIELDS))
        return ReadPerson(
            picture=picture,
            person_key=str(number),
            order=_ORDER,
            joints_px=_placed(positions, flags > 0),
            square=self._square(entry),
        )

    def _square(self, entry: Mapping[str, Any]) -> Box | None:
        if is_empty(entry, "center") or is_empty(entry, "scale"):
            return None
        center = numbers_of(entry, "center", (2,))
        scale = numbers_among([entry["scale"]], "scale", (1,))
        check_finite(scale, "scale")
        return _square(center, float(scale[0]))


def _annolist(source: Path) -> MatlabValue:
    release = open_matlab(source, _RELEASE, remedy="Give MPII's mpii_human_pose_v1_u12_1.mat.")
    annotations = release.field(0, "annolist")
    if annotations is None or "annorect" not in annotations.fields:
        raise AnnotationError("no annolist with annorect, expected MPII's release.", path=source)
    return annotations


def _people_of_picture(
    annotations: MatlabValue, folder: PictureFolder, entry: FileEntry[int]
) -> Iterator[PersonOf]:
    image = annotations.field(entry.content, "image")
    name = None if image is None else image.field(0, "name")
    if name is None:
        raise BrokenEntryError("image: found no name, expected one")
    rectangles = annotations.field(entry.content, "annorect")
    if rectangles is None or not rectangles.fields:
        return
    for number in range(rectangles.size):
        yield partial(_person_of_rectangle, rectangles, number, name.text(), folder)


def _person_of_rectangle(
    rectangles: MatlabValue, number: int, name: str, folder: PictureFolder, notes: ReadNotes
) -> ReadPerson | SkippedEntry:
    annotated = rectangles.field(number, "annopoints")
    points = None if annotated is None else annotated.field(0, "point")
    if points is None or not points.size or not points.fields:
        return SkippedEntry(NO_JOINTS)
    joints = np.zeros((len(_ORDER), 3))
    for index in range(points.size):
        joint, x, y = (_number(points, index, field) for field in ("id", "x", "y"))
        if not joint.is_integer() or not 0 <= joint < len(_ORDER):
            raise BrokenEntryError(f"id: found {joint:g}, expected 0 to {len(_ORDER) - 1}")
        joints[int(joint)] = (x, y, 1)
    check_finite(joints, "annopoints")
    return ReadPerson(
        picture=picture_of_name(folder, name, None, notes),
        person_key=str(number + 1),
        order=_ORDER,
        joints_px=_placed(joints[:, :2], joints[:, 2] > 0),
        square=_square_of_rectangle(rectangles, number),
    )


def _square_of_rectangle(rectangles: MatlabValue, number: int) -> Box | None:
    scale, position = rectangles.field(number, "scale"), rectangles.field(number, "objpos")
    if scale is None or position is None or not position.fields or not scale.size:
        return None
    center = np.array([_number(position, 0, axis) for axis in ("x", "y")])
    return _square(center, scale.number() or 0.0)


def _number(values: MatlabValue, index: int, name: str) -> float:
    field = values.field(index, name)
    number = None if field is None else field.number()
    if number is None or not np.isfinite(number):
        raise BrokenEntryError(f"{name}: found {number}, expected a number")
    return number


def _placed(positions: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Joints ``(16, 3)`` in pixels from 0; those that are not annotated are zeros."""
    return np.where(seen[:, None], np.column_stack([positions - _FIRST_PIXEL, seen]), 0.0)


def _square(center: NDArray[np.float64], scale: float) -> Box | None:
    """The crop of a person; None where the file has none, which it says by -1."""
    if scale <= 0 or not np.isfinite(scale) or center[0] < 0:
        return None
    x, y = center - _FIRST_PIXEL
    return Box(float(x), float(y) + _BOX_DOWN_PX * scale, BOX_SCALE_PX * _BOX_MARGIN * scale)


def _recognise(look: SourceLook) -> bool:
    file = look.file
    if file is None:
        return False
    if is_matlab(file.head):
        return has_variable(file.path, _RELEASE)
    return file.text[:1] == b"[" and file.has("joints", "joints_vis", "image")


MPII_FORMAT = AnnotationFormat(
    name="mpii",
    title="MPII Human Pose",
    expects="mpii_human_pose_v1_u12_1.mat, or HRNet's train.json and valid.json",
    takes_folder=False,
    recognise=_recognise,
    open=opened_by(_read, expected="MPII's annotations"),
    options=frozenset(),
)
