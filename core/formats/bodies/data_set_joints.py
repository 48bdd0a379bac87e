"""The 2D keypoints and true 3D joints that SPIN's data sets and EFT hold beside their bodies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES, OPENPOSE_KEYPOINTS
from core.formats.bodies.fields import FileFields
from core.formats.bodies.file_bodies import FileJoints3D
from core.types.arrays import NUM_KEYPOINTS

_OWN_JOINTS = NUM_KEYPOINTS - OPENPOSE_KEYPOINTS
_PARTS = (("openpose", OPENPOSE_KEYPOINTS), ("part", _OWN_JOINTS))
_TRUE_JOINTS = "S"
_PELVIS = KEYPOINT_NAMES.index("Pelvis (MPII)")
_FARTHEST_PX, _FARTHEST_M = 1e7, 1e3


def keypoints_of(fields: FileFields) -> NDArray[np.float64] | None:
    """``(N, 49, 3)`` pixels and confidence of ``openpose`` and ``part``; None without either."""
    found = np.zeros((fields.count, NUM_KEYPOINTS, 3))
    first, has_any = 0, False
    for name, count in _PARTS:
        if _has(fields, name, (fields.count, count, 3)):
            found[:, first : first + count] = fields.numbers(name)
            has_any = True
        first += count
    return usable_keypoints(found) if has_any else None


def usable_keypoints(keypoints: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keypoints ``(…, 3)`` with confidences in 0..1; what is absent or no number is 0, 0, 0."""
    there = (np.abs(keypoints) < _FARTHEST_PX).all(axis=-1) & (keypoints[..., 2] > 0)
    usable = np.where(there[..., None], keypoints, 0.0)
    usable[..., 2] = np.minimum(usable[..., 2], 1)
    return usable


def joints_3d_of(fields: FileFields) -> FileJoints3D | None:
    """The true joints ``S`` (N, 24, 4) about the pelvis, among the 49; None without them."""
    if not _has(fields, _TRUE_JOINTS, (fields.count, _OWN_JOINTS, 4)):
        return None
    joints = np.zeros((fields.count, NUM_KEYPOINTS, 4))
    joints[:, OPENPOSE_KEYPOINTS:] = fields.numbers(_TRUE_JOINTS)
    there = (np.abs(joints) < _FARTHEST_M).all(axis=-1) & (joints[..., 3] > 0)
    joints = np.where(there[..., None], joints, 0.0)
    about = np.where(there[..., None], joints[..., :3] - joints[:, _PELVIS, None, :3], 0.0)
    return FileJoints3D(
        names=KEYPOINT_NAMES,
        positions_m=about,
        confidence=np.minimum(joints[..., 3], 1),
        measured=True,
    )


def _has(fields: FileFields, name: str, shape: tuple[int, ...]) -> bool:
    array = fields.arrays.get(name)
    return array is not None and array.shape == shape and array.dtype.kind in "biuf"
