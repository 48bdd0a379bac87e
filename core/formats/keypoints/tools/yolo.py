"""YOLO pose labels: one text file a picture, one row a person, numbers as shares of the picture.

A row is the class, the box (centre, width, height), two or three numbers for each joint, and in
predictions the box's confidence and the track
(https://docs.ultralytics.com, “Pose Estimation Datasets Overview”, and ``Results.save_txt``).
The third number is a visibility in labels and a confidence in predictions. Shares are taken of the
picture's width and height, as Ultralytics' own conversion of COCO does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import AnnotationError
from core.formats.annotation_format import AnnotationFormat, AskedSource, opened_by
from core.formats.cameras.opencv_storage import read_storage
from core.formats.json_files import check_finite
from core.formats.keypoints.coco_entry_reader import NOT_A_PERSON
from core.formats.keypoints.joint_fields import (
    WITHOUT_FLAGS,
    detected,
    too_few_joints,
    without_impossible,
)
from core.formats.keypoints.joint_orders import (
    ORDER_OF_COUNT,
    JointOrder,
    joint_order,
    order_of_names,
)
from core.formats.keypoints.named_pictures import picture_of_stem
from core.formats.keypoints.people_reader import FileEntry, PeopleReader, PersonOf, ReadPerson
from core.formats.keypoints.person_names import is_person_name
from core.formats.picture_folders import PictureFolder
from core.formats.read_notes import ReadNotes
from core.formats.read_options import ReadOptions
from core.formats.reader_results import (
    AnnotationSource,
    BrokenEntryError,
    SkippedEntry,
    shown,
)
from core.formats.source_looks import FILES_LOOKED_AT, FileLook, SourceLook, look_at

NO_JOINTS = "box without joints"
NO_PEOPLE = "picture without people"
TRACK = "number of the track"
FIRST_CLASS = "class 0 is taken for people"
LONE_CLASS = "the only class of the data set is taken for people"

_MAX_FILE_BYTES = 16 << 20
_MOST_FILES = 1_000_000
_BOX_NUMBERS = 5
_MOST_EXTRAS = 2
_MOST_SHARE = 1e6
"""Whatever is larger is no box, and refused as one."""
_FEWEST_NUMBERS = 15
"""Rows of boxes have five or six."""
_ROW = re.compile(rb"\d+(?:[ \t]+-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?){%d,}[ \t]*\r?(?:\n|$)"
                  % (_FEWEST_NUMBERS - 1))  # fmt: skip
_YAML_SUFFIXES = (".yaml", ".yml")
_YAML_KEY = re.compile(rb"^kpt_shape\s*:", re.MULTILINE)
_LABELS, _IMAGES = "labels", "images"
_FOLDERS_ABOVE = 3


@dataclass(frozen=True)
class _Description:
    """What data.yaml says: the order of joints, numbers a joint, and which classes are people."""

    order: JointOrder | None = None
    numbers_a_joint: int | None = None
    people: frozenset[int] = frozenset((0,))
    assumed: str = FIRST_CLASS


def _read(asked: AskedSource) -> AnnotationSource:
    """No labels, or a description that cannot be read: ``AnnotationError``."""
    is_yaml = asked.path.suffix.lower() in _YAML_SUFFIXES
    root = _root_of(asked.path.parent if is_yaml else asked.path)
    files = [asked.path] if asked.path.is_file() and not is_yaml else list(_label_files(root))
    if not files:
        raise AnnotationError(
            "no label files (.txt), expected YOLO pose labels.",
            path=asked.path,
            remedy="Give the folder that holds the labels, or that of data.yaml.",
        )
    yaml_file = asked.path if is_yaml else _description_near(root)
    description = _Description() if yaml_file is None else _described(yaml_file)
    if asked.options.joints is not None:
        description = _with_order(description, joint_order(asked.options.joints))
    reader = PeopleReader(PictureFolder(asked.images or root), asked.dataset)
    labels = _Labels(root, reader.folder, description, asked.options)
    if asked.path.is_file() and not is_yaml:
        labels.rows_of(asked.path)
    entries = (FileEntry(file, None, file) for file in files)
    return AnnotationSource(len(files), reader.read(entries, labels.people_of), notes=reader.notes)


def _with_order(description: _Description, order: JointOrder) -> _Description:
    return _Description(order, None, description.people, description.assumed)


@dataclass(frozen=True, eq=False)
class _Labels:
    """Reads file after file. root: what the names of pictures start from."""

    root: Path
    folder: PictureFolder
    description: _Description
    options: ReadOptions

    def people_of(self, entry: FileEntry[Path]) -> Iterator[PersonOf]:
        rows = self.rows_of(entry.file)
        if not rows:
            yield lambda _notes: SkippedEntry(NO_PEOPLE)
            return
        picture = self._picture_of(entry.file)
        for number, row in enumerate(rows):
            yield partial(self._person, picture, number, row, are_detections=_are_detections(rows))

    def rows_of(self, file: Path) -> Sequence[NDArray[np.float64]]:
        """The rows of a file as numbers.

        Raises:
            AnnotationError: too long, or anything but rows of numbers.
        """
        size = file.stat().st_size
        if size > _MAX_FILE_BYTES:
            raise AnnotationError(f"{size} bytes, expected at most {_MAX_FILE_BYTES}.", path=file)
        lines = file.read_bytes().decode("utf-8-sig").splitlines()
        try:
            return [np.array(line.split(), dtype=np.float64) for line in lines if line.strip()]
        except ValueError as error:
            raise AnnotationError(
                "found a row of other than numbers, expected YOLO labels.", path=file
            ) from error

    def _picture_of(self, file: Path) -> Path:
        parts = file.relative_to(self.root).with_suffix("").parts
        name = "/".join(_IMAGES if part == _LABELS else part for part in parts)
        return picture_of_stem(self.folder, name)

    def _person(
        self,
        picture: Path,
        number: int,
        row: NDArray[np.float64],
        notes: ReadNotes,
        *,
        are_detections: bool,
    ) -> ReadPerson | SkippedEntry:
        check_finite(row, f"row {number + 1}")
        if row[0] not in self.description.people:
            return SkippedEntry(NOT_A_PERSON)
        if len(row) <= _BOX_NUMBERS + 1:
            return SkippedEntry(NO_JOINTS)
        order, width = _layout_of(row, self.description)
        extras = row[_BOX_NUMBERS + width * len(order) :]
        if self._is_hardly_believed(extras):
            return SkippedEntry(f"person with a score below {self.options.min_person_score:g}")
        size = np.array(self.folder.size_px(picture), dtype=np.float64)
        joints = _joints_of(row, order, width, size, notes)
        if are_detections and width > 2:
            joints = detected(joints, self.options.min_score, notes)
            if np.count_nonzero(joints[:, 2]) < 2:
                return SkippedEntry(too_few_joints(self.options.min_score))
        _tell(notes, self.description, order, extras)
        shares = np.clip(row[1:_BOX_NUMBERS], -_MOST_SHARE, _MOST_SHARE)
        center, sides = shares[:2] * size, shares[2:] * size
        has_box = bool((row[1:_BOX_NUMBERS] != 0).any())
        return ReadPerson(
            picture=picture,
            person_key=str(number),
            order=order,
            joints_px=np.column_stack([joints[:, :2], np.clip(joints[:, 2], 0, 1)]),
            bbox_xywh=np.concatenate([center - sides / 2, sides]) if has_box else None,
        )

    def _is_hardly_believed(self, extras: NDArray[np.float64]) -> bool:
        threshold = self.options.min_person_score
        is_score = len(extras) > 0 and extras[0] <= 1
        return threshold is not None and is_score and bool(extras[0] < threshold)


def _are_detections(rows: Iterable[NDArray[np.float64]]) -> bool:
    """Whether third numbers are confidences: those of labels are 0, 1 or 2 throughout."""
    thirds = [row[_BOX_NUMBERS + 2 :: 3] for row in rows if _has_three_numbers_a_joint(row)]
    return any(not np.isin(each, (0, 1, 2)).all() for each in thirds)


def _has_three_numbers_a_joint(row: NDArray[np.float64]) -> bool:
    return any((len(row) - _BOX_NUMBERS - extras) % 3 == 0 for extras in range(_MOST_EXTRAS + 1))


def _layout_of(row: NDArray[np.float64], description: _Description) -> tuple[JointOrder, int]:
    """The order of a row's joints, and how many numbers each has.

    Raises:
        BrokenEntryError: no known number of joints has as many numbers.
    """
    orders = ORDER_OF_COUNT.values() if description.order is None else (description.order,)
    widths = (3, 2) if description.numbers_a_joint is None else (description.numbers_a_joint,)
    for width in widths:
        for order in orders:
            extras = len(row) - _BOX_NUMBERS - width * len(order)
            if 0 <= extras <= _MOST_EXTRAS:
                return order, width
    counts = ", ".join(f"{_BOX_NUMBERS + width * len(order)}" for width in widths
                       for order in orders)  # fmt: skip
    raise BrokenEntryError(
        f"found {len(row)} numbers, expected {counts}, or one or two more; kpt_shape of data.yaml "
        "or --joints say how many joints there are"
    )


def _joints_of(
    row: NDArray[np.float64],
    order: JointOrder,
    width: int,
    size: NDArray[np.float64],
    notes: ReadNotes,
) -> NDArray[np.float64]:
    """``(K, 3)`` in pixels of the picture, with the third number as it stands."""
    numbers = row[_BOX_NUMBERS : _BOX_NUMBERS + width * len(order)].reshape(len(order), width)
    flags = numbers[:, 2] if width > 2 else np.full(len(order), 2.0)
    if width == 2:
        notes.assume(WITHOUT_FLAGS)
    with np.errstate(over="ignore"):
        positions = numbers[:, :2] * size
    return without_impossible(np.column_stack([positions, flags]), "joints", notes)


def _tell(
    notes: ReadNotes, description: _Description, order: JointOrder, extras: NDArray[np.float64]
) -> None:
    if description.order is None:
        notes.assume(f"joints in the order of {order.title}")
    if description.assumed:
        notes.assume(description.assumed)
    if len(extras) > 1 or (len(extras) == 1 and extras[0] > 1):
        notes.leave_unused([TRACK])


def _root_of(source: Path) -> Path:
    """The folder above that of the labels, beside which the pictures are; else their own."""
    folder = source if source.is_dir() else source.parent
    parts = folder.resolve().parts
    if _LABELS in parts:
        at = len(parts) - 1 - parts[::-1].index(_LABELS)
        return Path(*parts[:at])
    return folder.resolve()


def _label_files(folder: Path) -> Iterator[Path]:
    """Text files in a folder and in the folders in it that begin as labels, or are empty."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            count += 1
            if count > _MOST_FILES:
                return
            if name.lower().endswith(".txt"):
                look = look_at(Path(place, name))
                if look is not None and (not look.text or _starts_with_numbers(look)):
                    yield look.path


