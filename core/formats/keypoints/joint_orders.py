"""The orders in which other programs list a person's joints, and how joints are told by name.

An order maps each of its joints to a place among the 49 keypoints. Detectors of the OpenPose family
fill the first 25, annotated data sets the last 24.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import place_keypoints
from core.errors import StudioError
from core.types.arrays import FloatArray

COCO_JOINT_NAMES: tuple[str, ...] = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee",
    "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip

FEET = (
    "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe", "right_heel",
)  # fmt: skip
_FACE_AND_HANDS = (None,) * (68 + 2 * 21)
_OPENPOSE_ARMS = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow",
    "left_wrist",
)  # fmt: skip
_OPENPOSE_LEGS = (
    "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
)  # fmt: skip
_OPENPOSE_HEAD = ("right_eye", "left_eye", "right_ear", "left_ear")
_BODY_25 = (*_OPENPOSE_ARMS, "mid_hip", *_OPENPOSE_LEGS, *_OPENPOSE_HEAD, *FEET)

_FOOT_INDICES: Mapping[str, int] = {name: 19 + index for index, name in enumerate(FEET)}

_ANNOTATED_INDICES: Mapping[str, int] = {
    "right_ankle": 25, "right_knee": 26, "right_hip": 27, "left_hip": 28, "left_knee": 29,
    "left_ankle": 30, "right_wrist": 31, "right_elbow": 32, "right_shoulder": 33,
    "left_shoulder": 34, "left_elbow": 35, "left_wrist": 36, "neck": 37, "upper_neck": 37,
    "head_top": 38, "mid_hip": 39, "thorax": 40, "spine": 41, "jaw": 42, "nose": 44,
    "left_eye": 45, "right_eye": 46, "left_ear": 47, "right_ear": 48, **_FOOT_INDICES,
}  # fmt: skip
"""Where joints of annotated data sets go. A neck is taken for LSP's, as SPIN does."""

_OPENPOSE_INDICES: Mapping[str, int] = {
    **{name: index for index, name in enumerate(_BODY_25)},
    "upper_neck": 37,
    "head_top": 38,
}

FEWEST_NAMED_JOINTS = 4
"""Fewer joints with names that the program knows make no body."""


@dataclass(frozen=True)
class JointOrder:
    """Joints by canonical name, as a file lists them; and where each is among the 49, or None."""

    name: str
    title: str
    joints: tuple[str | None, ...]
    keypoint_indices: tuple[int | None, ...]

    def __len__(self) -> int:
        return len(self.joints)

    def placed(self, points: NDArray[np.floating]) -> FloatArray:
        """Points ``(K, 3)`` among the 49 keypoints; those without an index are left out."""
        rows, indices = self._known
        return place_keypoints(points[rows], indices)

    @cached_property
    def _known(self) -> tuple[list[int], list[int]]:
        """The joints that have a place among the 49, and their places."""
        rows = [row for row, index in enumerate(self.keypoint_indices) if index is not None]
        return rows, [index for index in self.keypoint_indices if index is not None]

    def with_feet(self) -> JointOrder:
        """The same order with COCO-WholeBody's six joints of the feet behind it."""
        indices = tuple(_FOOT_INDICES[name] for name in FEET)
        return JointOrder(
            self.name, self.title, (*self.joints, *FEET), (*self.keypoint_indices, *indices)
        )

    def first(self, count: int) -> JointOrder:
        """The same order with its first joints only."""
        if count == len(self.joints):
            return self
        return JointOrder(self.name, self.title, self.joints[:count], self.keypoint_indices[:count])


def _order(
    name: str, title: str, joints: Sequence[str | None], index_of: Mapping[str, int]
) -> JointOrder:
    indices = tuple(None if joint is None else index_of.get(joint) for joint in joints)
    return JointOrder(name, title, tuple(joints), indices)


_H36M = (
    "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle",
    "spine", "neck", "jaw", "head", "left_shoulder", "left_elbow", "left_wrist", "right_shoulder",
    "right_elbow", "right_wrist",
)  # fmt: skip
_MPI_INF_3DHP = (
    "head_top", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder",
    "left_elbow", "left_wrist", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee",
    "left_ankle", "mid_hip", "spine", "head",
)  # fmt: skip
_HALPE = (
    *COCO_JOINT_NAMES, "head_top", "neck", "mid_hip", "left_big_toe", "right_big_toe",
    "left_small_toe", "right_small_toe", "left_heel", "right_heel",
)  # fmt: skip
_BODY_25B = (*COCO_JOINT_NAMES, "upper_neck", "head_top", *FEET)
_MPII_LEGS = ("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle")
_MPII_ARMS = (
    "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
)  # fmt: skip

