"""Limbs that are elsewhere in one frame than in the frames before and after it.

SMPLify sees each picture by itself, and what one picture cannot tell (which of two mirrored poses a
limb is in) it decides by itself in every frame. A limb that leaves its place for a frame or two and
comes back has probably not moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import SKELETON_PARENTS
from core.errors import ShapeError
from core.types.arrays import NUM_JOINTS

_LEFT, _UP, _FORWARD = np.eye(3)
_DIRECTIONS: tuple[tuple[str, int, NDArray[np.float64]], ...] = (
    ("body's front", 0, _FORWARD),
    ("trunk", 9, _UP),
    ("left thigh", 1, -_UP),
    ("right thigh", 2, -_UP),
    ("left shin", 4, -_UP),
    ("right shin", 5, -_UP),
    ("left upper arm", 16, _LEFT),
    ("right upper arm", 17, -_LEFT),
    ("left forearm", 18, _LEFT),
    ("right forearm", 19, -_LEFT),
)
"""What is followed: its name, the joint whose rotation turns it, and where it points at rest, arms
spread: x left, y up, z forward."""

FOLLOWED: tuple[str, ...] = tuple(name for name, _, _ in _DIRECTIONS)

LEAST_JUMP_DEG = 45.0
"""Of 20 000 recorded frames a tenth of a second apart, 0.02 % seem to jump as far and back in the
next, and 2 % where only every fourth frame is there."""
RETURNED_SHARE = 0.5
"""The frames before and after must agree at least this much better with each other."""


@dataclass(frozen=True, eq=False)
class BoneJumps:
    """For each of N people the limb that jumps farthest.

    angle_deg: (N,), 0 where none jumps; limb: (N,), which of ``FOLLOWED``.
    """

    angle_deg: NDArray[np.float64]
    limb: NDArray[np.intp]


def followed_directions(rotations: NDArray[np.floating]) -> NDArray[np.float64]:
    """Unit vectors ``(N, 10, 3)`` along ``FOLLOWED``, in the crop's frame.

        d_k = G_j(k) r_k,    G_j = G_parent(j) R_j

    Directions, not rotations, since how a straight arm is twisted about itself no picture shows.

    Args:
        rotations: ``(N, 24, 3, 3)``, each relative to its parent, the root's in the crop's frame.

    Raises:
        ShapeError: for another shape.
    """
    if rotations.shape[1:] != (NUM_JOINTS, 3, 3):
        raise ShapeError("rotations", actual=rotations.shape, expected="(N, 24, 3, 3)")
    turned = np.empty(rotations.shape, np.float64)
    for joint, parent in enumerate(SKELETON_PARENTS):
        own = rotations[:, joint].astype(np.float64)
        turned[:, joint] = own if parent < 0 else turned[:, parent] @ own
    return np.stack([turned[:, joint] @ rest for _, joint, rest in _DIRECTIONS], axis=1)


def bone_jumps(
    directions: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> BoneJumps:
    """Which limb left its place and came back, and by what angle.

        jump = min(∠(d, d_before), ∠(d, d_after))

    counts where it is 45° or more, and ∠(d_before, d_after) at most half of it.

    Args:
        directions: ``(N, 10, 3)`` of ``followed_directions``; NaN where there is no body.
        before: ``(N, 10, 3)`` of an earlier frame.
        after: ``(N, 10, 3)`` of a later frame.
    """
    away = np.minimum(_angle_deg(directions, before), _angle_deg(directions, after))
    came_back = _angle_deg(before, after) <= RETURNED_SHARE * away
    jumped = np.where(came_back & (away >= LEAST_JUMP_DEG), away, 0.0)
    limb = jumped.argmax(axis=1)
    return BoneJumps(np.take_along_axis(jumped, limb[:, None], axis=1)[:, 0], limb)


def _angle_deg(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    # Rounding can take the cosine of equal directions beyond 1.
    cosine = np.clip((first * second).sum(axis=-1), -1.0, 1.0)
    angle: NDArray[np.float64] = np.rad2deg(np.arccos(cosine))
    return angle
