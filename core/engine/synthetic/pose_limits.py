"""Sorts out poses in which a body runs through itself."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.conventions import SKELETON_JOINT_NAMES
from core.engine.body.smpl_body import BodyModel

# Joint, segment it must stay clear of (two joints), least distance in metres between their axes:
# about half of what the two limbs measure together, so that touching is allowed.
_CLEARANCES: tuple[tuple[str, tuple[str, str], float], ...] = (
    *(
        (f"{side}_{joint}", ("pelvis", "neck"), 0.11)
        for side in ("left", "right")
        for joint in ("wrist", "hand")
    ),
    *((f"{side}_{joint}", ("neck", "head"), 0.10) for side in ("left", "right")
      for joint in ("elbow", "wrist", "hand")),
    *((f"{side}_wrist", (f"{thigh}_hip", f"{thigh}_knee"), 0.07)
      for side in ("left", "right") for thigh in ("left", "right")),
    ("left_ankle", ("right_knee", "right_ankle"), 0.07),
    ("right_ankle", ("left_knee", "left_ankle"), 0.07),
    ("left_knee", ("right_hip", "right_knee"), 0.09),
    ("right_knee", ("left_hip", "left_knee"), 0.09),
    ("left_wrist", ("right_elbow", "right_wrist"), 0.05),
    ("right_wrist", ("left_elbow", "left_wrist"), 0.05),
)  # fmt: skip


def clear_of_itself(body: BodyModel, body_poses: NDArray[np.floating]) -> NDArray[np.bool_]:
    """``(N,)``: whether no limb of the mean shape runs through another; poses ``(N, 69)``."""
    pose = torch.zeros(len(body_poses), 72, dtype=body.dtype)
    pose[:, 3:] = torch.as_tensor(np.asarray(body_poses), dtype=body.dtype)
    joints = body.posed(pose, torch.zeros(len(pose), 10, dtype=body.dtype)).joints.numpy()
    clear = np.ones(len(pose), dtype=bool)
    position = {name: joints[:, index] for index, name in enumerate(SKELETON_JOINT_NAMES)}
    for joint, (start, end), least in _CLEARANCES:
        clear &= _distance_to_segment(position[joint], position[start], position[end]) > least
    return clear


def _distance_to_segment(
    points: NDArray[np.floating], start: NDArray[np.floating], end: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Metres ``(N,)`` from points ``(N, 3)`` to the segments ``(N, 3)`` to ``(N, 3)``."""
    along = end - start
    share = np.einsum("nc,nc->n", points - start, along) / np.einsum("nc,nc->n", along, along)
    nearest = start + share.clip(0, 1)[:, None] * along
    distance: NDArray[np.floating] = np.linalg.norm(points - nearest, axis=1)
    return distance
