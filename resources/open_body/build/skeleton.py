"""How MakeHuman's rig becomes SMPL's 24 joints and the nine extra keypoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import EXTRA_JOINT_NAMES, SKELETON_JOINT_NAMES

Points = NDArray[np.float64]

HIP_INWARDS = 0.87
"""MakeHuman's hip joints lie further out than the centres of the femur heads."""

_MIDDLE_BONES = {
    **dict.fromkeys(("root", "pelvis", "spine05", "spine04"), "pelvis"),
    "spine03": "spine1",
    "spine02": "spine2",
    "breast": "spine2",
    "spine01": "spine3",
    "neck01": "neck",
    "neck02": "neck",
}
_SIDE_BONES = {
    "upperleg": "hip",
    "lowerleg": "knee",
    "foot": "ankle",
    "toe": "foot",
    "clavicle": "collar",
    "shoulder01": "collar",
    "upperarm": "shoulder",
    "lowerarm": "elbow",
    "wrist": "wrist",
    "metacarpal": "wrist",
    "finger1-1": "wrist",
    "finger": "hand",
}
"""Beginnings of bone names, tried in this order."""


def joint_of_bone(bone: str) -> str:
    """The SMPL joint that a bone of the rig moves with; face and eyes go with the head."""
    stem, _, side = bone.partition(".")
    if stem in _MIDDLE_BONES:
        return _MIDDLE_BONES[stem]
    for beginning, joint in _SIDE_BONES.items():
        if stem.startswith(beginning):
            return f"{'left' if side == 'L' else 'right'}_{joint}"
    return "head"


def merged_weights(
    bone_weights: NDArray[np.floating], bone_names: Sequence[str]
) -> NDArray[np.float64]:
    """Skin weights ``(V, bones)`` of the rig as weights ``(V, 24)`` of SMPL's joints."""
    merge = np.zeros((len(bone_names), 24))
    for bone, name in enumerate(bone_names):
        merge[bone, SKELETON_JOINT_NAMES.index(joint_of_bone(name))] = 1
    weights = bone_weights @ merge
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)


def joint_positions(bones: Mapping[str, Points]) -> Points:
    """SMPL's joints ``(N, 24, 3)`` from the T-posed heads ``(N, 3)`` of the rig's bones."""
    inwards = np.array([HIP_INWARDS, 1, 1])
    hips = {side: bones[f"upperleg01.{side}"] * inwards for side in "LR"}
    joints = {
        "pelvis": (hips["L"] + hips["R"]) / 4 + bones["spine03"] / 2,
        "spine1": bones["spine03"],
        "spine2": bones["spine02"],
        "spine3": bones["spine01"],
        "neck": bones["neck01"],
        "head": bones["neck03"],
    }
    joints = {name: at * np.array([0, 1, 1]) for name, at in joints.items()}
    for letter, side in (("L", "left"), ("R", "right")):
        joints[f"{side}_hip"] = hips[letter]
        joints |= {f"{side}_{name}": at for name, at in _limb_joints(bones, letter).items()}
    return np.stack([joints[name] for name in SKELETON_JOINT_NAMES], axis=1)


def _limb_joints(bones: Mapping[str, Points], side: str) -> dict[str, Points]:
    def middle(names: Sequence[str]) -> Points:
        return np.mean([bones[f"{name}.{side}"] for name in names], axis=0)

    collar = middle(["clavicle", "shoulder01"])
    collar[:, 2] = (bones["spine01"][:, 2] + bones[f"upperarm01.{side}"][:, 2]) / 2
    return {
        "knee": bones[f"lowerleg01.{side}"],
        "ankle": bones[f"foot.{side}"],
        "foot": middle([f"toe{toe}-1" for toe in range(1, 6)]),
        "collar": collar,
        "shoulder": bones[f"upperarm01.{side}"],
        "elbow": bones[f"lowerarm01.{side}"],
        "wrist": bones[f"wrist.{side}"],
        "hand": middle([f"finger{finger}-1" for finger in range(2, 6)]),
    }


def extra_keypoints(bones: Mapping[str, Points], joints: Points, head_top: Points) -> Points:
    """The nine keypoints ``(N, 9, 3)`` as their data sets annotate them.

    LSP's hips are MakeHuman's own joints, further out than SMPL's; the jaw lies between the mouth
    and the head joint; Human3.6M's head a little below the top of the head.
    """
    named = dict(zip(SKELETON_JOINT_NAMES, np.moveaxis(joints, 1, 0), strict=True))
    right_hip, left_hip = bones["upperleg01.R"], bones["upperleg01.L"]
    neck = bones["neck01"] / 2 + (bones["clavicle.L"] + bones["clavicle.R"]) / 4
    shoulders = (named["left_shoulder"] + named["right_shoulder"]) / 2
    middle = {
        "neck (LSP)": neck,
        "head top (LSP)": head_top,
        "pelvis (MPII)": (left_hip + right_hip) / 2,
        "thorax (MPII)": (shoulders + neck) / 2,
        "spine (H36M)": named["spine2"],
        "jaw (H36M)": (bones["special04"] + bones["neck03"]) / 2,
        "head (H36M)": 0.9 * head_top + 0.1 * named["head"],
    }
    keypoints = {name: at * np.array([0, 1, 1]) for name, at in middle.items()}
    keypoints |= {"right hip (LSP)": right_hip, "left hip (LSP)": left_hip}
    return np.stack([keypoints[name] for name in EXTRA_JOINT_NAMES], axis=1)
