"""COCO keypoints JSON: an annotation file, or a list of results of a detector.

An annotation file is an object with ``images`` and ``annotations``. A result list holds objects
with ``image_id`` and ``keypoints`` and tells nothing of the pictures; its numbers are looked up as
COCO names its files (785 is 000000000785.jpg), unless a result has a ``file_name`` of its own. Both
become samples with the 17 joints in SPIN's last 24.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import COCO_17_TO_KEYPOINTS, place_keypoints
from core.datasets.annotations import (
    AnnotationSource,
    BrokenEntryError,
    ReadProblem,
    ReadResult,
    SkippedEntry,
    foreign_entry,
    shown,
)
from core.datasets.boxes import box_around_visible, box_from_bbox, check_near_picture
from core.datasets.coco_originals import KeptAnnotations, KeptResults
from core.datasets.json_files import as_object, field_of, load_json, numbers_of
from core.datasets.picture_folders import PictureFolder
from core.errors import AnnotationError
from core.foreign_files import foreign_reader
from core.geometry.crops import BOX_SCALE_PX, Box
from core.records import NewSample

COCO_JOINT_NAMES: tuple[str, ...] = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip

MIN_RESULT_CONFIDENCE = 0.2
"""Joints of a detector's results below this are absent, as for OpenPose (facts of SPIN, 8)."""

CROWD = "crowd"
NOT_A_PERSON = "not a person"
NO_KEYPOINTS_FIELD = "no keypoints field"

_PERSON_CATEGORY_ID = 1


@dataclass(frozen=True)
class _Image:
    """A picture as the file lists it, not yet looked for on disk."""

    file_name: str
    size_px: tuple[int, int] | None


@foreign_reader(AnnotationError, expected="COCO keypoints")
def open_coco_keypoints(source: Path, images: Path | None, *, dataset: str) -> AnnotationSource:
    """A COCO keypoints file, opened.

    Args:
        source: the JSON file.
        images: the folder its file names start from; None: the folder of the file.
        dataset: the name its samples get.

    Raises:
        AnnotationError: no JSON, not COCO's layout, other joints than COCO's, no such folder.
    """
    document = load_json(source)
    folder = PictureFolder(images if images is not None else source.parent)
    if type(document) is list:
        results = _ResultReader(source, folder, dataset)
        return AnnotationSource(len(document), results.read(document), results.kept.document)
    if type(document) is not dict:
        raise AnnotationError(
            f"found {shown(document)}, expected COCO's object or a list of results.", path=source
        )
    annotations = _list_of(document, "annotations", source)
    reader = _AnnotationReader(source, folder, dataset, document)
    return AnnotationSource(len(annotations), reader.read(annotations), reader.kept.document)


class _Reader:
    """What annotations and results have in common: one entry to results, people numbered."""

    kept: KeptAnnotations | KeptResults

    def __init__(self, file: Path, folder: PictureFolder, dataset: str) -> None:
        self.file, self.folder, self.dataset = file, folder, dataset

    def read(self, entries: Sequence[Any]) -> Iterator[Sequence[ReadResult]]:
        for index, entry in enumerate(entries):
            result: ReadResult
            try:
                with foreign_entry():
                    result = self.result_of(as_object(entry))
            except BrokenEntryError as error:
                result = ReadProblem(self.file, index, str(error))
            yield (replace(result, source=self.kept.entry(index, entry, result)),)

    def result_of(self, entry: Mapping[str, Any]) -> NewSample | SkippedEntry:
        raise NotImplementedError

    def sample(
        self,
        picture: Path,
        person_key: str,
        box: Box,
        coco_keypoints: NDArray[np.float64],
    ) -> NewSample:
        return NewSample(
            picture_path=picture,
            picture_size_px=self.folder.size_px(picture),
            dataset=self.dataset,
            person_key=person_key,
            box_center_px=np.array([box.center_x_px, box.center_y_px], dtype=np.float32),
            box_scale=box.side_px / BOX_SCALE_PX,
            keypoints_px=place_keypoints(coco_keypoints, COCO_17_TO_KEYPOINTS),
        )


