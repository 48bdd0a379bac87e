"""Whether the joints of a source lie as those of people do, or their order was mistaken.

No joint says what it is; their places do. An eye below the nose, or a neck on the face, may happen
once; for most people of a source it means that the joints are listed in another order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.formats.keypoints.joint_orders import JOINT_ORDERS, JointOrder

Point = NDArray[np.float64]
Joints = Mapping[str, Point]
"""The joints of one person that are there, by canonical name."""

_PEOPLE_LOOKED_AT = 1000
_MOST = 0.5
_FEWEST_PEOPLE = 3
"""This many of one kind are told even where no other order would fit."""


class LayoutCheck:
    """Collects people and tells afterwards whether most of them are put together wrongly."""

    def __init__(self) -> None:
        self._people: dict[JointOrder, list[Point]] = defaultdict(list)

    def add(self, order: JointOrder, points: Point) -> None:
        """Take note of a person's joints ``(K, 3)`` as they stand in the file's order."""
        people = self._people[order]
        if len(people) < _PEOPLE_LOOKED_AT:
            people.append(points)

    def notices(self) -> list[str]:
        """One sentence for each order of joints that most people contradict."""
        found = (_notice(order, people) for order, people in self._people.items())
        return [notice for notice in found if notice is not None]


def _notice(order: JointOrder, people: Sequence[Point]) -> str | None:
    broken = _broken_rules(order, people)
    if not broken:
        return None
    better = next(
        (
            other.name
            for other in JOINT_ORDERS.values()
            if other.joints != order.joints and len(other) == len(order) and _fits(other, people)
        ),
        None,
    )
    what, (count, of) = max(broken.items(), key=lambda one: one[1])
    if better is None and of < _FEWEST_PEOPLE:
        return None
    remedy = (
        f"they would lie right in the order '{better}' (--joints {better})"
        if better
        else "say their order with --joints"
    )
    return f"{what} for {count} of {of} people; are the joints in another order? If so, {remedy}."


def _broken_rules(order: JointOrder, people: Sequence[Point]) -> dict[str, tuple[int, int]]:
    """How many people break each rule that most break, and of how many it can be told."""
    verdicts = _verdicts(order, people)
    return {
        what: (sum(found), len(found))
        for what, found in verdicts.items()
        if found and sum(found) > _MOST * len(found)
    }


def _fits(order: JointOrder, people: Sequence[Point]) -> bool:
    verdicts = [found for found in _verdicts(order, people).values() if found]
    return len(verdicts) > 1 and all(sum(found) <= _MOST * len(found) for found in verdicts)


def _verdicts(order: JointOrder, people: Sequence[Point]) -> dict[str, list[bool]]:
    verdicts: dict[str, list[bool]] = {what: [] for what in _RULES}
    for points in people:
        joints = {
            name: points[index, :2]
            for index, name in enumerate(order.joints)
            if name is not None and points[index, 2] > 0
        }
        torso = _torso(joints)
        if torso is None:
            continue  # nothing to measure by
        for what, rule in _RULES.items():
            broken = rule(joints, *torso)
            if broken is not None:
                verdicts[what].append(broken)
    return verdicts


def _torso(joints: Joints) -> tuple[Point, float] | None:
    """The way up along the body, and the larger one of torso and shoulders in pixels."""
    shoulders, hips = _middle(joints, "shoulder"), _middle(joints, "hip")
    if shoulders is None or hips is None:
        return None
    along = shoulders - hips
    length = float(np.linalg.norm(along))
    if length < 1:
        return None
    width = float(np.linalg.norm(joints["left_shoulder"] - joints["right_shoulder"]))
    return along / length, max(length, width)


def _middle(joints: Joints, part: str) -> Point | None:
    left, right = joints.get(f"left_{part}"), joints.get(f"right_{part}")
    if left is None or right is None:
        return None
    middle: Point = (left + right) / 2
    return middle


def _of_both_sides(
    joints: Joints, first: str, second: str, is_wrong: Callable[[Point], bool]
) -> bool | None:
    """Whether the ways from a joint to another are wrong on both sides; None where one lacks."""
    pairs = [
        (joints.get(f"{side}_{first}"), joints.get(f"{side}_{second}"))
        for side in ("left", "right")
    ]
    ways = [other - one for one, other in pairs if one is not None and other is not None]
    return all(is_wrong(way) for way in ways) if len(ways) == len(pairs) else None


def _eye_below_nose(joints: Joints, up: Point, size: float) -> bool | None:
    eyes = [joints[name] for name in ("left_eye", "right_eye") if name in joints]
    if "nose" not in joints or not eyes:
        return None
    return any(float((eye - joints["nose"]) @ up) < -0.05 * size for eye in eyes)


def _eyes_far_apart(joints: Joints, _up: Point, size: float) -> bool | None:
    if "left_eye" not in joints or "right_eye" not in joints:
        return None
    return bool(np.linalg.norm(joints["left_eye"] - joints["right_eye"]) > 0.3 * size)


def _face_far_from_nose(joints: Joints, _up: Point, size: float) -> bool | None:
    names = [f"{side}_{part}" for side in ("left", "right") for part in ("eye", "ear")]
    face = [joints[name] for name in names if name in joints]
    if "nose" not in joints or not face:
        return None
    return any(np.linalg.norm(array - joints["nose"]) > 0.6 * size for array in face)


def _neck_off_shoulders(joints: Joints, _up: Point, size: float) -> bool | None:
    shoulders = _middle(joints, "shoulder")
    if "neck" not in joints or shoulders is None:
        return None
    return bool(np.linalg.norm(joints["neck"] - shoulders) > 0.5 * size)


def _mid_hip_off_hips(joints: Joints, _up: Point, size: float) -> bool | None:
    hips = _middle(joints, "hip")
    if "mid_hip" not in joints or hips is None:
        return None
    return bool(np.linalg.norm(joints["mid_hip"] - hips) > 0.3 * size)


def _head_top_on_neck(joints: Joints, _up: Point, size: float) -> bool | None:
    if not {"head_top", "upper_neck"} <= joints.keys():
        return None
    head = joints["head_top"] - joints["upper_neck"]
    if np.linalg.norm(head) < 0.12 * size:
        return True
    shoulders = _middle(joints, "shoulder")
    return None if shoulders is None else bool(head @ (joints["upper_neck"] - shoulders) < 0)


def _ankles_above_knees(joints: Joints, up: Point, size: float) -> bool | None:
    return _of_both_sides(joints, "knee", "ankle", lambda way: float(way @ up) > 0.15 * size)


def _knees_above_hips(joints: Joints, up: Point, size: float) -> bool | None:
    return _of_both_sides(joints, "hip", "knee", lambda way: float(way @ up) > 0.25 * size)


def _arms_longer_than_torso(joints: Joints, _up: Point, size: float) -> bool | None:
    return _of_both_sides(
        joints, "shoulder", "elbow", lambda way: bool(np.linalg.norm(way) > 1.5 * size)
    )


_RULES: Mapping[str, Callable[[Joints, Point, float], bool | None]] = {
    "an eye lies below the nose": _eye_below_nose,
    "the eyes lie farther apart than eyes do": _eyes_far_apart,
    "an eye or an ear lies far from the nose": _face_far_from_nose,
    "the neck lies far from the shoulders": _neck_off_shoulders,
    "the middle of the hips lies far from the hips": _mid_hip_off_hips,
    "the top of the head lies on the neck": _head_top_on_neck,
    "the ankles lie above the knees": _ankles_above_knees,
    "the knees lie above the hips": _knees_above_hips,
    "the upper arms are longer than the torso": _arms_longer_than_torso,
}
