"""Right bodies made wrong on purpose: what reviewers are tried with.

Each kind is one that fits really fail by (docs/flags.md), and as large as a failure has to be for
people to see it: a limb that is mirrored in depth, or turned, moves its end by a fifth of a metre
or more. A body in which a kind would be smaller than that is not used for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.conventions import SKELETON_JOINT_NAMES, flip_pose
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.pose_edits import (
    CameraAxis,
    mirrored_in_depth,
    turned_body,
    turned_joint,
    with_betas,
)
from core.geometry.crop_camera import CROP_SIZE_PX
from core.geometry.rotations import pose_to_matrices
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.body_parts import BodyPart
from core.types.reviewing.made_errors import ErrorKind

LEAST_MOVE_M = 0.2
"""How far a limb's end, or a hand and foot of a turned body, has to go."""

_LIMBS = (BodyPart.LEFT_ARM, BodyPart.RIGHT_ARM, BodyPart.LEFT_LEG, BodyPart.RIGHT_LEG)
_UPPER_JOINTS = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")

_LIMB_TURN_DEG = (45.0, 75.0)
_BODY_TURN_DEG = (50.0, 120.0)
_BETA = (4.0, 5.0)
_MOVE_SHARE = (0.12, 0.2)
"""Of the side of the crop."""

_SIGNS = (-1.0, 1.0)

Made = BodyParameters | None
_Maker = Callable[[BodyParameters, np.random.Generator, KeypointBody], Made]


def make_error(
    parameters: BodyParameters,
    kind: ErrorKind,
    *,
    draw: np.random.Generator,
    body: KeypointBody,
) -> BodyParameters | None:
    """A right body made wrong in one way.

    Args:
        parameters: the body in its crop's camera.
        kind: what is done to it.
        draw: chooses limb, direction and size.
        body: poses the joints.

    Returns:
        The wrong body, in the same camera; None where the error would be too small to be seen.
    """
    made = _MAKERS[kind](parameters, draw, body)
    if made is None or kind in _SEEN_ANYWAY:
        return made
    return made if _largest_move_m(parameters, made, body) >= LEAST_MOVE_M else None


def _limb_mirrored(
    parameters: BodyParameters, draw: np.random.Generator, body: KeypointBody
) -> Made:
    """The limb is drawn among those that go far enough."""
    made = [mirrored_in_depth(parameters, part, body=body) for part in _LIMBS]
    seen = [wrong for wrong in made if _largest_move_m(parameters, wrong, body) >= LEAST_MOVE_M]
    return seen[int(draw.integers(len(seen)))] if seen else None


def _limb_turned(
    parameters: BodyParameters, draw: np.random.Generator, _body: KeypointBody
) -> Made:
    """About an axis across the limb: a turn about its own bone would hardly move its end."""
    name = _UPPER_JOINTS[int(draw.integers(len(_UPPER_JOINTS)))]
    # At rest arms lie along x and legs along y.
    across = [1, 2] if name.endswith("shoulder") else [0, 2]
    axis = np.zeros(3)
    axis[across] = draw.normal(size=2)
    degrees = draw.uniform(*_LIMB_TURN_DEG)
    turn = axis / np.linalg.norm(axis) * degrees
    return turned_joint(parameters, SKELETON_JOINT_NAMES.index(name), turn)


def _body_turned(
    parameters: BodyParameters, draw: np.random.Generator, _body: KeypointBody
) -> Made:
    degrees = draw.choice(_SIGNS) * draw.uniform(*_BODY_TURN_DEG)
    return turned_body(parameters, CameraAxis.VERTICAL, degrees=float(degrees))


def _sides_exchanged(
    parameters: BodyParameters, _draw: np.random.Generator, _body: KeypointBody
) -> Made:
    """The body's mirror image in depth, which covers the same pixels with the other side's limbs.

    A reflection of z in the camera's frame is one of x, as ``flip_pose`` does it, and half a turn
    about y: diag(1, 1, −1) = diag(−1, 1, −1) · diag(−1, 1, 1).
    """
    flipped = replace(parameters, pose_axis_angle=flip_pose(parameters.pose_axis_angle))
    return turned_body(flipped, CameraAxis.VERTICAL, degrees=180.0)


def _extreme_shape(
    parameters: BodyParameters, draw: np.random.Generator, body: KeypointBody
) -> Made:
    """Two betas far out; the camera goes where the body covers the same part of the picture."""
    betas: FloatArray = parameters.betas.copy()
    for beta in (1, int(draw.integers(2, 5))):
        betas[beta] = draw.choice(_SIGNS) * draw.uniform(*_BETA)
    return with_betas(parameters, betas, body=body)


def _body_moved(parameters: BodyParameters, draw: np.random.Generator, _body: KeypointBody) -> Made:
    """Across the line of sight, by a share of the crop."""
    angle = draw.uniform(0, 2 * np.pi)
    move_px = draw.uniform(*_MOVE_SHARE) * CROP_SIZE_PX
    depth_m = float(parameters.camera_translation[2])
    move_m = move_px * depth_m / parameters.camera.focal_length_px
    step = np.array([np.cos(angle), np.sin(angle), 0.0]) * move_m
    moved = (parameters.camera_translation + step).astype(np.float32)
    return replace(parameters, camera_translation=moved)


_MAKERS: Mapping[ErrorKind, _Maker] = {
    ErrorKind.LIMB_MIRRORED: _limb_mirrored,
    ErrorKind.LIMB_TURNED: _limb_turned,
    ErrorKind.BODY_TURNED: _body_turned,
    ErrorKind.SIDES_EXCHANGED: _sides_exchanged,
    ErrorKind.EXTREME_SHAPE: _extreme_shape,
    ErrorKind.BODY_MOVED: _body_moved,
}

_SEEN_ANYWAY = frozenset({ErrorKind.EXTREME_SHAPE, ErrorKind.BODY_MOVED})


def _largest_move_m(before: BodyParameters, after: BodyParameters, body: KeypointBody) -> float:
    moved = _joints_m(after, body) - _joints_m(before, body)
    return float(np.linalg.norm(moved, axis=1).max())


def _joints_m(parameters: BodyParameters, body: KeypointBody) -> NDArray[np.floating]:
    """Joints ``(24, 3)`` without the translation, metres."""
    pose = torch.from_numpy(parameters.pose_axis_angle[None].copy())
    betas = torch.from_numpy(parameters.betas[None].copy())
    with torch.no_grad():
        joints: NDArray[np.floating] = body.posed(pose_to_matrices(pose), betas).joints[0].numpy()
    return joints