class _AnnotationReader(_Reader):
    def __init__(
        self, file: Path, folder: PictureFolder, dataset: str, document: Mapping[str, Any]
    ) -> None:
        super().__init__(file, folder, dataset)
        self._person_categories = _person_categories(document, file)
        self.kept = KeptAnnotations(document, folder, dataset)
        self._images, self._image_faults = _images_by_id(_list_of(document, "images", file))
        self._seen_ids: set[str] = set()

    def result_of(self, entry: Mapping[str, Any]) -> NewSample | SkippedEntry:
        if not _is_person(entry, self._person_categories):
            return SkippedEntry(NOT_A_PERSON)
        if entry.get("iscrowd", 0) not in (0, False):
            return SkippedEntry(CROWD)
        if "keypoints" not in entry:
            return SkippedEntry(NO_KEYPOINTS_FIELD)
        person_key = str(field_of(entry, "id", int))
        keypoints = _annotated_keypoints(entry)
        picture = self._picture_of(entry)
        size_px = self.folder.size_px(picture)
        check_near_picture(keypoints, size_px)
        box = _box_of(entry, keypoints, size_px)
        if person_key in self._seen_ids:
            raise BrokenEntryError(f"id: found {person_key} a second time, expected it once")
        self._seen_ids.add(person_key)
        return self.sample(picture, person_key, box, keypoints)

    def _picture_of(self, entry: Mapping[str, Any]) -> Path:
        image_id = field_of(entry, "image_id", int)
        image = self._images.get(image_id)
        if image is None:
            fault = self._image_faults.get(image_id, "not among images")
            raise BrokenEntryError(f"image_id: found {image_id}, {fault}")
        picture = self.folder.picture_named(image.file_name)
        size_px = self.folder.size_px(picture)
        if image.size_px is not None and image.size_px != size_px:
            raise BrokenEntryError(_size_mismatch(image.file_name, image.size_px, size_px))
        return picture


class _ResultReader(_Reader):
    def __init__(self, file: Path, folder: PictureFolder, dataset: str) -> None:
        super().__init__(file, folder, dataset)
        self.kept = KeptResults(folder, dataset)
        self._people_so_far: Counter[Path] = Counter()

    def result_of(self, entry: Mapping[str, Any]) -> NewSample | SkippedEntry:
        if not _is_person(entry, frozenset({_PERSON_CATEGORY_ID})):
            return SkippedEntry(NOT_A_PERSON)
        picture = self._picture_of(entry)
        person_key = f"result {self._people_so_far[picture]}"
        self._people_so_far[picture] += 1  # counts broken ones, too: numbers stay when mended
        keypoints = _detected_keypoints(entry)
        size_px = self.folder.size_px(picture)
        check_near_picture(keypoints, size_px)
        return self.sample(picture, person_key, _box_of(entry, keypoints, size_px), keypoints)

    def _picture_of(self, entry: Mapping[str, Any]) -> Path:
        if "file_name" in entry:
            return self.folder.picture_named(field_of(entry, "file_name", str))
        image_id = field_of(entry, "image_id", int)
        picture = self.folder.with_stem(f"{image_id:012d}") or self.folder.with_stem(str(image_id))
        if picture is None:
            raise BrokenEntryError(
                f"image_id: found {image_id}, expected a picture {image_id:012d}.jpg in "
                f"{self.folder.folder}"
            )
        return picture


def _list_of(document: Mapping[str, Any], name: str, file: Path) -> list[Any]:
    value = document.get(name)
    if type(value) is not list:
        found = f"found {shown(value)}" if name in document else "no such field"
        raise AnnotationError(
            f"{name}: {found}, expected a list.",
            path=file,
            remedy="Give a COCO keypoints file, e.g. person_keypoints_val2017.json.",
        )
    return value


