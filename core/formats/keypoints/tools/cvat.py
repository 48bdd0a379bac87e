"""CVAT's XML 1.1 for images and for video: skeletons, or points and boxes held together by groups.

The elements are those of https://docs.cvat.ai, “Dataset and annotation formats, CVAT”.
Coordinates are taken as pixels, as CVAT's own export to COCO takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import AnnotationError
from core.formats.annotation_format import (
    OF_JOINTS,
    AnnotationFormat,
    AskedSource,
    opened_by,
)
from core.formats.json_files import check_finite
from core.formats.keypoints.joint_orders import ORDER_OF_COUNT, canonical_joint, joint_order
from core.formats.keypoints.named_pictures import picture_of_name
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.person_boxes import box_of_corners
from core.formats.keypoints.tools.cvat_images import NO_GROUP, CvatImage, CvatSkeleton
from core.formats.keypoints.tools.cvat_tracks import CvatTrack, frames_of, track_of
from core.formats.keypoints.tools.frame_pictures import FramePictures
from core.formats.keypoints.tools.labelled_people import (
    ALONE,
    FindPicture,
    LabelledPerson,
    Point,
    labelled_people,
)
from core.formats.keypoints.xml_files import parsed_elements
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import AnnotationSource, BrokenEntryError, SkippedEntry, shown
from core.formats.source_looks import FileLook, one_file
from core.progress import CancelToken

NO_PEOPLE = "picture without people"

NO_PICTURE = "frame without a picture"

_IMAGE, _TRACK = "image", "track"
_PICTURES_OF_EXPORT = "images"
"""CVAT saves the pictures of an export there, frames as frame_000000.png."""


def _read(asked: AskedSource) -> AnnotationSource:
    """No XML of CVAT's: ``AnnotationError``."""
    images, tracks = _content_of(asked.path, asked.cancel)
    folder = asked.folder()
    if tracks and asked.images is None and (asked.path.parent / _PICTURES_OF_EXPORT).is_dir():
        folder = PictureFolder(asked.path.parent / _PICTURES_OF_EXPORT)
    reader = PeopleReader(folder, asked.dataset)
    frames = FramePictures(folder, asked.path)
    if tracks:
        images += _frames(tracks, frames, asked)
        reader.notes.notices += frames.notices([image.frame or 0 for image in images])
    entries = (FileEntry(asked.path, index, image) for index, image in enumerate(images))
    people_of = partial(_people_of, frames, asked.options.joints)
    return AnnotationSource(len(images), reader.read(entries, people_of), notes=reader.notes)


def _content_of(
    source: Path, cancel: CancelToken | None
) -> tuple[list[CvatImage], list[CvatTrack]]:
    images: list[CvatImage] = []
    tracks: list[CvatTrack] = []
    for element in parsed_elements(source, {_IMAGE, _TRACK}, cancel=cancel):
        if element.tag == _TRACK:
            tracks.append(track_of(element))
            continue
        size = element.get("width", ""), element.get("height", "")
        image = CvatImage(element.get("name", ""), size)
        for shape in element:
            image.add(shape)
        images.append(image)
    if not images and not tracks:
        raise AnnotationError(
            "no images and no tracks, expected CVAT for images 1.1 or CVAT for video 1.1.",
            path=source,
        )
    return images, tracks


def _frames(
    tracks: Sequence[CvatTrack], frames: FramePictures, asked: AskedSource
) -> list[CvatImage]:
    found = frames_of(tracks, frames.numbers)
    if not any(image.frame in frames.numbers for image in found):
        raise AnnotationError(
            f"has tracks of a video, and no picture in {frames.folder.folder} has the number of "
            "one of their frames.",
            path=asked.path,
            remedy="Export with “Save images”, give the folder of its frames as --images "
            "(frame_000012.png is frame 12), or export as “CVAT for images 1.1”.",
        )
    return found


def _people_of(
    frames: FramePictures, joints: str | None, entry: FileEntry[CvatImage]
) -> Iterator[PersonOf]:
    image = entry.content
    if image.frame is not None and image.frame not in frames.numbers:
        yield lambda _notes: SkippedEntry(NO_PICTURE)
        return
    picture_of = partial(_picture_of, frames, image)
    named, bundles = _split(image.points)
    boxes = _boxes_by_group(image.boxes)
    people = dict(_of_skeletons(image.skeletons, boxes))
    people.update(_of_points(named, boxes))
    if not people and not bundles:
        yield lambda _notes: SkippedEntry(NO_PEOPLE)
        return
    for person_of in labelled_people(people, picture_of, grouped_by="group_id"):
        yield partial(_told, person_of, image, is_alone=NO_GROUP in people)
    for number, bundle in enumerate(bundles):
        key = bundle.get("track") or f"points {number}"
        yield partial(_person_of_bundle, bundle, key, joints, picture_of)


def _told(
    person_of: PersonOf, image: CvatImage, notes: ReadNotes, *, is_alone: bool
) -> ReadPerson | SkippedEntry:
    notes.leave_unused(image.others)
    if is_alone:
        notes.assume(ALONE)
    return person_of(notes)


