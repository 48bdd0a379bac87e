"""OpenPose JSON: a folder with one file a picture, or one such file.

BODY_25, BODY_135 and COCO-18 are told apart by their length; the key is ``pose_keypoints_2d``, in
old files ``pose_keypoints``. Confidences are kept; joints below 0.2 are absent. The box is
1.2 × the tight extent of the joints that are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.files.foreign_files import foreign_reader
from core.formats.annotation_format import OF_DETECTORS, AnnotationFormat
from core.formats.json_files import as_object, is_empty, load_json, unused_fields, whole_number_of
from core.formats.keypoints.frame_numbers import frames_off_by_one
from core.formats.keypoints.joint_fields import detected, joint_count, read_joints, too_few_joints
from core.formats.keypoints.joint_layouts import LayoutCheck
from core.formats.keypoints.joint_orders import BODY_25, BODY_135, COCO_18, JointOrder, joint_order
from core.formats.keypoints.person_boxes import box_around_visible, check_near_picture
from core.formats.keypoints.pixel_sizes import to_picture_pixels
from core.formats.picture_folders import GUESSED_NAME, PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.formats.reader_results import (
    AnnotationSource,
    BrokenEntryError,
    ReadProblem,
    ReadResult,
    SkippedEntry,
    foreign_entry,
    shown,
)
from core.formats.source_looks import any_file
from core.geometry.boxes import BOX_SCALE_PX
from core.progress import CancelToken
from core.types.samples import NewSample

NOT_OPENPOSE = "not an OpenPose file"
NO_PEOPLE = "picture without people"
NO_BODY_KEYPOINTS = "person without body keypoints"

_MAX_FILE_BYTES = 32 << 20
_KEYS = ("pose_keypoints_2d", "pose_keypoints")
_USED_FIELDS = frozenset((*_KEYS, "person_id"))
_NAME_ENDINGS = ("_keypoints", "_openpose", "")
"""What may stand between the picture's name and ``.json``."""
_CANVAS = ("canvas_width", "canvas_height")
"""How editors of OpenPose's files say which size their pixels belong to."""


@foreign_reader(AnnotationError, expected="OpenPose's output")
def open_openpose(
    source: Path,
    images: Path | None,
    *,
    dataset: str,
    options: ReadOptions = NO_OPTIONS,
    cancel: CancelToken | None = None,
) -> AnnotationSource:
    """OpenPose's output, opened; other JSON files of the folder are skipped and counted.

    Args:
        source: a folder (its own files, not those of folders in it) or one JSON file.
        images: the folder of the pictures; None: beside the JSON files.
        dataset: the name the samples get.
        options: what the user says of it.
        cancel: asked while a single file is parsed; a folder's are short.

    Raises:
        AnnotationError: no such source, no JSON file in it, or a single file of another kind.
        StudioError: an order of joints that the program does not know.
    """
    orders = (
        (BODY_25, COCO_18, BODY_135) if options.joints is None else (joint_order(options.joints),)
    )
    if source.is_dir():
        files = sorted(path for path in source.glob("*.json") if path.is_file())
        if not files:
            raise AnnotationError(
                "no JSON files, expected OpenPose's, one a picture.",
                path=source,
                remedy="Give the folder that OpenPose wrote with --write_json.",
            )
    else:
        files = [source]
        if _openpose_of(load_json(source, max_bytes=_MAX_FILE_BYTES, cancel=cancel)) is None:
            raise AnnotationError("no list of people, expected an OpenPose file.", path=source)
        source = source.parent
    beside = images if images is not None else source
    folder = PictureFolder(beside, blank_pictures=options.blank_pictures)
    reader = _Reader(folder, dataset, options, orders)
    return AnnotationSource(len(files), reader.read(files), notes=reader.notes)


def _openpose_of(document: Any) -> Mapping[str, Any] | None:
    """The object with people; some editors put it into a list of one. None for other documents."""
    if type(document) is list and len(document) == 1:
        document = document[0]
    is_openpose = type(document) is dict and type(document.get("people")) is list
    return document if is_openpose else None


