"""The 49-keypoint convention by names, its flips, and the maps of common formats into it.

The first 25 keypoints are OpenPose's BODY_25 in its own order (names begin with ``OP``), the last
24 are SPIN's "ground-truth" joints, where annotated data sets are mapped
(docs/method.md, "The 49 keypoints").
Left and right are always the person's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError

OPEN_BODY_NAME = "open body"
"""The body that ships with the program; a user's own bears the name of its file."""

SMPL_PELVIS_M = np.array([-0.0018, -0.2233, 0.0282])
"""The root joint of the neutral SMPL body of mean shape at rest, rounded; x left, y up, z forward.

SMPL's origin lies at its chest, and the translations that other methods give are those of the
origin. The open body has its origin in its pelvis.
"""

SKELETON_JOINT_NAMES: tuple[str, ...] = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle",
    "right_ankle", "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar",
    "head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist",
    "right_wrist", "left_hand", "right_hand",
)  # fmt: skip

SKELETON_PARENTS: tuple[int, ...] = (
    -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21,
)  # fmt: skip

PICKED_VERTEX_NAMES: tuple[str, ...] = (
    "nose", "reye", "leye", "rear", "lear", "LBigToe", "LSmallToe", "LHeel", "RBigToe",
    "RSmallToe", "RHeel", "lthumb", "lindex", "lmiddle", "lring", "lpinky", "rthumb", "rindex",
    "rmiddle", "rring", "rpinky",
)  # fmt: skip
"""Raw joints 24..44: single vertices, in smplx's order and under smplx's names."""

SMPL_PICKED_VERTICES: Mapping[str, int] = {
    "nose": 332, "reye": 6260, "leye": 2800, "rear": 4071, "lear": 583, "LBigToe": 3216,
    "LSmallToe": 3226, "LHeel": 3387, "RBigToe": 6617, "RSmallToe": 6624, "RHeel": 6787,
    "lthumb": 2746, "lindex": 2319, "lmiddle": 2445, "lring": 2556, "lpinky": 2673,
    "rthumb": 6191, "rindex": 5782, "rmiddle": 5905, "rring": 6016, "rpinky": 6133,
}  # fmt: skip
"""Them on SMPL's own mesh: what smplx.SMPL takes; copied, since smplx cannot be asked without
loading PyTorch."""

EXTRA_JOINT_NAMES: tuple[str, ...] = (
    "right hip (LSP)", "left hip (LSP)", "neck (LSP)", "head top (LSP)", "pelvis (MPII)",
    "thorax (MPII)", "spine (H36M)", "jaw (H36M)", "head (H36M)",
)  # fmt: skip
"""Raw joints 45..53: rows of ``J_regressor_extra``."""

KEYPOINT_NAMES: tuple[str, ...] = (
    "OP Nose", "OP Neck", "OP RShoulder", "OP RElbow", "OP RWrist", "OP LShoulder", "OP LElbow",
    "OP LWrist", "OP MidHip", "OP RHip", "OP RKnee", "OP RAnkle", "OP LHip", "OP LKnee",
    "OP LAnkle", "OP REye", "OP LEye", "OP REar", "OP LEar", "OP LBigToe", "OP LSmallToe",
    "OP LHeel", "OP RBigToe", "OP RSmallToe", "OP RHeel",
    "Right Ankle", "Right Knee", "Right Hip", "Left Hip", "Left Knee", "Left Ankle",
    "Right Wrist", "Right Elbow", "Right Shoulder", "Left Shoulder", "Left Elbow", "Left Wrist",
    "Neck (LSP)", "Top of Head (LSP)", "Pelvis (MPII)", "Thorax (MPII)", "Spine (H36M)",
    "Jaw (H36M)", "Head (H36M)", "Nose", "Left Eye", "Right Eye", "Left Ear", "Right Ear",
)  # fmt: skip

OPENPOSE_KEYPOINTS = 25
"""How many of the 49, from the first, are OpenPose's."""

KEYPOINT_TO_RAW_JOINT: tuple[int, ...] = (
    24, 12, 17, 19, 21, 16, 18, 20, 0, 2, 5, 8, 1, 4, 7, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
    8, 5, 45, 46, 4, 7, 21, 19, 17, 16, 18, 20, 47, 48, 49, 50, 51, 52, 53, 24, 26, 25, 28, 27,
)  # fmt: skip

SKELETON_FLIP: tuple[int, ...] = (
    0, 2, 1, 3, 5, 4, 6, 8, 7, 9, 11, 10, 12, 14, 13, 15, 17, 16, 19, 18, 21, 20, 23, 22,
)  # fmt: skip

_GROUND_TRUTH_FLIP = (
    5, 4, 3, 2, 1, 0, 11, 10, 9, 8, 7, 6, 12, 13, 14, 15, 16, 17, 18, 19, 21, 20, 23, 22,
)  # fmt: skip

