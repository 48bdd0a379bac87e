"""Limbs mirrored in depth: the other body that looks the same to the camera.

A picture does not tell whether a bone of known length points toward the camera or away from it: its
far end lies where the viewing ray meets a sphere about the near end, which happens twice::

    |s ray − near_end| = length    ⇔    s = m ± √(length² − |near_end|² + m²),   m = ray · near_end

A mirrored chain takes the other sign, bone after bone, so every joint keeps its pixel. Under a weak
perspective that is the bones' z negated (Lee and Chen 1985, "Determination of 3D human body
postures from a single view", Computer Vision, Graphics, and Image Processing 30(2)).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SKELETON_JOINT_NAMES, SKELETON_PARENTS
from core.geometry.rotations import nearest_rotation, shortest_rotation
from core.types.body_parts import BodyPart

Vectors = NDArray[np.float64]

_LEAST_BEND = 0.02
"""Two bones are one line below this sine of the angle between them, 1.1°, and the plane that they
bend in means nothing."""


def _joints(*names: str) -> tuple[int, ...]:
    return tuple(SKELETON_JOINT_NAMES.index(name) for name in names)


_WITH_CHILDREN = tuple(sorted(set(SKELETON_PARENTS) - {-1}))

TURNED_JOINTS: dict[BodyPart, tuple[int, ...]] = {
    BodyPart.LEFT_ARM: _joints("left_shoulder", "left_elbow", "left_wrist"),
    BodyPart.RIGHT_ARM: _joints("right_shoulder", "right_elbow", "right_wrist"),
    BodyPart.LEFT_FOREARM: _joints("left_elbow", "left_wrist"),
    BodyPart.RIGHT_FOREARM: _joints("right_elbow", "right_wrist"),
    BodyPart.LEFT_LEG: _joints("left_hip", "left_knee", "left_ankle"),
    BodyPart.RIGHT_LEG: _joints("right_hip", "right_knee", "right_ankle"),
    BodyPart.LEFT_LOWER_LEG: _joints("left_knee", "left_ankle"),
    BodyPart.RIGHT_LOWER_LEG: _joints("right_knee", "right_ankle"),
    BodyPart.HEAD: _joints("neck"),
    BodyPart.WHOLE_BODY: _WITH_CHILDREN,
}
"""The joints whose bones are mirrored, from the trunk outwards."""

_CHILDREN: dict[int, tuple[int, ...]] = {
    joint: tuple(child for child, parent in enumerate(SKELETON_PARENTS) if parent == joint)
    for joint in range(len(SKELETON_PARENTS))
}


@dataclass(frozen=True, eq=False)
class PosedSkeleton:
    """A body's bones in the frame of the camera.

    joints: (24, 3) metres, translated. rotations: (24, 3, 3), G_j of the bones.
    """

    joints: Vectors
    rotations: Vectors


def mirrored_rotations(skeleton: PosedSkeleton, part: BodyPart) -> Vectors:
    """The rotations of the bones ``(24, 3, 3)`` with one part mirrored in depth.

    A joint with one bone keeps the pixel of its far end exactly, unless the ray misses the sphere
    (a bone that lies across the view, moved by a mirrored one before it); then the bone ends at the
    nearest pixel that it can reach. Joints with several bones (pelvis, chest) are rigid: they turn
    to where their bones come nearest to the mirrored places. Bends stay in the plane of the hinge.
    """
    turned = TURNED_JOINTS[part]
    mirrored = _Mirror(skeleton, turned)
    return mirrored.rotations()


class _Mirror:
    """One mirroring in progress: where joints are by now, and how bones were turned."""

    def __init__(self, skeleton: PosedSkeleton, turned: Sequence[int]) -> None:
        self._old, self._turned = skeleton.joints, frozenset(turned)
        self._rotations = skeleton.rotations
        self._new = skeleton.joints.copy()
        self._turns = np.tile(np.eye(3), (len(self._old), 1, 1))

    def rotations(self) -> Vectors:
        """Walk from the root outward, parents before children, and return G_j ``(24, 3, 3)``."""
        for joint, parent in enumerate(SKELETON_PARENTS):
            if parent >= 0:
                self._turns[joint] = self._turns[parent]
            if joint in self._turned:
                self._turn(joint)
            self._carry(joint)
        rotations: Vectors = self._turns @ self._rotations
        return rotations

    def _turn(self, joint: int) -> None:
        children = _CHILDREN[joint]
        near_end = self._new[joint]
        ends = np.stack([self._mirrored_end(joint, near_end, child) for child in children])
        bones, targets = self._old[list(children)] - self._old[joint], ends - self._new[joint]
        if len(children) > 1:
            self._turns[joint] = _best_rotation(bones, targets)
            return
        # One direction leaves a turn about the bone open: the hinge settles it, or, where the limb
        # is straight, the smallest turn from where the bones before have carried it.
        carried = self._turns[joint]
        hinges = self._hinges(joint, children[0], ends[0])
        if hinges is None:
            self._turns[joint] = shortest_rotation(carried @ bones[0], targets[0]) @ carried
        else:
            old, new = _frame(bones[0], hinges[0]), _frame(targets[0], hinges[1])
            self._turns[joint] = new @ old.T

    def _carry(self, joint: int) -> None:
        """Put the far ends of a joint's bones where its rotation takes them."""
        for child in _CHILDREN[joint]:
            bone = self._old[child] - self._old[joint]
            self._new[child] = self._new[joint] + self._turns[joint] @ bone

    def _mirrored_end(self, joint: int, near_end: Vectors, child: int) -> Vectors:
        """The other point ``(3,)`` where the ray of a bone's far end meets the sphere.

        The sphere is about the bone's near end. Where the ray misses it, this is the point of the
        sphere that is nearest to the ray.
        """
        length = np.linalg.norm(self._old[child] - self._old[joint])
        ray = self._old[child] / np.linalg.norm(self._old[child])
        middle = float(ray @ near_end)
        half_chord_squared = length**2 - near_end @ near_end + middle**2
        if half_chord_squared < 0:
            toward = ray * middle - near_end
            reached: Vectors = near_end + toward * (length / np.linalg.norm(toward))
            return reached
        # The bone took the root with + where it pointed away from the camera: now the one with −.
        was_behind = ray @ (self._old[child] - self._old[joint]) > 0
        half_chord = np.sqrt(half_chord_squared)
        end: Vectors = ray * (middle + (-1 if was_behind else 1) * half_chord)
        return end

    def _hinges(self, joint: int, child: int, end: Vectors) -> tuple[Vectors, Vectors] | None:
        """The axis a limb bends about, before and after; None where it is straight.

        It is the hinge at this joint where the bone before is mirrored, too, otherwise that at the
        next one: so shoulder and elbow share a plane, and the elbow's own rotation stays as it was.
        """
        parent = SKELETON_PARENTS[joint]
        hinges = None
        if parent in self._turned and len(_CHILDREN[parent]) == 1:
            old = self._old[parent], self._old[joint], self._old[child]
            new = self._new[parent], self._new[joint], end
            hinges = _both_hinges(old, new)
        if hinges is None and child in self._turned and len(_CHILDREN[child]) == 1:
            after = _CHILDREN[child][0]
            old = self._old[joint], self._old[child], self._old[after]
            new = self._new[joint], end, self._mirrored_end(child, end, after)
            hinges = _both_hinges(old, new)
        return hinges


