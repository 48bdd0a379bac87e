"""Step 2: every sample in SMPL's T-pose, axes and units, joints and extra keypoints with it.

MakeHuman's people stand with arms hanging 40° down, elbows bent by 41° and forearms turned. Each
limb's bones get the global rotation that brings them to SMPL's rest pose, and linear blend skinning
on the full rig moves the surface.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from core.geometry.rotations import shortest_rotation
from resources.open_body.build import skeleton
from resources.open_body.build.base_mesh import NUM_BODY_VERTICES

Array = NDArray[np.float64]

CLAVICLE_LIFT_RAD = np.radians(7)
SHOULDER_LIFT_RAD = np.radians(14)
FEET_OUTWARDS_RAD = np.radians(7)
THIGH_DIRECTION = (0.045, -1.0, 0.0)
SHIN_DIRECTION = (0.01, -1.0, -0.045)


def to_body_axes(points: NDArray[np.floating]) -> Array:
    """From anny's axes (z up, facing -y) to SMPL's (y up, facing +z)."""
    turned = np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)
    return turned.astype(np.float64)


def _unit(vectors: Array) -> Array:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _frame(first: Array, second: Array) -> Array:
    """Rotation matrices with the columns ``first``, one towards ``second``, and their product."""
    first, second = np.broadcast_arrays(first, second)
    x = _unit(first)
    y = _unit(second - (x * second).sum(axis=-1, keepdims=True) * x)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def _from_frame_to_frame(source: Array, target: Array) -> Array:
    return target @ np.swapaxes(source, -1, -2)


def _turn(axis: int, angle_rad: NDArray[np.floating] | float) -> Array:
    """Rotations about one axis, ``(..., 3, 3)``."""
    angle = np.asarray(angle_rad, dtype=np.float64)
    after, last = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((*angle.shape, 3, 3))
    matrix[..., axis, axis] = 1
    matrix[..., after, after] = matrix[..., last, last] = np.cos(angle)
    matrix[..., last, after], matrix[..., after, last] = np.sin(angle), -np.sin(angle)
    return matrix


def _arm_rotations(heads: Mapping[str, Array], side: str) -> dict[str, Array]:
    """Arms straight to the side, palms down; the forearm's twist is spread in thirds."""
    sign = 1.0 if side == "L" else -1.0
    outwards, forwards = np.array([sign, 0, 0]), np.array([0, 0, 1.0])
    upper_arm = heads["lowerarm01"] - heads["upperarm01"]
    forearm = heads["wrist"] - heads["lowerarm01"]
    elbow_axis = np.cross(upper_arm, forearm)
    straight = _frame(outwards, np.cross(outwards, forwards))
    upper = _from_frame_to_frame(_frame(upper_arm, elbow_axis), straight)
    lower = _from_frame_to_frame(_frame(forearm, elbow_axis), straight)
    palm = _frame(heads["finger3-1"] - heads["wrist"], heads["finger2-1"] - heads["finger5-1"])
    hand = _from_frame_to_frame(palm, _frame(outwards, forwards))
    left_over = hand @ np.swapaxes(lower, -1, -2)
    twist = np.arctan2(
        left_over[:, 2, 1] - left_over[:, 1, 2], left_over[:, 1, 1] + left_over[:, 2, 2]
    )
    return {
        "clavicle": _turn(2, sign * CLAVICLE_LIFT_RAD),
        "shoulder01": _turn(2, sign * SHOULDER_LIFT_RAD),
        "upperarm01": upper,
        "upperarm02": upper,
        "lowerarm01": _turn(0, twist / 3) @ lower,
        "lowerarm02": _turn(0, 2 * twist / 3) @ lower,
        "wrist": hand,
    }