KEYPOINT_FLIP: tuple[int, ...] = (
    0, 1, 5, 6, 7, 2, 3, 4, 8, 12, 13, 14, 9, 10, 11, 16, 15, 18, 17, 22, 23, 24, 19, 20, 21,
    *(25 + index for index in _GROUND_TRUTH_FLIP),
)  # fmt: skip

IGNORED_KEYPOINTS: tuple[int, ...] = (1, 9, 12, 27, 28)
"""OP neck and all hips: SMPLify's body stage leaves them out, their annotation differs too much."""

TORSO_OPENPOSE: tuple[int, ...] = (9, 12, 2, 5)
TORSO_GROUND_TRUTH: tuple[int, ...] = (27, 28, 33, 34)
"""Right hip, left hip, right shoulder, left shoulder: what the camera stage is fitted to."""

BODY_25_TO_KEYPOINTS: tuple[int, ...] = tuple(range(25))

COCO_18_TO_KEYPOINTS: tuple[int, ...] = (
    0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
)  # fmt: skip
"""OpenPose's old 18 points have no mid-hip; the rest keeps BODY_25's order."""

COCO_17_TO_KEYPOINTS: tuple[int, ...] = (
    44, 45, 46, 47, 48, 34, 33, 35, 32, 36, 31, 28, 27, 29, 26, 30, 25,
)  # fmt: skip

_TWIN_PAIRS = (
    (0, 44), (1, 37), (2, 33), (3, 32), (4, 31), (5, 34), (6, 35), (7, 36), (8, 39), (9, 27),
    (10, 26), (11, 25), (12, 28), (13, 29), (14, 30), (15, 46), (16, 45), (17, 48), (18, 47),
)  # fmt: skip

KEYPOINT_TWINS: tuple[tuple[int, ...], ...] = tuple(
    tuple(b if a == index else a for a, b in _TWIN_PAIRS if index in (a, b)) for index in range(49)
)
"""For each keypoint the one of the other half that names the same place of the body, if any.

Neck, pelvis and hips are not quite the same point in both conventions, but near enough for a person
who points at them.
"""

SKELETON_EDGES: tuple[tuple[int, int], ...] = (
    (1, 0), (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (10, 11),
    (8, 12), (12, 13), (13, 14), (0, 15), (15, 17), (0, 16), (16, 18), (14, 19), (19, 20),
    (14, 21), (11, 22), (22, 23), (11, 24),
    (25, 26), (26, 27), (27, 28), (28, 29), (29, 30), (31, 32), (32, 33), (33, 34), (34, 35),
    (35, 36), (33, 27), (34, 28), (44, 45), (44, 46), (45, 47), (46, 48),
)  # fmt: skip
"""Pairs of keypoints that are drawn as bones."""


def side_of_keypoint(index: int) -> str:
    """``left``, ``right`` or ``middle``: which side of the person keypoint ``index`` lies on."""
    name = KEYPOINT_NAMES[index]
    if name.startswith(("OP L", "Left")):
        return "left"
    if name.startswith(("OP R", "Right")):
        return "right"
    return "middle"


def place_keypoints(points: NDArray[np.floating], indices: Sequence[int]) -> NDArray[np.float32]:
    """Points ``(..., K, 3)`` of another format into the 49; ``indices[i]`` is where point i goes.

    Joints the format lacks, and points without confidence, become 0, 0, 0.
    """
    if points.shape[-2:] != (len(indices), 3):
        raise ShapeError("points", actual=points.shape, expected=f"(..., {len(indices)}, 3)")
    keypoints = np.zeros((*points.shape[:-2], len(KEYPOINT_NAMES), 3), dtype=np.float32)
    keypoints[..., list(indices), :] = np.where(points[..., 2:] > 0, points, 0)
    return keypoints


def flip_pose(pose_axis_angle: NDArray[np.floating]) -> NDArray[np.float32]:
    """Poses ``(..., 72)`` in radians mirrored left to right."""
    joints = pose_axis_angle.reshape(*pose_axis_angle.shape[:-1], 24, 3)[
        ..., list(SKELETON_FLIP), :
    ]
    mirrored = joints * np.array([1, -1, -1], dtype=np.float32)
    return mirrored.reshape(pose_axis_angle.shape).astype(np.float32)


def flip_keypoints(keypoints_px: NDArray[np.floating], *, width_px: float) -> NDArray[np.float32]:
    """Keypoints ``(..., 49, 3)`` of a picture mirrored left to right; absent ones stay 0, 0, 0."""
    swapped = np.asarray(keypoints_px, dtype=np.float32)[..., list(KEYPOINT_FLIP), :].copy()
    swapped[..., 0] = np.where(swapped[..., 2] > 0, width_px - swapped[..., 0], 0)
    return swapped
