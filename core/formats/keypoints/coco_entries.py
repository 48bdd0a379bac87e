"""One annotation of a COCO file as it is written: what people changed, and all else as it was."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import COCO_17_TO_KEYPOINTS, KEYPOINT_TWINS
from core.formats.keypoints.person_boxes import BOX_MARGIN
from core.geometry.boxes import Box, box_around
from core.types.arrays import FloatArray

HIDDEN_CONFIDENCE = 0.5
"""What people give at most this is labelled but hidden (COCO's visibility 1), more is visible."""

AREA_OF_BOX = 0.53
"""A person's area as a part of their box, where a file gives none; other tools take the same."""

_HIDDEN, _VISIBLE = 1, 2

_CANDIDATES = np.array([(index, *KEYPOINT_TWINS[index]) for index in COCO_17_TO_KEYPOINTS])
"""(17, 2): COCO's joint, and the keypoint of OpenPose's half that may stand for it."""

_SAME_PX = 0.01


@dataclass(frozen=True, kw_only=True, eq=False)
class CocoPerson:
    """One person to write.

    picture: the key of one of the pictures. keypoints_px: (49, 3). imported_keypoints_px: (49, 3),
    as they were imported, zeros for a person drawn by hand. imported_box: None where the file's is
    not known. entry: the entry of the file they were imported from; empty without one.
    document: which file. requested_id: the id they had there. position: in the file's list.
    notes: further fields, under the key ``spin_studio``.
    """

    picture: Hashable
    keypoints_px: FloatArray
    imported_keypoints_px: FloatArray
    box: Box
    imported_box: Box | None
    entry: Mapping[str, Any]
    document: int | None
    position: int
    requested_id: object
    notes: Mapping[str, object]


def person_entry(person: CocoPerson) -> dict[str, Any]:
    """The fields of a person's annotation but for the ids it refers to.

    Every field of the entry it was imported from stays; joints and box that a person changed take
    the place of the entry's, and what COCO asks for and the entry lacks is added.
    """
    entry = dict(person.entry)
    before = _imported(person)
    keypoints = _current(person, before)
    if not np.array_equal(before, keypoints) or "keypoints" not in entry:
        entry["keypoints"] = [_plain(value) for value in keypoints.reshape(-1)]
        entry["num_keypoints"] = int((keypoints[:, 2] > 0).sum())
    entry.setdefault("num_keypoints", int((keypoints[:, 2] > 0).sum()))
    if type(entry.get("iscrowd")) is not int:
        entry["iscrowd"] = 0
    _put_box(entry, person)
    entry["spin_studio"] = dict(person.notes)
    return entry


def coco_joints(keypoints_px: FloatArray) -> NDArray[np.float64]:
    """(49, 3) to COCO's (17, 3): x, y, confidence.

    A joint that only OpenPose's half holds is taken from there.
    """
    joints = np.zeros((len(COCO_17_TO_KEYPOINTS), 3))
    for candidates in reversed(_CANDIDATES.T):  # the first choice last, over what is there
        found = keypoints_px[candidates]
        seen = found[:, 2] > 0
        joints[seen] = found[seen]
    return joints


def _imported(person: CocoPerson) -> NDArray[np.float64]:
    """(17, 3) x, y, visibility as the file had them; what it called confident counts as visible."""
    listed = person.entry.get("keypoints")
    if isinstance(listed, list) and len(listed) == 3 * len(COCO_17_TO_KEYPOINTS):
        return np.nan_to_num(np.array(listed, dtype=np.float64)).reshape(-1, 3)
    joints = coco_joints(person.imported_keypoints_px)
    return np.column_stack([joints[:, :2].round(3), np.where(joints[:, 2] > 0, _VISIBLE, 0)])


def _current(person: CocoPerson, written: NDArray[np.float64]) -> NDArray[np.float64]:
    """(17, 3) x, y, visibility: joints that were not touched exactly as they were ``written``."""
    before = coco_joints(person.imported_keypoints_px)
    now = coco_joints(person.keypoints_px)
    result = written.copy()
    for joint in np.flatnonzero((before != now).any(axis=1)):
        same = np.flatnonzero((before == now[joint]).all(axis=1) & (now[joint, 2] > 0))
        if len(same):  # left and right exchanged, say
            result[joint] = written[same[0]]
        else:
            result[joint] = _stated(now[joint], before[joint], written[joint])
    return result


def _stated(
    now: NDArray[np.float64], before: NDArray[np.float64], written: NDArray[np.float64]
) -> tuple[float, float, float]:
    """A joint that a person moved, hid, showed or removed."""
    x, y, confidence = (float(number) for number in now)
    if confidence <= 0:
        return 0.0, 0.0, 0.0
    if confidence == before[2] and written[2] > 0:
        return round(x, 3), round(y, 3), float(written[2])
    return round(x, 3), round(y, 3), _HIDDEN if confidence <= HIDDEN_CONFIDENCE else _VISIBLE


def _put_box(entry: dict[str, Any], person: CocoPerson) -> None:
    """Box and area: the file's, unless a person changed the box or the file has none."""
    old = person.imported_box
    moved = old is not None and person.box != old
    keeps_box = _is_box(entry.get("bbox")) and not moved
    if not keeps_box:
        entry["bbox"] = _written_box(person)
    if type(entry.get("area")) not in (int, float):
        extent = None if keeps_box else _extent(person.keypoints_px)
        width, height = (extent or entry["bbox"])[2:]
        entry["area"] = AREA_OF_BOX * width * height
    elif old is not None and moved and not entry.get("segmentation"):
        entry["area"] *= (person.box.side_px / old.side_px) ** 2


def _is_box(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 4
        and all(type(number) in (int, float) for number in value)
    )


def _written_box(person: CocoPerson) -> list[float]:
    """Left, top, width, height: the extent of the joints where the crop was made of it.

    Elsewhere the square that the crop is 1.2 times as large as.
    """
    tight = _extent(person.imported_keypoints_px)
    if tight is not None and _same_box(_square_around(tight), person.box):
        return [round(number, 3) for number in tight]
    side = person.box.side_px / BOX_MARGIN
    corner = person.box.center_x_px - side / 2, person.box.center_y_px - side / 2
    return [round(number, 3) for number in (*corner, side, side)]


def _extent(keypoints_px: FloatArray) -> list[float] | None:
    """Left, top, width, height of the joints that are there; None for fewer than two."""
    seen = keypoints_px[keypoints_px[:, 2] > 0, :2].astype(np.float64)
    if len(seen) < 2:
        return None
    low, high = seen.min(axis=0), seen.max(axis=0)
    return [*low.tolist(), *(high - low).tolist()]


def _square_around(bbox: list[float]) -> Box:
    left, top, width, height = bbox
    corners = np.array([[left, top], [left + width, top + height]])
    return box_around(corners, margin=BOX_MARGIN)


def _same_box(first: Box, second: Box) -> bool:
    numbers = [(box.center_x_px, box.center_y_px, box.side_px) for box in (first, second)]
    return all(abs(a - b) <= _SAME_PX for a, b in zip(*numbers, strict=True))


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(value)
