"""The joints of HumanData (OpenMMLab's mmhuman3d) among the 49 of this program.

Its 190 are those of SMPL-X with the face, then SPIN's regressed joints, OpenPose's 25 and others.
In files of 2021 they are 144, of which the first 60 are the same, and only those are read.
Source: https://github.com/open-mmlab/mmhuman3d, ``mmhuman3d/core/conventions/keypoints_mapping``:
``human_data.py`` and ``human_data_10.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import NUM_KEYPOINTS

NUM_HUMAN_DATA_JOINTS = 190
_OLD_JOINTS, _SHARED_JOINTS = 144, 60

HUMAN_DATA_OF_49 = (
    *range(153, 178),  # nose_openpose … right_heel_openpose
    8, 5, 144, 145, 4, 7, 21, 19, 17, 16, 18, 20,  # right_ankle … left_wrist
    146, 147, 148, 149, 150, 151, 152,  # neck_extra … head_extra
    55, 57, 56, 59, 58,  # nose, left_eye, right_eye, left_ear, right_ear
)  # fmt: skip
"""Where each of the 49 keypoints stands among HumanData's 190."""

_IN_THEIR_PLACE = {27: 2, 28: 1, 37: 12, 39: 0}
"""Hips, neck and pelvis of SMPL's skeleton, where a set has no other: mmhuman3d files those of data
sets there, too (``APPROXIMATE_MAP``)."""


def joints_of_human_data(
    points: NDArray[np.float64], mask: NDArray[Any] | None
) -> NDArray[np.float64] | None:
    """Joints ``(N, J, C)``, of which the last number is confidence, as the 49 ``(N, 49, C)``.

    Joints that the mask ``(J)`` leaves out, and those without confidence, are zeros. None where the
    number of joints is none of HumanData's: 190, 144, or as many as the mask has.
    """
    spread = _spread(points, mask)
    if spread is None:
        return None
    count, joints, width = spread.shape
    known = joints if joints == NUM_HUMAN_DATA_JOINTS else _SHARED_JOINTS
    placed = np.zeros((count, NUM_KEYPOINTS, width))
    for keypoint, index in enumerate(HUMAN_DATA_OF_49):
        if index < known:
            placed[:, keypoint] = spread[:, index]
    for keypoint, index in _IN_THEIR_PLACE.items():
        absent = ~(placed[:, keypoint, -1] > 0)
        placed[absent, keypoint] = spread[absent, index]
    placed[~(placed[..., -1] > 0)] = 0
    return placed


def _spread(points: NDArray[np.float64], mask: NDArray[Any] | None) -> NDArray[np.float64] | None:
    """All joints of a generation, zeros where the mask has none."""
    joints = points.shape[1]
    sizes = (NUM_HUMAN_DATA_JOINTS, _OLD_JOINTS)
    is_mask = mask is not None and mask.ndim == 1 and mask.dtype.kind in "biuf"
    if joints in sizes:
        if mask is None or not is_mask or len(mask) != joints:
            return points
        return np.where((mask > 0)[None, :, None], points, 0)
    if mask is None or not is_mask or len(mask) not in sizes or int((mask > 0).sum()) != joints:
        return None
    spread = np.zeros((len(points), len(mask), points.shape[2]))
    spread[:, mask > 0] = points
    return spread
