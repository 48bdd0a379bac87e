"""labelme: one JSON file a picture, each joint a point with a label; X-AnyLabeling writes the same.

The fields are those of https://github.com/wkentaro/labelme (labelme/_label_file.py). Coordinates
are taken as pixels, as the tool's own conversion to COCO takes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.json_files import (
    as_object,
    check_finite,
    field_of,
    is_empty,
    load_json,
    numbers_among,
    whole_number_of,
)
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf
from core.formats.keypoints.person_boxes import box_of_corners
from core.formats.keypoints.tools.folders_of_files import files_of
from core.formats.keypoints.tools.labelled_people import (
    ALONE,
    LabelledPerson,
    labelled_people,
)
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError, SkippedEntry, shown
from core.formats.source_looks import any_file

NOT_LABELME = "not a labelme file"
NO_SHAPES = "picture without shapes"

_MAX_FILE_BYTES = 256 << 20
"""A file may hold its picture, too."""
_NO_GROUP = "0"


def _read(asked: AskedSource) -> AnnotationSource:
    """No such file, or none of labelme's: ``AnnotationError``."""
    files = files_of(asked.path, ".json", "labelme's, one a picture")
    if asked.path.is_file() and _document_of(asked.path) is None:
        raise AnnotationError("no list of shapes, expected a labelme file.", path=asked.path)
    reader = PeopleReader(asked.folder(), asked.dataset)
    entries = (FileEntry(file, None, file) for file in files)
    people_of = partial(_people_of, reader)
    return AnnotationSource(len(files), reader.read(entries, people_of), notes=reader.notes)


def _document_of(file: Path) -> Mapping[str, Any] | None:
    """What a file holds; None where it is none of labelme's."""
    document = load_json(file, max_bytes=_MAX_FILE_BYTES)
    is_labelme = type(document) is dict and type(document.get("shapes")) is list
    return document if is_labelme else None


def _people_of(reader: PeopleReader, entry: FileEntry[Path]) -> Iterator[PersonOf]:
    document = _document_of(entry.file)
    if document is None or not document["shapes"]:
        reason = NOT_LABELME if document is None else NO_SHAPES
        yield lambda _notes: SkippedEntry(reason)
        return
    people = _grouped(document["shapes"], reader.notes)
    picture_of = partial(_picture_of, reader.folder, entry.file, document)
    yield from labelled_people(people, picture_of, grouped_by="group_id")


def _grouped(shapes: list[Any], notes: ReadNotes) -> Mapping[str, LabelledPerson]:
    """Points and rectangles by person; anything else is counted as not used."""
    people: dict[str, LabelledPerson] = defaultdict(LabelledPerson)
    for content in shapes:
        shape = as_object(content)
        kind = shape.get("shape_type") or "polygon"
        group = _NO_GROUP if shape.get("group_id") is None else str(shape["group_id"])[:80]
        if kind == "point":
            people[group].points[field_of(shape, "label", str)].append(_points(shape, 1)[0])
        elif kind == "rectangle":
            (x1, y1), (x2, y2) = _points(shape, 2)
            box = box_of_corners(numbers_among([x1, y1, x2, y2], "points", (4,)))
            people[group].boxes += [] if box is None else [box]
        else:
            notes.leave_unused([f"shapes of type {shown(kind)}"])
    found = {group: person for group, person in people.items() if person.points}
    if list(found) == [_NO_GROUP] and all(shape.get("group_id") is None for shape in shapes):
        notes.assume(ALONE)
    return found


def _points(shape: Mapping[str, Any], count: int) -> list[tuple[float, float]]:
    points = field_of(shape, "points", list)
    if len(points) != count or any(type(each) is not list or len(each) != 2 for each in points):
        raise BrokenEntryError(f"points: found {shown(points)}, expected {count} of x and y")
    numbers = numbers_among([number for each in points for number in each], "points", (2 * count,))
    check_finite(numbers, "points")
    return [(float(x), float(y)) for x, y in numbers.reshape(count, 2)]


def _picture_of(
    folder: PictureFolder, file: Path, document: Mapping[str, Any], notes: ReadNotes
) -> Path:
    size_px = None
    if not is_empty(document, "imageWidth") and not is_empty(document, "imageHeight"):
        size_px = whole_number_of(document, "imageWidth"), whole_number_of(document, "imageHeight")
    if is_empty(document, "imagePath"):
        picture = folder.with_stem(file.stem)
        if picture is None:
            raise BrokenEntryError(f"imagePath: missing, and no picture {file.stem}.jpg, .png, …")
        return picture_of_name(folder, picture.name, size_px, notes)
    return picture_of_name(folder, field_of(document, "imagePath", str), size_px, notes)


LABELME_FORMAT = AnnotationFormat(
    name="labelme",
    title="labelme",
    expects="a folder of labelme's JSON files, one a picture, or one of them",
    takes_folder=True,
    recognise=any_file(
        ".json",
        lambda look: (
            look.is_json
            and look.has("shapes")
            and (look.has("shape_type") or look.has_anywhere("imagePath"))
        ),
    ),
    open=opened_by(_read, expected="labelme's annotations"),
    options=frozenset(),
)
