"""The directions of bones, as BlazePose's landmarks in metres and bodies' keypoints tell them."""

from __future__ import annotations

from typing import Any

from core.body.landmarks import BODY_25_LANDMARKS
from core.errors import ShapeError
from core.geometry.array_namespace import Array, ArrayT, array_like, array_namespace
from core.types.arrays import NUM_KEYPOINTS
from core.types.detected_landmarks import NUM_LANDMARKS

BONES: tuple[tuple[int, int], ...] = (
    (2, 3), (3, 4), (5, 6), (6, 7), (9, 10), (10, 11), (12, 13), (13, 14),
    (9, 12), (2, 5), (9, 2), (12, 5),
)  # fmt: skip
"""Pairs of the 49 keypoints, from and to: arms, legs, the lines of hips and shoulders, flanks."""

BONE_NAMES: tuple[str, ...] = (
    "right upper arm", "right forearm", "left upper arm", "left forearm",
    "right thigh", "right shin", "left thigh", "left shin",
    "hips", "shoulders", "right flank", "left flank",
)  # fmt: skip

BONE_STARTS, BONE_ENDS = ([bone[end] for bone in BONES] for end in (0, 1))
"""The keypoint that each of ``BONES`` goes out from, and the one that it leads to."""

_FROM, _TO = (tuple(BODY_25_LANDMARKS[bone[end]][0] for bone in BONES) for end in (0, 1))
_SHORTEST = 1e-12
"""Metres; only so that nothing is divided by zero."""
_SHORTEST_M = 1e-3
"""Landmarks this close together tell no direction; shorter bones exist in no person."""


def bone_directions(landmarks_m: Array) -> Any:
    """Unit vectors ``(..., 12, 3)`` along ``BONES`` from landmarks ``(..., 33, 3)`` in metres.

    d = (X_to − X_from) / max(‖X_to − X_from‖, 1 mm), in the landmarks' axes (x right, y down, z
    forward): where both ends coincide there is no direction and d is shorter than 1.

    Raises:
        ShapeError: for other shapes.
    """
    _check(landmarks_m, (NUM_LANDMARKS, 3), "landmarks_m")
    xp = array_namespace(landmarks_m)
    along = _taken(landmarks_m, _TO) - _taken(landmarks_m, _FROM)
    length = xp.sqrt(xp.sum(along * along, axis=-1, keepdims=True))
    # Landmarks that are not finite are no reason for a fit to fail: the bone has no direction.
    known = xp.isfinite(length)
    along = xp.where(known, along, xp.zeros_like(along))
    return along / xp.where(
        known & (length > _SHORTEST_M), length, xp.full_like(length, _SHORTEST_M)
    )


def directions_between_keypoints(keypoints_3d: ArrayT) -> ArrayT:
    """Unit vectors ``(..., 12, 3)`` along ``BONES`` of bodies' keypoints ``(..., 49, 3)``.

    NaN where an end is NaN; 0 where both ends coincide.

    Raises:
        ShapeError: for other shapes.
    """
    _check(keypoints_3d, (NUM_KEYPOINTS, 3), "keypoints_3d")
    xp = array_namespace(keypoints_3d)
    along = keypoints_3d[..., BONE_ENDS, :] - keypoints_3d[..., BONE_STARTS, :]
    length = xp.linalg.vector_norm(along, axis=-1, keepdims=True)
    directions: ArrayT = along / xp.clip(length, _SHORTEST, None)
    return directions


def bone_visibility(landmarks_px: Array) -> Any:
    """Of each of ``BONES`` the less visible end, ``(..., 12)``, from landmarks ``(..., 33, 3)``.

    Raises:
        ShapeError: for other shapes.
    """
    _check(landmarks_px, (NUM_LANDMARKS, 3), "landmarks_px")
    xp = array_namespace(landmarks_px)
    return xp.minimum(_taken(landmarks_px, _FROM)[..., 2], _taken(landmarks_px, _TO)[..., 2])


def _taken(landmarks: Array, indices: tuple[int, ...]) -> Any:
    return array_namespace(landmarks).take(landmarks, array_like(landmarks, indices), axis=-2)


def _check(landmarks: Array, expected: tuple[int, int], name: str) -> None:
    if tuple(landmarks.shape[-2:]) != expected:
        raise ShapeError(
            name, actual=landmarks.shape, expected=f"(..., {expected[0]}, {expected[1]})"
        )
