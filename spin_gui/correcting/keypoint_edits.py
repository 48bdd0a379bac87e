"""What can be done to keypoints: pure functions on ``(49, 3)``. Knows nothing of Qt.

Confidence is what tells the states apart, see ``spin_gui.session.joint_states``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import (
    KEYPOINT_FLIP,
    KEYPOINT_NAMES,
    KEYPOINT_TWINS,
    OPENPOSE_KEYPOINTS,
)
from core.formats.keypoints.coco_entries import HIDDEN_CONFIDENCE
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from spin_gui.session.joint_states import CONFIDENCES, JointState, state_of

_ANNOTATED_ORDER = (
    44, 45, 46, 47, 48, 38, 43, 42, 37, 40, 41, 39, 34, 35, 36, 33, 32, 31, 28, 29, 30, 27, 26, 25,
)  # fmt: skip
_OPENPOSE_ORDER = (
    0, 16, 15, 18, 17, 1, 8, 5, 6, 7, 2, 3, 4, 12, 13, 14, 9, 10, 11, 19, 20, 21, 22, 23, 24,
)  # fmt: skip

GROUPS: dict[str, tuple[int, ...]] = {
    "Annotated joints": _ANNOTATED_ORDER,
    "OpenPose": _OPENPOSE_ORDER,
}
"""All 49 in the order of the list: face, trunk, left arm, right arm, left leg, right leg, feet."""

_LIMB_WORDS = {
    "arm": ("Shoulder", "Elbow", "Wrist"),
    "leg": ("Hip", "Knee", "Ankle", "Toe", "Heel"),
    "face": ("Eye", "Ear"),
}


def with_twins(keypoints_px: FloatArray, index: int, *, linked: bool) -> list[int]:
    """A keypoint and, where linked, its twin of the other set that is present, too."""
    twins = [
        keypoint_twin
        for keypoint_twin in KEYPOINT_TWINS[index]
        if linked and keypoints_px[keypoint_twin, 2] > 0
    ]
    return [index, *twins]


def moved(
    keypoints_px: FloatArray, indices: Iterable[int], offset_px: tuple[float, float]
) -> FloatArray:
    """Keypoints shifted by an offset in picture pixels; absent ones stay absent.

    What a person moved is where that person says: it becomes certain, unless it is hidden.
    """
    result = keypoints_px.copy()
    for index in indices:
        if result[index, 2] > 0:
            result[index, :2] += np.array(offset_px, dtype=np.float32)
            hidden = state_of(float(result[index, 2])) is JointState.HIDDEN
            result[index, 2] = HIDDEN_CONFIDENCE if hidden else 1.0
    return result


def placed(keypoints_px: FloatArray, index: int, point_px: tuple[float, float]) -> FloatArray:
    """A keypoint put somewhere, visible."""
    result = keypoints_px.copy()
    result[index] = (*point_px, 1.0)
    return result


def with_state(keypoints_px: FloatArray, indices: Iterable[int], state: JointState) -> FloatArray:
    """Keypoints with another state; those that are absent have no place and stay absent."""
    result = keypoints_px.copy()
    for index in indices:
        if state is JointState.ABSENT:
            result[index] = 0
        elif result[index, 2] > 0:
            result[index, 2] = CONFIDENCES[state]
    return result


def swapped(keypoints_px: FloatArray, indices: Collection[int] | None = None) -> FloatArray:
    """Left and right exchanged, of all keypoints or of some and their counterparts."""
    chosen = range(NUM_KEYPOINTS) if indices is None else indices
    both = sorted({*chosen, *(KEYPOINT_FLIP[index] for index in chosen)})
    result = keypoints_px.copy()
    result[both] = keypoints_px[[KEYPOINT_FLIP[index] for index in both]]
    return result


def limb_of(index: int) -> tuple[int, ...]:
    """The keypoints of the same arm, leg or half of the face, in both sets; the middle has none."""
    if KEYPOINT_FLIP[index] == index:
        return ()
    words = next(
        words
        for words in _LIMB_WORDS.values()
        if any(word in KEYPOINT_NAMES[index] for word in words)
    )
    return tuple(
        other
        for other, name in enumerate(KEYPOINT_NAMES)
        if any(word in name for word in words)
        and KEYPOINT_FLIP[other] != other
        and is_left(other) == is_left(index)
    )


def is_left(index: int) -> bool:
    """Whether a keypoint with a counterpart lies on the person's left."""
    return KEYPOINT_NAMES[index].startswith(("OP L", "Left"))


def copied(
    keypoints_px: FloatArray, seen_px: NDArray[np.floating], indices: Iterable[int]
) -> FloatArray:
    """Keypoints taken from where a body's are seen ``(49, 2)``; hidden until a person says more."""
    result = keypoints_px.copy()
    for index in indices:
        confidence = result[index, 2] if result[index, 2] > 0 else HIDDEN_CONFIDENCE
        result[index] = (*seen_px[index], confidence)
    return result


def missing(keypoints_px: FloatArray) -> list[int]:
    """The absent keypoints that a person is asked for, in the order of the list.

    Those of the annotated set that name an outer joint; where the person has OpenPose's keypoints
    alone, of that set. A twin that is there already stands for both.
    """
    openpose_alone = bool(
        (keypoints_px[:OPENPOSE_KEYPOINTS, 2] > 0).any()
        and not (keypoints_px[OPENPOSE_KEYPOINTS:, 2] > 0).any()
    )
    asked = _OPENPOSE_ORDER if openpose_alone else _COCO_FIRST
    return [
        index
        for index in asked
        if keypoints_px[index, 2] <= 0
        and not any(keypoints_px[twin, 2] > 0 for twin in KEYPOINT_TWINS[index])
    ]


_COCO_FIRST = tuple(
    index for index in _ANNOTATED_ORDER if index not in {37, 38, 39, 40, 41, 42, 43}
)
"""COCO's joints: what people annotate. Neck, head top, … come from other data sets."""


def coverage_text(keypoints_px: FloatArray) -> str:
    """How many of the 49 keypoints are there, and that those not asked for may stay empty."""
    present = int((keypoints_px[:, 2] > 0).sum())
    absent = len(missing(keypoints_px))
    if present == NUM_KEYPOINTS:
        return f"All {NUM_KEYPOINTS} keypoints are annotated."
    if absent:
        return (
            f"{present} of {NUM_KEYPOINTS} keypoints are annotated, {absent} missing (N leads to "
            "the next); the others may stay empty."
        )
    return (
        f"{present} of {NUM_KEYPOINTS} keypoints are annotated by this source; the others may "
        "stay empty."
    )


def next_missing(keypoints_px: FloatArray, after: int | None) -> int | None:
    """The next absent keypoint below ``after`` in the list, from the top again; None without."""
    absent = missing(keypoints_px)
    if not absent:
        return None
    order = [index for group in GROUPS.values() for index in group]
    start = -1 if after is None else order.index(after)
    below = [index for index in absent if order.index(index) > start]
    return (below or absent)[0]