def _starts_with_numbers(look: FileLook) -> bool:
    first = look.text.split(b"\n", 1)[0]
    is_of_numbers = re.fullmatch(rb"[-+.eE0-9\s]+", first) is not None
    return is_of_numbers and len(first.split()) >= _BOX_NUMBERS


def _description_near(folder: Path) -> Path | None:
    """A YAML file with ``kpt_shape`` in a folder or one of those above it."""
    for place in (folder, *list(folder.parents)[:_FOLDERS_ABOVE]):
        try:
            files = sorted(path for path in place.iterdir() if path.suffix in _YAML_SUFFIXES)
        except OSError:
            return None
        for path in files[:FILES_LOOKED_AT]:
            look = look_at(path)
            if look is not None and _YAML_KEY.search(look.head):
                return path
    return None


def _described(file: Path) -> _Description:
    document: Any = read_storage(file)
    shape = document.get("kpt_shape") if type(document) is dict else None
    is_shape = type(shape) is list and [type(each) for each in shape] == [int, int]
    if shape is None or not is_shape or shape[1] not in (2, 3) or not 1 <= shape[0] <= 1000:
        raise AnnotationError(
            f"kpt_shape: found {shown(shape)}, expected the number of joints, and 2 or 3.",
            path=file,
            remedy="Give the data.yaml of a pose data set.",
        )
    people, assumed = _people_among(document.get("names"))
    order = _order_of(document.get("kpt_names"), shape[0], people)
    return _Description(order, shape[1], people, assumed)