def _both_hinges(
    old: tuple[Vectors, Vectors, Vectors], new: tuple[Vectors, Vectors, Vectors]
) -> tuple[Vectors, Vectors] | None:
    """The hinge between two bones, given by their three ends, before and after."""
    before = _hinge(old[1] - old[0], old[2] - old[1])
    after = _hinge(new[1] - new[0], new[2] - new[1])
    return None if before is None or after is None else (before, after)


def _hinge(bone: Vectors, next_bone: Vectors) -> Vectors | None:
    axis = np.cross(bone, next_bone)
    length = np.linalg.norm(axis)
    if length < _LEAST_BEND * np.linalg.norm(bone) * np.linalg.norm(next_bone):
        return None
    unit: Vectors = axis / length
    return unit


def _frame(bone: Vectors, hinge: Vectors) -> Vectors:
    """Right-handed columns: along the bone, its hinge (across it), and across both."""
    along = bone / np.linalg.norm(bone)
    return np.stack([along, hinge, np.cross(along, hinge)], axis=1)


def _best_rotation(bones: Vectors, targets: Vectors) -> Vectors:
    """The rotation R that minimises Σ |R bone − target|² over ``(N, 3)`` bones.

    It is the rotation nearest to Σ target boneᵀ (Kabsch 1976, "A solution for the best rotation to
    relate two sets of vectors", Acta Crystallographica A32).
    """
    return nearest_rotation(targets.T @ bones)