@dataclass(frozen=True)
class _Reader:
    """Reads file after file. orders: those that a person's joints may have, told by number."""

    folder: PictureFolder
    dataset: str
    options: ReadOptions
    orders: Sequence[JointOrder]
    notes: ReadNotes = field(default_factory=ReadNotes)
    layout: LayoutCheck = field(default_factory=LayoutCheck)
    file_of_picture: dict[Path, Path] = field(default_factory=dict)

    def read(self, files: Sequence[Path]) -> Iterator[Sequence[ReadResult]]:
        for file in files:
            try:
                with foreign_entry():
                    results = self._read_file(file)
                yield results
            except (BrokenEntryError, AnnotationError) as error:
                yield (ReadProblem(file, None, str(error)),)
        self.notes.conclude(self.layout.notices())
        off = frames_off_by_one((_names_of(file)[0] for file in files), self.folder.stems)
        if off is not None:
            self.notes.notices.append(off)

    def _read_file(self, file: Path) -> Sequence[ReadResult]:
        document = _openpose_of(load_json(file, max_bytes=_MAX_FILE_BYTES))
        if document is None:
            return (SkippedEntry(NOT_OPENPOSE),)
        people = document["people"]
        if not people:
            return (SkippedEntry(NO_PEOPLE),)
        picture = _picture_of(file, self.folder, self.notes)
        first = self.file_of_picture.setdefault(picture, file)
        if first != file:
            raise BrokenEntryError(f"{picture.name} has its keypoints in {first.name} already")
        self.folder.size_px(picture)  # an unusable picture is one problem, not one a person
        size_px = self.options.size_px or _canvas_of(document)
        return [
            self._read_person(person, index, file, picture, size_px)
            for index, person in enumerate(people)
        ]

    def _read_person(
        self,
        person: Any,
        index: int,
        file: Path,
        picture: Path,
        size_px: tuple[int, int] | None,
    ) -> ReadResult:
        heard = ReadNotes()
        try:
            entry = as_object(person)
            key = next((key for key in _KEYS if entry.get(key)), None)
            if key is None:
                return _without_keypoints(entry)
            order, points = self._points_of(entry, key, heard)
            if np.count_nonzero(points[:, 2]) < 2:
                self.notes.take(heard)
                return SkippedEntry(too_few_joints(self.options.min_score))
            picture_size_px = self.folder.size_px(picture)
            points = to_picture_pixels(points, size_px, picture_size_px, heard)
            check_near_picture(points, picture_size_px)
            box = box_around_visible(points)
        except BrokenEntryError as error:
            return ReadProblem(file, index, str(error))
        self.layout.add(order, points)
        heard.leave_unused(unused_fields(entry, _USED_FIELDS))
        self.notes.take(heard)
        return NewSample(
            picture_path=picture,
            picture_size_px=picture_size_px,
            dataset=self.dataset,
            person_key=str(index),
            box_center_px=np.array([box.center_x_px, box.center_y_px], dtype=np.float32),
            box_scale=box.side_px / BOX_SCALE_PX,
            keypoints_px=order.placed(points),
        )

    def _points_of(
        self, entry: Mapping[str, Any], key: str, notes: ReadNotes
    ) -> tuple[JointOrder, NDArray[np.float64]]:
        """The order of a person's joints, and they ``(K, 3)`` with confidence in 0..1."""
        by_count = {len(order): order for order in self.orders}
        order = by_count[joint_count(entry, key, list(by_count))]
        points = read_joints(entry, key, len(order), notes)
        return order, detected(points, self.options.min_score, notes)


def _canvas_of(document: Mapping[str, Any]) -> tuple[int, int] | None:
    """The size that a file says its pixels belong to; None where it says nothing."""
    if all(is_empty(document, name) for name in _CANVAS):
        return None
    width, height = (whole_number_of(document, name) for name in _CANVAS)
    if width < 1 or height < 1:
        raise BrokenEntryError(f"canvas: found {width}×{height}, expected a size in pixels")
    return width, height


def _names_of(file: Path) -> list[str]:
    """The names that the picture of a file may have, the likeliest first."""
    return [file.stem.removesuffix(end) for end in _NAME_ENDINGS if file.stem.endswith(end)]


def _picture_of(file: Path, folder: PictureFolder, notes: ReadNotes) -> Path:
    names = _names_of(file)
    for name in names:
        picture = folder.with_stem(name)
        if picture is not None:
            return picture
    alike = folder.picture_named(names[0])
    if folder.is_guessed(names[0]):
        notes.assume(GUESSED_NAME)
        return alike
    raise BrokenEntryError(f"no picture {names[0]}.jpg, .png, … in {folder.folder}")


def _without_keypoints(entry: Mapping[str, Any]) -> SkippedEntry:
    """OpenPose writes an empty list when it looked for hands or faces only."""
    for key in _KEYS:
        if key in entry and entry[key] != []:
            raise BrokenEntryError(f"{key}: found {shown(entry[key])}, expected a list of numbers")
    return SkippedEntry(NO_BODY_KEYPOINTS)


OPENPOSE_FORMAT = AnnotationFormat(
    name="openpose",
    title="OpenPose",
    expects="a folder of JSON files, one a picture: BODY_25, BODY_135, or COCO with 18 joints",
    takes_folder=True,
    recognise=any_file(".json", lambda look: look.has("people")),
    open=open_openpose,
    options=OF_DETECTORS,
)
