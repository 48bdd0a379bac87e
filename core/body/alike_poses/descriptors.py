"""How alike two poses are: where joints lie around the pelvis, whatever the person's shape.

Poses are put on one skeleton of round numbers, of an average adult: what is compared are poses, and
a few centimetres of a limb's length change no order that matters. The root's rotation is taken
out; ``mirrored`` is the same pose with left and right exchanged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SKELETON_FLIP, SKELETON_PARENTS
from core.geometry.rotations import axis_angle_to_matrix

JOINTS = 22
"""Of 24: hands have no joints of their own in SMPL."""

_ROWS_AT_ONCE = 8192

_LEFT_BONES_M = {
    1: (0.07, -0.09, 0.0),
    4: (0.03, -0.38, 0.0),
    7: (-0.01, -0.40, -0.03),
    10: (0.02, -0.06, 0.12),
    13: (0.08, 0.12, 0.0),
    16: (0.12, 0.04, 0.0),
    18: (0.26, 0.0, 0.0),
    20: (0.25, 0.0, 0.0),
}
_MIDDLE_BONES_M = {
    3: (0.0, 0.11, 0.0),
    6: (0.0, 0.13, 0.0),
    9: (0.0, 0.05, 0.0),
    12: (0.0, 0.21, 0.0),
    15: (0.0, 0.09, 0.05),
}


def _bones_m() -> NDArray[np.float32]:
    """``(22, 3)`` from each joint's parent to it at rest: x left, y up, z forward."""
    bones = np.zeros((JOINTS, 3), np.float32)
    for joint, bone in {**_MIDDLE_BONES_M, **_LEFT_BONES_M}.items():
        bones[joint] = bone
    for joint in _LEFT_BONES_M:
        bones[SKELETON_FLIP[joint]] = bones[joint] * (-1, 1, 1)
    return bones


_BONES_M = _bones_m()


def pose_descriptors(pose_axis_angle: NDArray[np.floating]) -> NDArray[np.float16]:
    """Joints ``(N, 66)`` in metres around the pelvis, in the root's frame, of poses ``(N, 72)``.

    ``c_j = c_parent + G_parent b_j`` with the root's rotation left out, as in ``kinematics``.
    """
    found = np.empty((len(pose_axis_angle), JOINTS * 3), np.float16)
    for first in range(0, len(pose_axis_angle), _ROWS_AT_ONCE):
        rows = np.asarray(pose_axis_angle[first : first + _ROWS_AT_ONCE], np.float32)
        found[first : first + len(rows)] = _joints(rows).reshape(len(rows), -1)
    return found


def mirrored(descriptors: NDArray[np.float16]) -> NDArray[np.float16]:
    """The same poses ``(N, 66)`` with left and right exchanged."""
    joints = descriptors.reshape(-1, JOINTS, 3)[:, list(SKELETON_FLIP[:JOINTS])]
    flipped: NDArray[np.float16] = joints * np.array([-1, 1, 1], np.float16)
    return flipped.reshape(descriptors.shape)


def pose_distances_mm(
    descriptors: NDArray[np.float16], to: NDArray[np.float16]
) -> NDArray[np.float32]:
    """Root mean square distances ``(N,)`` of the joints of poses ``(N, 66)`` from one ``(66,)``."""
    wanted = to.astype(np.float32)
    squared = np.empty(len(descriptors), np.float32)
    for first in range(0, len(descriptors), _ROWS_AT_ONCE):
        away = descriptors[first : first + _ROWS_AT_ONCE].astype(np.float32) - wanted
        squared[first : first + len(away)] = np.einsum("nd,nd->n", away, away)
    distances: NDArray[np.float32] = np.float32(1e3) * np.sqrt(squared / np.float32(JOINTS))
    return distances


def _joints(pose_axis_angle: NDArray[np.float32]) -> NDArray[np.float32]:
    count = len(pose_axis_angle)
    turns = axis_angle_to_matrix(pose_axis_angle.reshape(count, -1, 3)[:, :JOINTS])
    turns[:, 0] = np.eye(3, dtype=np.float32)
    joints = np.zeros((count, JOINTS, 3), np.float32)
    frames = np.empty_like(turns)
    frames[:, 0] = turns[:, 0]
    for joint in range(1, JOINTS):
        parent = SKELETON_PARENTS[joint]
        joints[:, joint] = joints[:, parent] + frames[:, parent] @ _BONES_M[joint]
        frames[:, joint] = frames[:, parent] @ turns[:, joint]
    return joints
