"""Label Studio's JSON export: tasks with annotations, whose regions are points and boxes.

The fields are those of https://labelstud.io/guide/export (“Label Studio JSON format of annotated
tasks”). Positions are percentages of the picture. A person is what regions belong to: the box that
is their parent, regions joined by relations, or else the one box that a point lies in. Its COCO
export mixes the people of a picture and is refused (``coco``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.json_files import (
    as_object,
    check_finite,
    field_of,
    load_json,
    numbers_among,
    whole_number_of,
)
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.tools.labelled_people import (
    ALONE,
    LabelledPerson,
    Point,
    labelled_people,
)
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import (
    AnnotationSource,
    BrokenEntryError,
    SkippedEntry,
    shown,
)
from core.formats.source_looks import FileLook, one_file
from core.pictures.decoding import PICTURE_SUFFIXES

NOT_ANNOTATED = "task without annotations"
SEVERAL_ANNOTATORS = "annotation of another annotator"
NO_POINTS = "picture without points"
IN_BOXES = "points belong to the box they lie in"

_POINT, _BOX, _RELATION = "keypointlabels", "rectanglelabels", "relation"
_PICTURE_KEYS = ("image", "img", "picture", "url")
_UPLOADED = re.compile(r"^[0-9a-f]{8}-(?=.)")
"""What Label Studio puts before the names of uploaded files."""


@dataclass(frozen=True, eq=False)
class _Region:
    """A point or a box in pixels. parent: the region it belongs to."""

    id: str
    parent: str | None
    label: str
    place: NDArray[np.float64]
    """``(2,)`` of a point; ``(4,)`` left, top, width, height of a box."""

    @property
    def is_box(self) -> bool:
        return len(self.place) == 4

    def holds(self, point: _Region) -> bool:
        """Whether a point lies in this box."""
        low, high = self.place[:2], self.place[:2] + self.place[2:]
        return bool((point.place >= low).all() and (point.place <= high).all())


def _read(asked: AskedSource) -> AnnotationSource:
    """No list of tasks: ``AnnotationError``."""
    document = load_json(asked.path, cancel=asked.cancel)
    tasks = [document] if type(document) is dict else document
    if type(tasks) is not list or not all(type(task) is dict for task in tasks):
        raise AnnotationError(
            f"found {shown(document)}, expected Label Studio's list of tasks.",
            path=asked.path,
            remedy="Export the project as JSON.",
        )
    if tasks and not any("annotations" in task or "result" in task for task in tasks):
        raise AnnotationError(
            "tasks without annotations, expected Label Studio's JSON.",
            path=asked.path,
            remedy="Export the project as JSON; JSON-MIN does not say which points belong "
            "together.",
        )
    reader = PeopleReader(asked.folder(), asked.dataset)
    entries = (FileEntry(asked.path, index, task) for index, task in enumerate(tasks))
    people_of = partial(_people_of, reader)
    return AnnotationSource(len(tasks), reader.read(entries, people_of), notes=reader.notes)


def _people_of(reader: PeopleReader, entry: FileEntry[Mapping[str, Any]]) -> Iterator[PersonOf]:
    task = entry.content
    annotations = _annotations_of(task)
    if not annotations:
        yield lambda _notes: SkippedEntry(NOT_ANNOTATED)
        return
    chosen, *others = annotations
    for _other in others:
        yield lambda _notes: SkippedEntry(SEVERAL_ANNOTATORS)
    results = [as_object(each) for each in field_of(chosen, "result", list)]
    size_px = _size_of(results)
    regions = [region for each in results if (region := _region_of(each, size_px, reader.notes))]
    if len({region.id for region in regions}) < len(regions):
        raise BrokenEntryError("id: found one twice or missing, expected each region's own")
    if not any(not region.is_box for region in regions):
        yield lambda _notes: SkippedEntry(NO_POINTS)
        return
    people, assumed = _people_among(regions, results)
    picture_of = partial(_picture_of, reader.folder, task, size_px)
    for person_of in labelled_people(people, picture_of, grouped_by="their boxes or relations"):
        yield partial(_assuming, person_of, assumed)


def _assuming(
    person_of: PersonOf, assumed: str | None, notes: ReadNotes
) -> ReadPerson | SkippedEntry:
    if assumed is not None:
        notes.assume(assumed)
    return person_of(notes)


def _annotations_of(task: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Those that were not cancelled; first the one that is marked as ground truth."""
    listed = [as_object(each) for each in task.get("annotations") or []]
    found = [each for each in listed if not each.get("was_cancelled")]
    return sorted(found, key=lambda each: not each.get("ground_truth"))