def _people_among(names: Any) -> tuple[frozenset[int], str]:
    """The numbers of classes that are people, and what was assumed to know them."""
    by_number = dict(enumerate(names)) if type(names) is list else names
    if type(by_number) is not dict or not by_number:
        return frozenset((0,)), FIRST_CLASS
    numbered = {number: name for number, name in by_number.items() if type(number) is int}
    people = frozenset(number for number, name in numbered.items() if is_person_name(name))
    if not people and len(numbered) == 1:
        return frozenset(numbered), LONE_CLASS
    return people, ""


def _order_of(names: Any, count: int, people: frozenset[int]) -> JointOrder | None:
    """The order that ``kpt_names`` tells, by class; else that of the number of joints."""
    listed: Any = None
    if type(names) is dict:
        listed = next((names[number] for number in sorted(people) if number in names), None)
    elif type(names) is list:
        listed = names
    order = order_of_names(listed) if type(listed) is list and len(listed) == count else None
    return order or ORDER_OF_COUNT.get(count)


def _recognise(look: SourceLook) -> bool:
    if look.file is not None:
        return _is_description(look.file) or _ROW.match(look.file.text) is not None
    if not look.is_folder:
        return False
    if any(_is_description(each) for suffix in _YAML_SUFFIXES for each in look.files(suffix)):
        return True
    labels = SourceLook(look.path / _LABELS)
    texts = (*look.files(".txt"), *(labels.files(".txt") if labels.is_folder else ()))
    return any(_ROW.match(each.text) for each in texts)


def _is_description(look: FileLook) -> bool:
    is_yaml = look.name.endswith(_YAML_SUFFIXES)
    return is_yaml and not look.is_json and _YAML_KEY.search(look.head) is not None


YOLO_FORMAT = AnnotationFormat(
    name="yolo",
    title="YOLO pose",
    expects="a folder of labels or of a data set with data.yaml, or one of these files",
    takes_folder=True,
    recognise=_recognise,
    open=opened_by(_read, expected="YOLO pose labels"),
    options=frozenset(("joints", "min_score", "min_person_score")),
)
