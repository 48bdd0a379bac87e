"""Step 6: the 21 single vertices behind nose, eyes, ears, toes, heels and finger tips.

All by geometry and MakeHuman's own data; the right side mirrors the left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_JOINT_NAMES
from resources.open_body.build import base_mesh
from resources.open_body.build.mesh import on_mesh

Array = NDArray[np.float64]
Archive = Mapping[str, NDArray[Any]]

EAR_TARGET = "ears/l-ear-shape-round"
FINGER_TIP_BONES = {
    "lthumb": "finger1-3.L",
    "lindex": "finger2-3.L",
    "lmiddle": "finger3-3.L",
    "lring": "finger4-3.L",
    "lpinky": "finger5-3.L",
}
BIG_TOE_BONE = "toe1-2.L"
SMALL_TOE_BONE = "toe5-3.L"
MIN_BONE_WEIGHT = 0.5
HEEL_WEIGHT = 0.9
HEEL_DOWN_SHARE = 0.6
"""The heel is the rearmost-lowest point: smallest z + 0.6 y."""


def key_vertices(
    t_posed: Archive, mesh: Archive, mean: Array, joints: Array, weights: Array
) -> dict[str, int]:
    """Vertex index by smplx's name for each of ``PICKED_VERTEX_NAMES``."""
    bones = _RigWeights(t_posed, mesh)
    left = {
        "leye": _eye(mesh),
        "lear": _ear(t_posed, mean, weights),
        "LBigToe": _farthest(mean, bones.near(BIG_TOE_BONE), joints[_joint("left_ankle")]),
        "LSmallToe": _outermost(mean, bones.near(SMALL_TOE_BONE)),
        "LHeel": _heel(mean, weights),
    }
    wrist = joints[_joint("left_wrist")]
    left |= {
        name: _farthest(mean, bones.near(bone), wrist) for name, bone in FINGER_TIP_BONES.items()
    }
    mirror = mesh["mirror"]
    right = {_right_name(name): int(mirror[vertex]) for name, vertex in left.items()}
    found = {"nose": _nose(mean, weights, mirror), **left, **right}
    return {name: found[name] for name in PICKED_VERTEX_NAMES}


class _RigWeights:
    """Skin weights of the full rig on the built mesh."""

    def __init__(self, t_posed: Archive, mesh: Archive) -> None:
        self.names = [str(name) for name in t_posed["bone_names"]]
        self.weights = on_mesh(t_posed["rig_weights"], mesh)

    def near(self, bone: str) -> NDArray[np.int64]:
        return np.flatnonzero(self.weights[:, self.names.index(bone)] > MIN_BONE_WEIGHT)


def _joint(name: str) -> int:
    return SKELETON_JOINT_NAMES.index(name)


def _right_name(left: str) -> str:
    return ("R" if left.startswith("L") else "r") + left[1:]


def _eye(mesh: Archive) -> int:
    """The vertex that was taken from the left eyeball."""
    eyeball = base_mesh.LEFT_EYE_HELPER
    sources = mesh["source_vertices"]
    inside = (sources >= eyeball.start) & (sources < eyeball.stop)
    return int(mesh["source_owners"][inside][0])


def _ear(t_posed: Archive, mean: Array, weights: Array) -> int:
    """The vertex nearest to the middle of what the target that shapes the ear moves."""
    base = t_posed["vertices"].mean(axis=0)
    center = base[base_mesh.vertices_moved_by(EAR_TARGET)].mean(axis=0)
    head = np.flatnonzero(weights[:, _joint("head")] > MIN_BONE_WEIGHT)
    return int(head[np.linalg.norm(mean[head] - center, axis=1).argmin()])


def _nose(mean: Array, weights: Array, mirror: NDArray[np.int64]) -> int:
    """The foremost vertex of the head's middle line."""
    in_middle = mirror == np.arange(len(mirror))
    candidates = np.flatnonzero(in_middle & (weights[:, _joint("head")] > MIN_BONE_WEIGHT))
    return int(candidates[mean[candidates, 2].argmax()])


def _heel(mean: Array, weights: Array) -> int:
    candidates = np.flatnonzero(weights[:, _joint("left_ankle")] > HEEL_WEIGHT)
    behind = mean[candidates, 2] + HEEL_DOWN_SHARE * mean[candidates, 1]
    return int(candidates[behind.argmin()])


def _farthest(mean: Array, candidates: NDArray[np.int64], origin: Array) -> int:
    distance = np.linalg.norm(mean[candidates] - origin, axis=1)
    return int(candidates[distance.argmax()])


def _outermost(mean: Array, candidates: NDArray[np.int64]) -> int:
    return int(candidates[mean[candidates, 0].argmax()])
