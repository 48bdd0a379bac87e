"""Datumaro's JSON, which CVAT exports, too: points in rows or in groups, and skeletons of them.

The fields are those that its exporter writes (https://github.com/cvat-ai/datumaro, “Datumaro”
format): points with a visibility each (0 absent, 1 hidden, 2 visible), boxes as left, top, width,
height, and what belongs together under one number in ``group``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import (
    OF_JOINTS,
    AnnotationFormat,
    AskedSource,
    opened_by,
)
from core.formats.json_files import (
    as_object,
    field_of,
    is_empty,
    load_json,
    numbers_among,
    whole_number_of,
)
from core.formats.keypoints.coco_images import list_of
from core.formats.keypoints.joint_fields import joint_count, read_joints
from core.formats.keypoints.joint_orders import (
    ORDER_OF_COUNT,
    JointOrder,
    joint_order,
    order_of_names,
)
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.person_boxes import bbox_in
from core.formats.keypoints.tools.labelled_people import (
    FindPicture,
    LabelledPerson,
    labelled_people,
)
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError, SkippedEntry, shown
from core.formats.source_looks import FileLook, one_file

NO_PEOPLE = "picture without people"

_POINTS, _BOX, _SKELETON = "points", "bbox", "skeleton"
_NO_GROUP = 0


@dataclass(frozen=True, eq=False)
class _Categories:
    """Names of labels by number, and the order of the joints of each label that has one."""

    labels: Sequence[str]
    orders: Mapping[int, JointOrder]

    def label_of(self, annotation: Mapping[str, Any]) -> str:
        """The name of an annotation's label.

        Raises:
            BrokenEntryError: a number that no label has.
        """
        number = whole_number_of(annotation, "label_id")
        if not 0 <= number < len(self.labels):
            raise BrokenEntryError(f"label_id: found {number}, expected one of the labels")
        return self.labels[number]


def _read(asked: AskedSource) -> AnnotationSource:
    """No object with items: ``AnnotationError``."""
    document = load_json(asked.path, cancel=asked.cancel)
    if type(document) is not dict:
        raise AnnotationError(
            f"found {shown(document)}, expected Datumaro's object with items.", path=asked.path
        )
    items = list_of(document, "items", asked.path)
    categories = _categories_of(document)
    reader = PeopleReader(asked.folder(), asked.dataset)
    entries = (FileEntry(asked.path, index, item) for index, item in enumerate(items))
    people_of = partial(_people_of, reader, categories, asked.options.joints)
    return AnnotationSource(len(items), reader.read(entries, people_of), notes=reader.notes)


def _categories_of(document: Mapping[str, Any]) -> _Categories:
    found = document.get("categories")
    categories = found if type(found) is dict else {}
    labels = [
        str(label.get("name")) if type(label) is dict else ""
        for label in _listed(categories.get("label"), "labels")
    ]
    orders = {}
    for item in _listed(categories.get(_POINTS), "items"):
        names = item.get("labels") if type(item) is dict else None
        order = order_of_names(names) if type(names) is list else None
        if order is not None and type(item.get("label_id")) is int:
            orders[item["label_id"]] = order
    return _Categories(labels, orders)


def _listed(value: Any, name: str) -> Sequence[Any]:
    found = value.get(name) if type(value) is dict else None
    return found if type(found) is list else ()


def _people_of(
    reader: PeopleReader, categories: _Categories, joints: str | None, entry: FileEntry[Any]
) -> Iterator[PersonOf]:
    item = as_object(entry.content)
    annotations = [as_object(each) for each in field_of(item, "annotations", list)]
    rows = [each for each in annotations if _is_points(each) and len(each[_POINTS]) > 2]
    people = _labelled(annotations, rows, categories, reader.notes)
    if not rows and not people:
        yield lambda _notes: SkippedEntry(NO_PEOPLE)
        return
    boxes = _boxes_by_group(annotations)
    picture_of = partial(_picture_of, reader.folder, item)
    yield from labelled_people(people, picture_of, grouped_by="group")
    for number, row in enumerate(rows):
        box = boxes.get(row.get("group", _NO_GROUP))
        person = _Row(row, f"points {number}", box, picture_of)
        yield partial(_person_of_row, person, categories, joints)


def _is_points(annotation: Mapping[str, Any]) -> bool:
    return annotation.get("type") == _POINTS and type(annotation.get(_POINTS)) is list


def _labelled(
    annotations: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    categories: _Categories,
    notes: ReadNotes,
) -> Mapping[str, LabelledPerson]:
    """People each of whose points has a label: skeletons, and single points in groups."""
    people: dict[str, LabelledPerson] = defaultdict(LabelledPerson)
    for number, annotation in enumerate(annotations):
        kind = annotation.get("type")
        if kind == _SKELETON and type(annotation.get("elements")) is list:
            for element in annotation["elements"]:
                _add(people[f"skeleton {number}"], as_object(element), categories)
        elif _is_points(annotation) and annotation not in rows:
            _add(people[str(annotation.get("group", _NO_GROUP))[:80]], annotation, categories)
        elif kind not in (_POINTS, _BOX):
            notes.leave_unused([f"annotations of type {shown(kind)}"])
    return {key: person for key, person in people.items() if person.points}


def _add(person: LabelledPerson, point: Mapping[str, Any], categories: _Categories) -> None:
    x, y, seen = _joints_of(point, 1)[0]
    places = person.points[categories.label_of(point)]
    if seen:
        places.append((float(x), float(y)))


def _joints_of(annotation: Mapping[str, Any], count: int) -> NDArray[np.float64]:
    """``(count, 3)``, absent ones zero."""
    joints = read_joints(annotation, _POINTS, count, ReadNotes())
    wrong = ~np.isin(joints[:, 2], (0, 1, 2))
    if wrong.any():
        raise BrokenEntryError(f"visibility: found {joints[wrong][0, 2]:g}, expected 0, 1 or 2")
    return np.column_stack([joints[:, :2], joints[:, 2] > 0])


@dataclass(frozen=True, eq=False)
class _Row:
    """A person all of whose joints stand in one row."""

    annotation: Mapping[str, Any]
    key: str
    box: Mapping[str, Any] | None
    picture_of: FindPicture


def _person_of_row(
    row: _Row, categories: _Categories, joints: str | None, notes: ReadNotes
) -> ReadPerson:
    label = whole_number_of(row.annotation, "label_id")
    order = categories.orders.get(label) if joints is None else joint_order(joints)
    counts = list(ORDER_OF_COUNT) if order is None else [len(order)]
    count = joint_count(row.annotation, _POINTS, counts)
    if order is None:
        order = ORDER_OF_COUNT[count]
        notes.assume(f"joints in the order of {order.title}")
    return ReadPerson(
        picture=row.picture_of(notes),
        person_key=row.key,
        order=order,
        joints_px=_joints_of(row.annotation, count),
        bbox_xywh=None if row.box is None else bbox_in(row.box, _BOX),
    )


def _boxes_by_group(
    annotations: Sequence[Mapping[str, Any]],
) -> Mapping[Any, Mapping[str, Any]]:
    """The box of each group that has just one."""
    found: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for annotation in annotations:
        group = annotation.get("group", _NO_GROUP)
        if annotation.get("type") == _BOX and type(group) is int and group != _NO_GROUP:
            found[group].append(annotation)
    return {group: boxes[0] for group, boxes in found.items() if len(boxes) == 1}


def _picture_of(folder: PictureFolder, item: Mapping[str, Any], notes: ReadNotes) -> Path:
    image = item.get("image")
    path = image.get("path") if type(image) is dict else None
    name = path if type(path) is str and path else field_of(item, "id", str)
    if type(image) is not dict or is_empty(image, "size"):
        return picture_of_name(folder, name, None, notes)
    height, width = numbers_among(field_of(image, "size", list), "size", (2,))
    if not (np.isfinite([width, height]).all() and width.is_integer() and height.is_integer()):
        raise BrokenEntryError(f"size: found {height:g}, {width:g}, expected height and width")
    return picture_of_name(folder, name, (int(width), int(height)), notes)


def _is_datumaro(look: FileLook) -> bool:
    if look.text[:1] != b"{":
        return False
    return look.has("dm_format_version") or look.has_anywhere("infos", "items")


DATUMARO_FORMAT = AnnotationFormat(
    name="datumaro",
    title="Datumaro",
    expects="a JSON file of Datumaro, as CVAT exports it, too",
    takes_folder=False,
    recognise=one_file(_is_datumaro),
    open=opened_by(_read, expected="Datumaro's JSON"),
    options=OF_JOINTS,
)
