"""Plain linear blend skinning of one shape, without smplx: the build's own poses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.body.conventions import SKELETON_JOINT_NAMES, SKELETON_PARENTS

Array = NDArray[np.float64]


def pose_of(rotations: Mapping[str, tuple[float, float, float]]) -> Array:
    """Axis-angle ``(24, 3)`` from rotations of named joints; ``left_`` ones are mirrored too."""
    pose = np.zeros((24, 3))
    for name, (x, y, z) in rotations.items():
        pose[SKELETON_JOINT_NAMES.index(name)] = (x, y, z)
        if name.startswith("left_"):
            partner = SKELETON_JOINT_NAMES.index(name.replace("left_", "right_"))
            pose[partner] = (x, -y, -z)
    return pose


def joint_transforms(joints: Array, pose_axis_angle: Array) -> Array:
    """Transforms ``(24, 4, 4)`` from rest to posed, for joints ``(24, 3)``."""
    transforms = np.tile(np.eye(4), (24, 1, 1))
    for joint, parent in enumerate(SKELETON_PARENTS):
        transforms[joint, :3, :3] = Rotation.from_rotvec(pose_axis_angle[joint]).as_matrix()
        transforms[joint, :3, 3] = joints[joint] - (joints[parent] if parent >= 0 else 0)
        if parent >= 0:
            transforms[joint] = transforms[parent] @ transforms[joint]
    for joint in range(24):
        transforms[joint, :3, 3] -= transforms[joint, :3, :3] @ joints[joint]
    return transforms


def skinned(points: Array, weights: Array, transforms: Array) -> Array:
    """Points ``(V, 3)`` moved by the transforms, blended by weights ``(V, 24)``."""
    blended = np.einsum("vk,kij->vij", weights, transforms)
    return np.einsum("vij,vj->vi", blended[:, :3, :3], points) + blended[:, :3, 3]