def _person_categories(document: Mapping[str, Any], file: Path) -> frozenset[int]:
    """The ids of categories called person; COCO's own number where the file lists none."""
    if "categories" not in document:
        return frozenset({_PERSON_CATEGORY_ID})
    people = [
        category
        for category in _list_of(document, "categories", file)
        if type(category) is dict and category.get("name") == "person"
    ]
    for category in people:
        names = category.get("keypoints", list(COCO_JOINT_NAMES))
        if names != list(COCO_JOINT_NAMES):
            raise AnnotationError(
                f"categories: its joints are {shown(names)}, expected COCO's 17 in their order.",
                path=file,
                remedy="Other joint sets (CrowdPose, AI Challenger, …) are not read as COCO.",
            )
    return frozenset(category["id"] for category in people if type(category.get("id")) is int)


def _is_person(entry: Mapping[str, Any], person_categories: frozenset[int]) -> bool:
    """An entry without a category is a person: files made for people only may leave it out."""
    if "category_id" not in entry:
        return True
    return field_of(entry, "category_id", int) in person_categories


def _images_by_id(images: Sequence[Any]) -> tuple[dict[int, _Image], dict[int, str]]:
    """The usable images by id, and what is wrong with the others; told with their annotations."""
    usable: dict[int, _Image] = {}
    faults: dict[int, str] = {}
    for entry in images:
        if type(entry) is not dict or type(entry.get("id")) is not int:
            continue  # no annotation can refer to it
        image_id = entry["id"]
        if image_id in usable:
            faults[image_id] = "listed twice in images"
            continue
        try:
            file_name = field_of(entry, "file_name", str)
        except BrokenEntryError as error:
            faults[image_id] = f"whose image is broken: {error}"
            continue
        usable[image_id] = _Image(file_name, _listed_size(entry))
    for image_id in faults:
        usable.pop(image_id, None)
    return usable, faults


def _listed_size(image: Mapping[str, Any]) -> tuple[int, int] | None:
    width, height = image.get("width"), image.get("height")
    if isinstance(width, int) and isinstance(height, int):
        return width, height
    return None


def _annotated_keypoints(entry: Mapping[str, Any]) -> NDArray[np.float64]:
    """``(17, 3)``: confidence 1 where the joint is labelled (visibility 1 or 2), else 0."""
    keypoints = numbers_of(entry, "keypoints", (51,)).reshape(17, 3)
    visibility = keypoints[:, 2]
    wrong = ~np.isin(visibility, (0, 1, 2))
    if wrong.any():
        raise BrokenEntryError(
            f"keypoints: found visibility {visibility[wrong][0]:g}, expected 0, 1 or 2"
        )
    return np.column_stack([keypoints[:, :2], visibility > 0])


def _detected_keypoints(entry: Mapping[str, Any]) -> NDArray[np.float64]:
    """``(17, 3)`` with a detector's confidence in 0..1; joints it hardly believes are absent."""
    keypoints = numbers_of(entry, "keypoints", (51,)).reshape(17, 3)
    confidence = np.clip(keypoints[:, 2], 0, 1)
    confidence[confidence < MIN_RESULT_CONFIDENCE] = 0
    return np.column_stack([keypoints[:, :2], confidence])


def _box_of(
    entry: Mapping[str, Any], keypoints: NDArray[np.float64], size_px: tuple[int, int]
) -> Box:
    if "bbox" in entry:
        return box_from_bbox(numbers_of(entry, "bbox", (4,)), size_px)
    return box_around_visible(keypoints)


def _size_mismatch(file_name: str, listed_px: tuple[int, int], found_px: tuple[int, int]) -> str:
    hint = ""
    if listed_px == found_px[::-1]:
        hint = "; its EXIF tag turns the picture, so save it upright and without the tag"
    return (
        f"picture: {shown(file_name)} has {found_px[0]}×{found_px[1]} px, expected "
        f"{listed_px[0]}×{listed_px[1]} as images say{hint}"
    )