COCO = _order("coco", "COCO, 17 joints", COCO_JOINT_NAMES, _ANNOTATED_INDICES)
BODY_25 = _order("body25", "OpenPose BODY_25", _BODY_25, _OPENPOSE_INDICES)
COCO_18 = _order(
    "coco18",
    "OpenPose COCO, 18 joints",
    (*_OPENPOSE_ARMS, *_OPENPOSE_LEGS, *_OPENPOSE_HEAD),
    _OPENPOSE_INDICES,
)
BODY_135 = _order(
    "body135",
    "OpenPose BODY_135: BODY_25B, hands and face",
    (*_BODY_25B, *(None,) * (2 * 20 + 70)),
    _OPENPOSE_INDICES,
)

JOINT_ORDERS: Mapping[str, JointOrder] = MappingProxyType(
    {
        order.name: order
        for order in (
            COCO,
            BODY_25,
            _order(
                "body25b",
                "OpenPose BODY_25B",
                _BODY_25B,
                _OPENPOSE_INDICES,
            ),
            BODY_135,
            COCO_18,
            _order(
                "mpi15",
                "OpenPose MPI, 15 joints",
                ("head_top", *_OPENPOSE_ARMS[1:], *_OPENPOSE_LEGS, "chest"),
                _OPENPOSE_INDICES,
            ),
            _order(
                "posetrack",
                "PoseTrack, 17 joints",
                ("nose", "upper_neck", "head_top", *COCO_JOINT_NAMES[3:]),
                _ANNOTATED_INDICES,
            ),
            _order(
                "h36m",
                "Human3.6M, 17 joints, right leg first",
                _H36M,
                {**_ANNOTATED_INDICES, "head": 43},
            ),
            # Where SPIN puts them: its head is the jaw of Human3.6M, its head's top the head.
            _order(
                "mpi3dhp",
                "MPI-INF-3DHP, 17 joints",
                _MPI_INF_3DHP,
                {**_ANNOTATED_INDICES, "head": 42, "head_top": 43},
            ),
            _order(
                "mpii",
                "MPII, 16 joints",
                (*_MPII_LEGS, "mid_hip", "thorax", "upper_neck", "head_top", *_MPII_ARMS),
                _ANNOTATED_INDICES,
            ),
            _order(
                "lsp",
                "LSP, 14 joints",
                (*_MPII_LEGS, *_MPII_ARMS, "neck", "head_top"),
                _ANNOTATED_INDICES,
            ),
            _order(
                "crowdpose",
                "CrowdPose, 14 joints",
                (*COCO_JOINT_NAMES[5:], "head", "neck"),
                {**_ANNOTATED_INDICES, "head": 38},
            ),
            _order(
                "aic",
                "AI Challenger, 14 joints",
                (
                    *(f"right_{part}" for part in ("shoulder", "elbow", "wrist")),
                    *(f"left_{part}" for part in ("shoulder", "elbow", "wrist")),
                    *_OPENPOSE_LEGS,
                    "head_top",
                    "neck",
                ),
                _ANNOTATED_INDICES,
            ),
            _order(
                "halpe26",
                "Halpe, 26 joints",
                _HALPE,
                _ANNOTATED_INDICES,
            ),
            _order(
                "halpe136",
                "Halpe, 136 joints",
                (*_HALPE, *_FACE_AND_HANDS),
                _ANNOTATED_INDICES,
            ),
            _order(
                "wholebody",
                "COCO-WholeBody, 133 joints",
                (*COCO_JOINT_NAMES, *FEET, *_FACE_AND_HANDS),
                _ANNOTATED_INDICES,
            ),
            _order(
                "humanart21",
                "HumanArt, 21 joints: COCO's, fingers and toes",
                (*COCO_JOINT_NAMES, *(None,) * 4),
                _ANNOTATED_INDICES,
            ),
        )
    }
)
"""By the name that ``--joints`` takes."""


