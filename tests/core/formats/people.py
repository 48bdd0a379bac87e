"""A standing person as annotators and detectors see one, and the documents that hold one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats.keypoints.joint_orders import COCO_JOINT_NAMES, JOINT_ORDERS

STANDING: dict[str, tuple[float, float]] = {
    "nose": (100, 20), "left_eye": (103, 17), "right_eye": (97, 17), "left_ear": (107, 19),
    "right_ear": (93, 19), "left_shoulder": (115, 35), "right_shoulder": (85, 35),
    "left_elbow": (125, 50), "right_elbow": (75, 50), "left_wrist": (130, 62),
    "right_wrist": (70, 62), "left_hip": (108, 66), "right_hip": (92, 66), "left_knee": (110, 90),
    "right_knee": (90, 90), "left_ankle": (111, 112), "right_ankle": (89, 112),
    "neck": (100, 33), "upper_neck": (100, 28), "head_top": (100, 8), "mid_hip": (100, 66),
    "thorax": (100, 36), "spine": (100, 50), "jaw": (100, 25), "head": (100, 12),
    "chest": (100, 48), "left_big_toe": (115, 118), "left_small_toe": (118, 117),
    "left_heel": (110, 115), "right_big_toe": (85, 118), "right_small_toe": (82, 117),
    "right_heel": (90, 115),
}  # fmt: skip
"""Pixels of a picture of 200×130 px."""

PICTURE_SIZE = (200, 130)
BBOX = [66.0, 5.0, 68.0, 112.0]
"""Around the 17 joints of COCO."""


def joints(order: str = "coco", flag: float = 2, dx: float = 0, dy: float = 0) -> list[list[float]]:
    """The person's joints in one of the known orders: ``[[x, y, flag], …]``."""
    return [
        [0, 0, 0] if name is None else [STANDING[name][0] + dx, STANDING[name][1] + dy, flag]
        for name in JOINT_ORDERS[order].joints
    ]


def flat(points: Sequence[Sequence[float]]) -> list[float]:
    """As files list them: x, y, flag, x, y, flag, …"""
    return [number for point in points for number in point]


def annotation(number: int = 1, **changes: Any) -> dict[str, Any]:
    """An entry of COCO; a change to ``...`` takes the field out."""
    entry: dict[str, Any] = {
        "id": number,
        "image_id": 1,
        "category_id": 1,
        "iscrowd": 0,
        "bbox": BBOX,
        "keypoints": flat(joints()),
    }
    entry.update(changes)
    return {name: value for name, value in entry.items() if value is not ...}


def result(**changes: Any) -> dict[str, Any]:
    """An entry of a list of results."""
    keypoints = flat(joints(flag=0.9))
    entry: dict[str, Any] = {"image_id": 1, "category_id": 1, "keypoints": keypoints, "score": 0.8}
    return {**entry, **changes}


def document(*annotations: Any, **changes: Any) -> dict[str, Any]:
    """An annotation file of one picture."""
    width, height = PICTURE_SIZE
    return {
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_JOINT_NAMES)}],
        "images": [{"id": 1, "file_name": "one.png", "width": width, "height": height}],
        "annotations": list(annotations),
        **changes,
    }


def openpose(*people: Sequence[Sequence[float]], **fields: Any) -> dict[str, Any]:
    """A file of OpenPose."""
    return {
        "version": 1.3,
        "people": [{"pose_keypoints_2d": flat(points)} for points in people],
        **fields,
    }


def coco_joints_of(keypoints_px: NDArray[np.float32]) -> list[tuple[float, ...]]:
    """What of the 49 keypoints COCO knows, in its order."""
    places = [place for place in JOINT_ORDERS["coco"].keypoint_indices if place is not None]
    return [tuple(float(number) for number in keypoints_px[place]) for place in places]