def _size_of(results: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Width and height that the percentages are of.

    Raises:
        BrokenEntryError: none, several, or of a picture that is turned in the tool.
    """
    sizes = set()
    for result in results:
        if result.get("type") in (_POINT, _BOX):
            if result.get("image_rotation") not in (None, 0):
                raise BrokenEntryError(
                    f"image_rotation: found {shown(result['image_rotation'])}, expected 0"
                )
            names = ("original_width", "original_height")
            sizes.add(tuple(whole_number_of(result, name) for name in names))
    if len(sizes) > 1:
        raise BrokenEntryError(f"original_width: found {len(sizes)} sizes, expected one")
    width, height = sizes.pop() if sizes else (1, 1)
    if width < 1 or height < 1:
        raise BrokenEntryError(f"original_width: found {width}×{height}, expected pixels")
    return width, height


def _region_of(
    result: Mapping[str, Any], size_px: tuple[int, int], notes: ReadNotes
) -> _Region | None:
    """A point or box in pixels; None for anything else, which is counted."""
    kind = result.get("type")
    if kind not in (_POINT, _BOX):
        if kind != _RELATION:
            notes.leave_unused([f"regions of type {shown(kind)}"])
        return None
    value = as_object(result.get("value"))
    names = ("x", "y") if kind == _POINT else ("x", "y", "width", "height")
    shares = numbers_among([value.get(name) for name in names], "value", (len(names),))
    check_finite(shares, "value")
    if kind == _BOX and value.get("rotation") not in (None, 0):
        notes.leave_unused(["boxes that are turned"])
        return None
    scale = np.resize(np.array(size_px, dtype=np.float64), len(names)) / 100
    labels = value.get(kind)
    label = labels[0] if type(labels) is list and labels else None
    if kind == _POINT and type(label) is not str:
        raise BrokenEntryError(f"keypointlabels: found {shown(labels)}, expected a label")
    parent = result.get("parentID")
    return _Region(
        id=str(result.get("id"))[:80],
        parent=parent if type(parent) is str and parent else None,
        label=str(label),
        place=shares * scale,
    )


def _people_among(
    regions: Sequence[_Region], results: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, LabelledPerson], str | None]:
    """People by key, and what had to be assumed to tell them apart."""
    group_of, is_told = _groups(regions, results)
    boxes = [region for region in regions if region.is_box]
    people: dict[str, LabelledPerson] = defaultdict(LabelledPerson)
    assumed = None
    if not is_told and len(boxes) > 1:
        assumed, group_of = IN_BOXES, _by_boxes(regions, boxes)
    elif not is_told:
        assumed, group_of = ALONE, {region.id: "0" for region in regions}
    for region in regions:
        person = people[group_of[region.id]]
        if region.is_box:
            person.boxes.append(region.place)
        else:
            point: Point = float(region.place[0]), float(region.place[1])
            person.points[region.label].append(point)
    return {key: person for key, person in people.items() if person.points}, assumed


def _groups(
    regions: Sequence[_Region], results: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, str], bool]:
    """The person of each region by parents and relations, and whether there are any."""
    group_of = {region.id: region.id for region in regions}

    def first_of(name: str) -> str:
        while group_of[name] != name:
            group_of[name] = group_of[group_of[name]]
            name = group_of[name]
        return name

    pairs = [(region.id, region.parent) for region in regions]
    pairs += [
        (str(result.get("from_id")), str(result.get("to_id")))
        for result in results
        if result.get("type") == _RELATION
    ]
    told = [pair for pair in pairs if pair[0] in group_of and pair[1] in group_of]
    for one, other in told:
        group_of[first_of(one)] = first_of(str(other))
    return {name: first_of(name) for name in group_of}, bool(told)


def _by_boxes(regions: Sequence[_Region], boxes: Sequence[_Region]) -> Mapping[str, str]:
    """The one box that each point lies in.

    Raises:
        BrokenEntryError: a point lies in several, or in none.
    """
    group_of = {}
    for region in regions:
        holding = [region] if region.is_box else [box for box in boxes if box.holds(region)]
        if len(holding) != 1:
            raise BrokenEntryError(
                f"{region.label}: lies in {len(holding)} of the {len(boxes)} boxes, expected one; "
                "join points and boxes by parents or relations"
            )
        group_of[region.id] = holding[0].id
    return group_of


def _picture_of(
    folder: PictureFolder, task: Mapping[str, Any], size_px: tuple[int, int], notes: ReadNotes
) -> Path:
    data = as_object(task.get("data"))
    texts = {key: value for key, value in data.items() if type(value) is str}
    key = next((key for key in _PICTURE_KEYS if key in texts), None) or next(
        (key for key, text in texts.items() if _name_in(text).lower().endswith(PICTURE_SUFFIXES)),
        None,
    )
    if key is None:
        raise BrokenEntryError(f"data: found {shown(data)}, expected the name of a picture")
    name = _name_in(texts[key])
    is_whole_name = False
    with suppress(BrokenEntryError):
        is_whole_name = folder.picture_named(name).is_file()
    if is_whole_name:
        return picture_of_name(folder, name, size_px, notes)
    return picture_of_name(folder, _UPLOADED.sub("", name.rsplit("/", 1)[-1]), size_px, notes)


def _name_in(address: str) -> str:
    """The path of a picture in an address: of an upload, of local storage, of a bucket."""
    parts = urlsplit(address)
    local = parse_qs(parts.query).get("d")
    return (local[0] if local else parts.path or address).lstrip("/")


def _is_label_studio(look: FileLook) -> bool:
    return look.is_json and (
        look.has("from_name", "to_name") or look.has("keypointlabels", "original_width")
    )


LABEL_STUDIO_FORMAT = AnnotationFormat(
    name="label-studio",
    title="Label Studio",
    expects="Label Studio's JSON export",
    takes_folder=False,
    recognise=one_file(_is_label_studio),
    open=opened_by(_read, expected="Label Studio's JSON"),
    options=frozenset(),
)