ORDER_OF_COUNT: Mapping[int, JointOrder] = MappingProxyType(
    {
        len(JOINT_ORDERS[name]): JOINT_ORDERS[name]
        for name in ("coco", "mpii", "halpe26", "wholebody", "body135", "halpe136")
    }
)
"""Orders that are told by the number of their joints, since no other has as many.

COCO's 17 are taken for granted, though PoseTrack and Human3.6M have 17, too.
"""


def joint_order(name: str) -> JointOrder:
    """An order by its name; raises ``StudioError`` for one the program does not know."""
    if name not in JOINT_ORDERS:
        raise StudioError(
            f"No order of joints is called {name[:40]!r}, expected one of "
            f"{', '.join(JOINT_ORDERS)}."
        )
    return JOINT_ORDERS[name]


def order_of_names(
    names: Sequence[object], *, fewest: int = FEWEST_NAMED_JOINTS
) -> JointOrder | None:
    """The order that a file's own names tell; None where they name no body, or a joint twice.

    Spelling does not matter: ``Right Shoulder``, ``r_sho`` and ``RShoulder`` are one joint. Names
    that are not known keep their position and go nowhere.
    """
    joints = tuple(canonical_joint(name) for name in names)
    recognised = [
        _ANNOTATED_INDICES[joint] for joint in joints if joint and joint in _ANNOTATED_INDICES
    ]
    if len(recognised) < fewest or len(set(recognised)) < len(recognised):
        return None
    index_by_name = _indices_of_set(joints)
    return JointOrder(
        "named",
        "as the file names them",
        joints,
        tuple(
            None if each_joint is None else index_by_name.get(each_joint) for each_joint in joints
        ),
    )


def _indices_of_set(joints: Iterable[str | None]) -> Mapping[str, int]:
    """A "head" means another point in each data set; which one, the whole set of names tells.

    Where it stands in the place of a top of the head, it is one.
    """
    requested = {joint for joint in joints if joint is not None}
    found = _indices_of(requested)
    if found is None and "head" in requested and "head_top" not in requested:
        found = _indices_of((requested - {"head"}) | {"head_top"})
        found = None if found is None else {**found, "head": found["head_top"]}
    return _ANNOTATED_INDICES if found is None else found


def _indices_of(joints: Set[str]) -> Mapping[str, int] | None:
    """Where the known order that has just these joints puts them; None where there is none."""
    for order in JOINT_ORDERS.values():
        pairs = zip(order.joints, order.keypoint_indices, strict=True)
        places = {joint: index for joint, index in pairs if joint is not None}
        if places.keys() == joints:
            return {joint: index for joint, index in places.items() if index is not None}
    return None


_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}
_PAIRED = {
    "eye": "eye", "ear": "ear", "shoulder": "shoulder", "sho": "shoulder", "elbow": "elbow",
    "elb": "elbow", "wrist": "wrist", "wri": "wrist", "hip": "hip", "knee": "knee", "kne": "knee",
    "ankle": "ankle", "ank": "ankle", "bigtoe": "big_toe", "smalltoe": "small_toe",
    "littletoe": "small_toe", "heel": "heel",
}  # fmt: skip
_MIDDLE = {
    "nose": "nose", "neck": "neck", "upperneck": "upper_neck", "headbottom": "upper_neck",
    "headtop": "head_top", "tophead": "head_top", "topofhead": "head_top", "head": "head",
    "pelvis": "mid_hip", "midhip": "mid_hip", "hipcenter": "mid_hip", "hipcentre": "mid_hip",
    "hip": "mid_hip", "hips": "mid_hip", "root": "mid_hip", "thorax": "thorax", "spine": "spine",
    "jaw": "jaw",
}  # fmt: skip
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_MAX_NAME_LENGTH = 60


def canonical_joint(name: object) -> str | None:
    """``left_shoulder`` for ``L-Shoulder``, ``shoulder_left``, …; None for anything else."""
    if not isinstance(name, str) or len(name) > _MAX_NAME_LENGTH:
        return None
    words = [word.lower() for word in _WORDS.findall(name)]
    sides = [_SIDES[word] for word in words if word in _SIDES]
    part = "".join(word for word in words if word not in _SIDES)
    if not sides:
        if part in _MIDDLE:
            return _MIDDLE[part]
        for prefix, side in _SIDES.items():
            if part.startswith(prefix) and part.removeprefix(prefix) in _PAIRED:
                return f"{side}_{_PAIRED[part.removeprefix(prefix)]}"
        return None
    return f"{sides[0]}_{_PAIRED[part]}" if len(sides) == 1 and part in _PAIRED else None
