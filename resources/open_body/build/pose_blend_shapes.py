"""Step 5: corrections of linear blend skinning that keep bent joints from collapsing.

The goal is 75 % dual-quaternion and 25 % linear skinning (Kavan et al. 2008): dual quaternions
alone bulge. Per joint the difference, taken back to the rest pose, is regressed on the nine entries
of R - I, as SMPL's blend shapes are linear in them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.body.arrays import NUM_POSE_FEATURES
from core.body.conventions import SKELETON_FLIP, SKELETON_JOINT_NAMES, SKELETON_PARENTS

Array = NDArray[np.float64]

DUAL_QUATERNION_SHARE = 0.75
NUM_ROTATIONS = 400
MAX_ANGLE_RAD = 2.0
FEATURE_RIDGE = 0.5
INVERSION_RIDGE = 0.02
MIN_ENTRY_M = 2e-5
MIN_SHARE = 0.004
"""Vertices that move wholly with or without the joint need no correction."""

ROTATION_SPREAD_RAD = {
    "left_hip": (0.8, 0.5, 0.4),
    "left_knee": (1.0, 0.15, 0.15),
    "left_ankle": (0.5, 0.3, 0.3),
    "left_foot": (0.4, 0.2, 0.1),
    "left_collar": (0.2, 0.2, 0.3),
    "left_shoulder": (0.5, 0.7, 0.8),
    "left_elbow": (0.35, 1.0, 0.4),
    "left_wrist": (0.6, 0.5, 0.6),
    "left_hand": (0.4, 0.3, 0.6),
}
"""Standard deviation about each axis; the joints of the middle take ``MIDDLE_SPREAD_RAD``."""
MIDDLE_SPREAD_RAD = (0.35, 0.35, 0.35)

_MIRROR = np.array([-1.0, 1, 1])
_FEATURE_SIGNS = np.outer(_MIRROR, _MIRROR).reshape(9)
"""How an entry of R - I changes when the rotation is mirrored."""


def fit_pose_blend_shapes(
    mean: Array, joints: Array, weights: Array, mirror: NDArray[np.int64], *, seed: int
) -> Array:
    """``posedirs (V, 3, 207)`` in metres; left ones are fitted, right ones are their mirror."""
    rng = np.random.default_rng(seed)
    shares = np.clip(weights @ _moved_with().T, 0, 1)
    shapes = np.zeros((len(mean), 3, NUM_POSE_FEATURES))
    for joint, name in enumerate(SKELETON_JOINT_NAMES):
        if joint == 0 or name.startswith("right_"):
            continue
        rotations = _random_rotations(rng, ROTATION_SPREAD_RAD.get(name, MIDDLE_SPREAD_RAD))
        fitted = _correction(mean - joints[joint], shares[:, joint], rotations)
        mirrored = fitted[mirror] * _MIRROR[:, None] * _FEATURE_SIGNS
        partner = SKELETON_FLIP[joint]
        if partner == joint:
            fitted = mirrored = (fitted + mirrored) / 2
        shapes[:, :, _features_of(joint)] = fitted
        shapes[:, :, _features_of(partner)] = mirrored
    shapes[np.abs(shapes) < MIN_ENTRY_M] = 0
    return shapes


def _features_of(joint: int) -> slice:
    return slice(9 * (joint - 1), 9 * joint)


def _moved_with() -> Array:
    """``(24, 24)``: entry j, k is 1 where joint k moves when joint j turns."""
    moved = np.eye(24)
    for joint in range(23, 0, -1):
        moved[SKELETON_PARENTS[joint]] += moved[joint]
    return moved


def _random_rotations(rng: np.random.Generator, spread_rad: tuple[float, ...]) -> Rotation:
    vectors = rng.normal(size=(NUM_ROTATIONS, 3)) * np.array(spread_rad)
    angles = np.linalg.norm(vectors, axis=1, keepdims=True)
    return Rotation.from_rotvec(vectors * np.minimum(1, MAX_ANGLE_RAD / angles))


def _correction(points: Array, share: Array, rotations: Rotation) -> Array:
    """Blend shapes ``(V, 3, 9)`` of one joint at the origin, for points ``(V, 3)``.

    ``share (V,)`` is the weight with which each point follows the joint's rotation.
    """
    blended = np.flatnonzero((share > MIN_SHARE) & (share < 1 - MIN_SHARE))
    at, part = points[blended], share[blended]
    matrices = rotations.as_matrix()
    linear = np.eye(3) * (1 - part)[:, None, None] + part[:, None, None] * matrices[:, None]
    on_sphere = _blended_quaternions(rotations, part)
    goal = np.einsum("nvij,vj->nvi", DUAL_QUATERNION_SHARE * (on_sphere - linear), at)
    # Damped: at large angles a blended matrix is nearly singular.
    transposed = np.swapaxes(linear, -1, -2)
    rest_offsets = np.linalg.solve(
        transposed @ linear + INVERSION_RIDGE * np.eye(3),
        np.einsum("nvij,nvj->nvi", transposed, goal)[..., None],
    )[..., 0]
    features = (matrices - np.eye(3)).reshape(-1, 9)
    gram = features.T @ features + FEATURE_RIDGE * np.eye(9)
    fitted = np.linalg.solve(gram, features.T @ rest_offsets.reshape(len(features), -1))
    shapes = np.zeros((len(points), 3, 9))
    shapes[blended] = fitted.reshape(9, len(blended), 3).transpose(1, 2, 0)
    return shapes


def _blended_quaternions(rotations: Rotation, part: Array) -> Array:
    """Rotations ``(N, V, 3, 3)``: what dual quaternions about a joint at the origin blend to."""
    quaternions = rotations.as_quat()
    quaternions = quaternions * np.where(quaternions[:, 3:] < 0, -1, 1)
    blended = quaternions[:, None] * part[None, :, None]
    blended[..., 3] += 1 - part
    blended /= np.linalg.norm(blended, axis=-1, keepdims=True)
    matrices = Rotation.from_quat(blended.reshape(-1, 4)).as_matrix()
    return matrices.reshape(len(quaternions), len(part), 3, 3)