def _leg_rotations(heads: Mapping[str, Array], side: str) -> dict[str, Array]:
    """Legs a little apart, feet level and 7° outwards; the upper thigh turns half the way."""
    sign = 1.0 if side == "L" else -1.0
    thigh_goal, shin_goal = np.array(THIGH_DIRECTION), np.array(SHIN_DIRECTION)
    thigh_goal[0], shin_goal[0] = sign * thigh_goal[0], sign * shin_goal[0]
    thigh = heads["lowerleg01"] - heads["upperleg01"]
    shin = shortest_rotation(heads["foot"] - heads["lowerleg01"], shin_goal)
    halfway = (_unit(thigh) + _unit(thigh_goal)) / 2
    toes = np.mean([heads[f"toe{toe}-1"] for toe in range(1, 6)], axis=0) - heads["foot"]
    return {
        "upperleg01": shortest_rotation(thigh, halfway),
        "upperleg02": shortest_rotation(thigh, thigh_goal),
        "lowerleg01": shin,
        "lowerleg02": shin,
        "foot": _turn(1, sign * FEET_OUTWARDS_RAD - np.arctan2(toes[:, 0], toes[:, 2])),
    }


def _bone_transforms(
    heads: Array, names: Sequence[str], parents: NDArray[np.integer]
) -> tuple[Array, Array]:
    """Global rotations ``(N, bones, 3, 3)`` and T-posed heads ``(N, bones, 3)``.

    A bone without a rotation of its own turns with its parent.
    """
    wanted: dict[str, Array] = {}
    for side in "LR":
        own = {
            name.removesuffix(f".{side}"): heads[:, bone]
            for bone, name in enumerate(names)
            if name.endswith(f".{side}")
        }
        rotations = _arm_rotations(own, side) | _leg_rotations(own, side)
        wanted |= {f"{name}.{side}": rotation for name, rotation in rotations.items()}
    turned = np.broadcast_to(np.eye(3), (*heads.shape[:2], 3, 3)).copy()
    placed = heads.copy()
    for bone, parent in enumerate(parents):
        if parent >= 0:
            turned[:, bone] = turned[:, parent]
            offset = heads[:, bone] - heads[:, parent]
            placed[:, bone] = placed[:, parent] + (turned[:, parent] @ offset[..., None])[..., 0]
        if names[bone] in wanted:
            turned[:, bone] = wanted[names[bone]]
    return turned, placed


def _skinned(
    vertices: NDArray[np.floating], weights: NDArray[np.floating], turned: Array, shifts: Array
) -> NDArray[np.float32]:
    """Linear blend skinning, one sample at a time to keep the memory small."""
    sparse = scipy.sparse.csr_matrix(weights)
    moved = np.empty(vertices.shape, np.float32)
    transforms = np.concatenate([turned.reshape(*turned.shape[:2], 9), shifts], axis=-1)
    for sample, transform in enumerate(transforms):
        blended = sparse @ transform
        rotations = blended[:, :9].reshape(-1, 3, 3)
        points = to_body_axes(vertices[sample])
        moved[sample] = np.einsum("vij,vj->vi", rotations, points) + blended[:, 9:]
    return moved


def bring_to_t_pose(samples: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Vertices, SMPL joints and extra keypoints of every sample, pelvis at the origin."""
    names = [str(name) for name in samples["bone_names"]]
    heads = to_body_axes(samples["bone_heads"])
    turned, placed = _bone_transforms(heads, names, samples["bone_parents"])
    shifts = placed - (turned @ heads[..., None])[..., 0]
    vertices = _skinned(samples["vertices"], samples["skin_weights"], turned, shifts)
    bones = dict(zip(names, np.moveaxis(placed, 1, 0), strict=True))
    joints = skeleton.joint_positions(bones)
    extra = skeleton.extra_keypoints(bones, joints, _head_tops(vertices))
    origin = joints[:, :1].copy()
    vertices -= origin.astype(np.float32)
    up = vertices[:, :NUM_BODY_VERTICES, 1]
    return {
        "vertices": vertices,
        "joints": joints - origin,
        "extra_keypoints": extra - origin,
        "skin_weights": skeleton.merged_weights(samples["skin_weights"], names),
        "rig_weights": samples["skin_weights"],
        "bone_names": samples["bone_names"],
        "gender": samples["gender"],
        "weight": samples["weight"],
        "heights": up.max(axis=1) - up.min(axis=1),
    }


def _head_tops(vertices: NDArray[np.float32]) -> Array:
    """The highest point of each head, above the vertex that is highest in the mean."""
    body = vertices[:, :NUM_BODY_VERTICES]
    top = int(body[..., 1].mean(axis=0).argmax())
    height = body[..., 1].max(axis=1)
    return np.stack([np.zeros_like(height), height, body[:, top, 2]], axis=1).astype(np.float64)
