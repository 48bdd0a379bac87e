"""The joints of a JSON entry as numbers, in whichever of the common shapes they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.json_files import check_finite, field_of, numbers_among
from core.formats.read_notes import ReadNotes
from core.formats.reader_results import BrokenEntryError

FLAG_FIELDS = ("visibility", "visible", "keypoints_visible", "keypoint_scores")
"""Where a joint's third number may stand when its field holds only x and y."""

WITHOUT_FLAGS = "joints without visibility count as seen"
NOWHERE = "joints at (0, 0) or (-1, -1), marked as seen"


def joint_count(entry: Mapping[str, Any], name: str, counts: Sequence[int]) -> int:
    """How many joints a field holds: one of ``counts``, flat or nested, with or without flags.

    Raises:
        BrokenEntryError: it fits none of them.
    """
    values = field_of(entry, name, list)
    nested = len(values) if _is_nested(values) else None
    for count in counts:
        if nested == count or (nested is None and len(values) == 3 * count):
            return count
    for count in counts:
        if nested is None and len(values) == 2 * count:
            return count
    found = f"{len(values)} numbers" if nested is None else f"{nested} joints"
    expected = " or ".join(str(count if nested is not None else 3 * count) for count in counts)
    raise BrokenEntryError(f"{name}: {found}, expected {expected}")


def read_joints(
    entry: Mapping[str, Any], name: str, count: int, notes: ReadNotes
) -> NDArray[np.float64]:
    """A field's joints ``(count, 3)``: x, y, and visibility or score as the file says it.

    Read are ``[x, y, v, x, y, v, …]``, ``[[x, y, v], …]``, and both with x and y only, where the
    flags stand in a list of their own or, without any, every joint counts as seen (2). A joint that
    is marked as absent may have any coordinates; one seen at (0, 0) or (-1, -1) is absent.

    Raises:
        BrokenEntryError: another number of joints, anything but numbers, or a joint marked as seen
            at NaN or infinity.
    """
    values = field_of(entry, name, list)
    if _is_nested(values):
        width = len(values[0])
        if width not in (2, 3) or any(len(joint) != width for joint in values):
            raise BrokenEntryError(f"{name}: its joints hold {width} numbers, expected 2 or 3")
        values = [number for joint in values for number in joint]
    numbers = numbers_among(values, name, (3 * count, 2 * count))
    if len(numbers) == 3 * count:
        joints = numbers.reshape(count, 3)
    else:
        flags = _flags_beside(entry, count, notes)
        joints = np.column_stack([numbers.reshape(count, 2), flags])
    return without_impossible(joints, name, notes)


def _is_nested(values: Sequence[Any]) -> bool:
    return bool(values) and all(type(value) is list for value in values)


def _flags_beside(entry: Mapping[str, Any], count: int, notes: ReadNotes) -> NDArray[np.float64]:
    for name in FLAG_FIELDS:
        if name in entry:
            return numbers_among(field_of(entry, name, list), name, (count,))
    notes.assume(WITHOUT_FLAGS)
    return np.full(count, 2.0)


def without_impossible(
    joints: NDArray[np.float64], name: str, notes: ReadNotes
) -> NDArray[np.float64]:
    """Absent joints as zeros; (0, 0) and (-1, -1) are what tools write for joints never placed."""
    check_finite(joints[:, 2], name)
    seen = joints[:, 2] > 0
    joints[~seen, :2] = 0
    check_finite(joints, name)
    x, y = joints[:, 0], joints[:, 1]
    nowhere = seen & (((x == 0) & (y == 0)) | ((x == -1) & (y == -1)))
    notes.drop(NOWHERE, int(nowhere.sum()))
    joints[nowhere] = 0
    return joints


def detected(
    joints: NDArray[np.float64], min_score: float, notes: ReadNotes
) -> NDArray[np.float64]:
    """``(K, 3)`` with a detector's confidence in 0..1; joints it hardly believes in are absent."""
    confidence = np.clip(joints[:, 2], 0, 1)
    weak = confidence < min_score
    scored = confidence > 0
    notes.drop_weak(int((weak & scored).sum()), of=int(scored.sum()), min_score=min_score)
    confidence[weak] = 0
    return np.column_stack([joints[:, :2], confidence])


def too_few_joints(min_score: float) -> str:
    """Why a person is left out who has hardly any joint that a detector believes in."""
    return f"person with fewer than 2 joints above confidence {min_score:g}"
