"""OpenPose JSON: a folder with one file a picture, or one such file.

BODY_25 and COCO-18 are told apart by their length; the key is ``pose_keypoints_2d``, in old files
``pose_keypoints``. Confidences are kept; joints below 0.2 are absent (facts of SPIN, 8). The box is
1.2 × the tight extent of the joints that are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import BODY_25_TO_KEYPOINTS, COCO_18_TO_KEYPOINTS, place_keypoints
from core.datasets.annotations import (
    AnnotationSource,
    BrokenEntryError,
    ReadProblem,
    ReadResult,
    SkippedEntry,
    foreign_entry,
    shown,
)
from core.datasets.boxes import box_around_visible, check_near_picture
from core.datasets.json_files import as_object, load_json, numbers_of
from core.datasets.picture_folders import PictureFolder
from core.errors import AnnotationError
from core.foreign_files import foreign_reader
from core.geometry.crops import BOX_SCALE_PX
from core.records import NewSample

MIN_CONFIDENCE = 0.2

NOT_OPENPOSE = "not an OpenPose file"
NOBODY = "picture without people"
NO_BODY_KEYPOINTS = "person without body keypoints"
TOO_FEW_JOINTS = f"person with fewer than 2 joints above confidence {MIN_CONFIDENCE:g}"

_MAX_FILE_BYTES = 32 << 20
_KEYS = ("pose_keypoints_2d", "pose_keypoints")
_PLACES_BY_LENGTH: Mapping[int, tuple[int, ...]] = {
    3 * len(places): places for places in (BODY_25_TO_KEYPOINTS, COCO_18_TO_KEYPOINTS)
}
_NAME_ENDINGS = ("_keypoints", "_openpose", "")
"""What may stand between the picture's name and ``.json``."""


@foreign_reader(AnnotationError, expected="OpenPose's output")
def open_openpose(source: Path, images: Path | None, *, dataset: str) -> AnnotationSource:
    """OpenPose's output, opened; other JSON files of the folder are skipped and counted.

    Args:
        source: a folder (its own files, not those of folders in it) or one JSON file.
        images: the folder of the pictures; None: beside the JSON files.
        dataset: the name the samples get.

    Raises:
        AnnotationError: no such source, no JSON file in it, or a single file of another kind.
    """
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
        if not _is_openpose(load_json(source, max_bytes=_MAX_FILE_BYTES)):
            raise AnnotationError("no list of people, expected an OpenPose file.", path=source)
        source = source.parent
    folder = PictureFolder(images if images is not None else source)
    return AnnotationSource(len(files), _entries(files, folder, dataset))


def _is_openpose(document: Any) -> bool:
    return type(document) is dict and type(document.get("people")) is list


def _entries(
    files: Sequence[Path], folder: PictureFolder, dataset: str
) -> Iterator[Sequence[ReadResult]]:
    file_of_picture: dict[Path, Path] = {}
    for file in files:
        try:
            with foreign_entry():
                results = _read_file(file, folder, dataset, file_of_picture)
            yield results
        except (BrokenEntryError, AnnotationError) as error:
            yield (ReadProblem(file, None, str(error)),)


def _read_file(
    file: Path, folder: PictureFolder, dataset: str, file_of_picture: dict[Path, Path]
) -> Sequence[ReadResult]:
    document = load_json(file, max_bytes=_MAX_FILE_BYTES)
    if not _is_openpose(document):
        return (SkippedEntry(NOT_OPENPOSE),)
    people = document["people"]
    if not people:
        return (SkippedEntry(NOBODY),)
    picture = _picture_of(file, folder)
    first = file_of_picture.setdefault(picture, file)
    if first != file:
        raise BrokenEntryError(f"{picture.name} has its keypoints in {first.name} already")
    folder.size_px(picture)  # an unusable picture is one problem, not one a person
    return [
        _read_person(person, index, file, picture, folder, dataset)
        for index, person in enumerate(people)
    ]


def _picture_of(file: Path, folder: PictureFolder) -> Path:
    names = [file.stem.removesuffix(end) for end in _NAME_ENDINGS if file.stem.endswith(end)]
    for name in names:
        picture = folder.with_stem(name)
        if picture is not None:
            return picture
    raise BrokenEntryError(f"no picture {names[0]}.jpg, .png, … in {folder.folder}")


def _read_person(
    person: Any, index: int, file: Path, picture: Path, folder: PictureFolder, dataset: str
) -> ReadResult:
    try:
        entry = as_object(person)
        key = next((key for key in _KEYS if entry.get(key)), None)
        if key is None:
            return _without_keypoints(entry)
        points = _believed_points(entry, key)
        if np.count_nonzero(points[:, 2]) < 2:
            return SkippedEntry(TOO_FEW_JOINTS)
        size_px = folder.size_px(picture)
        check_near_picture(points, size_px)
        box = box_around_visible(points)
    except BrokenEntryError as error:
        return ReadProblem(file, index, str(error))
    return NewSample(
        picture_path=picture,
        picture_size_px=size_px,
        dataset=dataset,
        person_key=str(index),
        box_center_px=np.array([box.center_x_px, box.center_y_px], dtype=np.float32),
        box_scale=box.side_px / BOX_SCALE_PX,
        keypoints_px=place_keypoints(points, _PLACES_BY_LENGTH[points.size]),
    )


def _without_keypoints(entry: Mapping[str, Any]) -> SkippedEntry:
    """OpenPose writes an empty list when it looked for hands or faces only."""
    for key in _KEYS:
        if key in entry and entry[key] != []:
            raise BrokenEntryError(f"{key}: found {shown(entry[key])}, expected a list of numbers")
    return SkippedEntry(NO_BODY_KEYPOINTS)


def _believed_points(entry: Mapping[str, Any], key: str) -> NDArray[np.float64]:
    """The file's points ``(25 or 18, 3)``; above 1 a confidence counts as 1, below 0.2 as none."""
    points = numbers_of(entry, key, tuple(_PLACES_BY_LENGTH)).reshape(-1, 3)
    confidence = np.clip(points[:, 2], 0, 1)
    confidence[confidence < MIN_CONFIDENCE] = 0
    return np.column_stack([points[:, :2], confidence])