def _split(
    points: Iterable[Mapping[str, str]],
) -> tuple[list[Mapping[str, str]], list[Mapping[str, str]]]:
    """Points that are single joints, and those that are all joints of a person at once."""
    found = list(points)
    bundles = [each for each in found if len(_positions(each)) > 1]
    return [each for each in found if each not in bundles], bundles


def _of_skeletons(
    skeletons: Iterable[CvatSkeleton], boxes: Mapping[str, Sequence[Mapping[str, str]]]
) -> Iterator[tuple[str, LabelledPerson]]:
    for number, skeleton in enumerate(skeletons):
        person = LabelledPerson()
        for point in skeleton.points:
            found = person.points[point.get("label", "")]
            if point.get("outside") != "1":
                found += _positions(point)
        if skeleton.group != NO_GROUP:
            person.boxes += [_box_of(box) for box in boxes.get(skeleton.group, ())]
        yield skeleton.key or f"skeleton {number}", person


def _of_points(
    points: Iterable[Mapping[str, str]], boxes: Mapping[str, Sequence[Mapping[str, str]]]
) -> Mapping[str, LabelledPerson]:
    people: dict[str, LabelledPerson] = {}
    for point in points:
        label = point.get("label", "")
        group = point.get("group_id") or NO_GROUP
        if canonical_joint(label) is None and group == NO_GROUP:
            continue
        person = people.setdefault(group, LabelledPerson())
        person.points[label] += _positions(point)
    for group, person in people.items():
        person.boxes += [_box_of(box) for box in boxes.get(group, ())]
    return people


def _person_of_bundle(
    points: Mapping[str, str],
    key: str,
    joints: str | None,
    picture_of: FindPicture,
    notes: ReadNotes,
) -> ReadPerson:
    positions = _positions(points)
    order = ORDER_OF_COUNT.get(len(positions)) if joints is None else joint_order(joints)
    if order is None or len(order) != len(positions):
        counts = list(ORDER_OF_COUNT) if order is None else [len(order)]
        raise BrokenEntryError(
            f"points: {len(positions)} without names, expected {' or '.join(map(str, counts))}; "
            "say their order with --joints"
        )
    if joints is None:
        notes.assume(f"joints in the order of {order.title}")
    return ReadPerson(
        picture=picture_of(notes),
        person_key=key,
        order=order,
        joints_px=np.column_stack([positions, np.ones(len(positions))]),
    )


def _boxes_by_group(
    boxes: Iterable[Mapping[str, str]],
) -> Mapping[str, Sequence[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = {}
    for box in boxes:
        found.setdefault(box.get("group_id") or NO_GROUP, []).append(box)
    return found


def _box_of(box: Mapping[str, str]) -> Any:
    corners = np.array([_number(box, name) for name in ("xtl", "ytl", "xbr", "ybr")])
    return box_of_corners(corners)


def _positions(point: Mapping[str, str]) -> list[Point]:
    """The x and y of ``x,y;x,y;…``."""
    pairs = [pair.split(",") for pair in point.get("points", "").split(";")]
    if any(len(pair) != 2 for pair in pairs):
        raise BrokenEntryError(f"points: found {shown(point.get('points'))}, expected x,y;x,y;…")
    try:
        numbers = np.array(pairs, dtype=np.float64)
    except ValueError as error:
        raise BrokenEntryError(f"points: found {shown(pairs)}, expected numbers") from error
    check_finite(numbers, "points")
    return [(float(x), float(y)) for x, y in numbers]


def _picture_of(frames: FramePictures, image: CvatImage, notes: ReadNotes) -> Path:
    if image.frame is not None:
        return frames.picture_of(image.frame, notes)
    folder = frames.folder
    if not image.name:
        raise BrokenEntryError("name: missing, expected the image's name")
    size = {"width": image.size[0], "height": image.size[1]}
    if not any(image.size):
        return picture_of_name(folder, image.name, None, notes)
    width, height = (_number(size, name) for name in size)
    if not (width.is_integer() and height.is_integer()):
        raise BrokenEntryError(f"width, height: found {width:g}, {height:g}, expected pixels")
    return picture_of_name(folder, image.name, (int(width), int(height)), notes)


def _number(attributes: Mapping[str, str], name: str) -> float:
    try:
        number = float(attributes[name])
    except (KeyError, ValueError) as error:
        raise BrokenEntryError(
            f"{name}: found {shown(attributes.get(name))}, expected a number"
        ) from error
    check_finite(np.array([number]), name)
    return number


def _is_cvat(look: FileLook) -> bool:
    return look.text.startswith(b"<") and b"<annotations>" in look.head[:4096]


CVAT_FORMAT = AnnotationFormat(
    name="cvat",
    title="CVAT",
    expects="annotations.xml of CVAT for images 1.1 or for video 1.1",
    takes_folder=False,
    recognise=one_file(_is_cvat),
    open=opened_by(_read, expected="CVAT's XML"),
    options=OF_JOINTS,
)
