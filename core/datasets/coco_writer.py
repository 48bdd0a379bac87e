"""COCO keypoints JSON, written: what ``coco_keypoints`` reads back as the same samples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import COCO_17_TO_KEYPOINTS, KEYPOINT_TWINS
from core.datasets.boxes import BOX_MARGIN
from core.datasets.coco_keypoints import COCO_JOINT_NAMES
from core.datasets.whole_files import written_whole
from core.geometry.crops import Box
from core.records import FloatArray

HIDDEN_CONFIDENCE = 0.5
"""Up to this a joint counts as labelled but hidden (COCO's visibility 1), above as visible (2)."""

_COCO_SKELETON = (
    (16, 14), (14, 12), (17, 15), (15, 13), (12, 13), (6, 12), (7, 13), (6, 7), (6, 8), (7, 9),
    (8, 10), (9, 11), (2, 3), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoPerson:
    """One annotation to write. picture: absolute path; keypoints_px: (49, 3).

    wanted_id: the id it was imported with, where it was; another person may have taken it.
    notes: further fields, under the key ``spin_studio``.
    """

    picture: Path
    picture_size_px: tuple[int, int]
    keypoints_px: FloatArray
    box: Box
    wanted_id: int | None
    notes: dict[str, object]


def coco_document(people: Sequence[CocoPerson], *, folder: Path) -> dict[str, object]:
    """The document; names of pictures start from ``folder``.

    Ids of annotations are kept where they were imported and are still free; ids of images are the
    numbers that COCO's file names hold. All others get numbers above the largest one.
    """
    pictures = dict.fromkeys(person.picture for person in people)
    image_ids = dict(
        zip(pictures, _numbered([_number_in_name(one) for one in pictures]), strict=True)
    )
    sizes = {person.picture: person.picture_size_px for person in people}
    ids = _numbered([person.wanted_id for person in people])
    return {
        "info": {"description": "made with SPIN Studio", "pictures_folder": str(folder)},
        "images": [
            {
                "id": image_ids[picture],
                "file_name": str(PurePosixPath(picture.relative_to(folder))),
                "width": sizes[picture][0],
                "height": sizes[picture][1],
            }
            for picture in pictures
        ],
        "annotations": [
            _annotation(person, number, image_ids[person.picture])
            for person, number in zip(people, ids, strict=True)
        ],
        "categories": [
            {
                "id": 1,
                "name": "person",
                "supercategory": "person",
                "keypoints": list(COCO_JOINT_NAMES),
                "skeleton": [list(edge) for edge in _COCO_SKELETON],
            }
        ],
    }


def write_coco(path: Path, document: dict[str, object], *, overwrite: bool = False) -> None:
    """Write a document whole or not at all.

    Raises:
        UserFileError: ``path`` exists and ``overwrite`` is off, or cannot be written.
    """
    with written_whole(path, overwrite=overwrite) as stream:
        stream.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())


def coco_keypoints_of(keypoints_px: FloatArray) -> NDArray[np.float64]:
    """(49, 3) to COCO's (17, 3): x, y, visibility 0, 1 or 2.

    A joint that only OpenPose's half holds is taken from there.
    """
    rows = []
    for place in COCO_17_TO_KEYPOINTS:
        candidates = [place, *KEYPOINT_TWINS[place]]
        seen = [keypoints_px[one] for one in candidates if keypoints_px[one, 2] > 0]
        if not seen:
            rows.append((0.0, 0.0, 0.0))
            continue
        x, y, confidence = (float(number) for number in seen[0])
        visibility = 1.0 if confidence <= HIDDEN_CONFIDENCE else 2.0
        rows.append((round(x, 3), round(y, 3), visibility))
    return np.array(rows)


def _annotation(person: CocoPerson, number: int, image_id: int) -> dict[str, object]:
    keypoints = coco_keypoints_of(person.keypoints_px)
    box, side = person.box, person.box.side_px / BOX_MARGIN
    corner = box.center_x_px - side / 2, box.center_y_px - side / 2
    return {
        "id": number,
        "image_id": image_id,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": [_plain(value) for value in keypoints.reshape(-1)],
        "num_keypoints": int((keypoints[:, 2] > 0).sum()),
        "bbox": [*corner, side, side],
        "area": side * side,
        "spin_studio": person.notes,
    }


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(value)


def _number_in_name(picture: Path) -> int | None:
    """785 for ``000000000785.jpg``, as COCO names its pictures; None for other names."""
    return int(picture.stem) if picture.stem.isascii() and picture.stem.isdigit() else None


def _numbered(wanted: Iterable[int | None]) -> list[int]:
    """Each wanted number for the first that wants it, fresh ones for all others."""
    wanted = list(wanted)
    fresh = max([number for number in wanted if number is not None], default=0)
    taken: set[int] = set()
    numbers = []
    for number in wanted:
        if number is None or number in taken:
            fresh += 1
            number = fresh
        taken.add(number)
        numbers.append(number)
    return numbers
