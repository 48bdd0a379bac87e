"""What people do to a body by hand: turn it round, mirror a limb in depth, correct its shape.

These are pure functions from one body to another; the camera of the crop stays the same. They do
not look at keypoints: whether an edit was right is for the eye to say, and for a refit from there.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.conventions import SKELETON_PARENTS
from core.body.depth_mirror import PosedSkeleton, mirrored_rotations
from core.body.keypoint_posing import PosedKeypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import camera_tensors
from core.errors import StudioError
from core.geometry.camera_translation import least_squares_translation
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
    pose_to_matrices,
)
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray
from core.types.bodies import BodyParameters
from core.types.body_parts import BodyPart
from core.types.limits import VALID_MAX_ABS_BETA

LARGEST_CLAMPED_BETA = VALID_MAX_ABS_BETA
"""The limit of ``clamped_shape``. Fits with larger betas are flagged, and their shape supervises
no training."""


class CameraAxis(StrEnum):
    """What a whole body is turned about."""

    VERTICAL = "vertical"
    """The picture's vertical, y: front becomes back."""
    VIEWING = "viewing"
    """The direction of view, z: the head comes to lie where the feet were."""


_AXES = {CameraAxis.VERTICAL: (0.0, 1.0, 0.0), CameraAxis.VIEWING: (0.0, 0.0, 1.0)}


def turned_body(
    parameters: BodyParameters, axis: CameraAxis, *, degrees: float = 180.0
) -> BodyParameters:
    """Turn a body about an axis of the camera through its pelvis, which stays where it is."""
    # root maps the body's frame to the camera's, so a turn about a camera axis goes on its left.
    turn = _rotation(np.array(_AXES[axis]), degrees)
    root = axis_angle_to_matrix(_double(parameters.pose_axis_angle[:3]))
    return _with_rotations(parameters, {0: turn @ root})


def turned_joint(
    parameters: BodyParameters, joint: int, degrees_xyz: NDArray[np.floating]
) -> BodyParameters:
    """Turn one joint about its own axes, by a rotation vector ``(3,)`` in degrees.

    Raises:
        StudioError: there is no such joint.
    """
    if not 0 <= joint < NUM_JOINTS:
        raise StudioError(f"There is no joint {joint}, expected 0 to {NUM_JOINTS - 1}.")
    turn = axis_angle_to_matrix(torch.deg2rad(_double(degrees_xyz)))
    # R_j maps the joint's frame to its parent's, so a turn in its own frame goes on its right.
    now = axis_angle_to_matrix(_double(parameters.pose_axis_angle[3 * joint : 3 * joint + 3]))
    return _with_rotations(parameters, {joint: now @ turn})


def mirrored_in_depth(
    parameters: BodyParameters, part: BodyPart, *, body: KeypointBody
) -> BodyParameters:
    """Mirror a part of a body in depth (``core.body.depth_mirror``); its pixels stay."""
    posed = _posed(parameters, body)
    translation = parameters.camera_translation.astype(np.float64)
    skeleton = PosedSkeleton(
        posed.joints[0].double().numpy() + translation, posed.bone_rotations[0].double().numpy()
    )
    bones = mirrored_rotations(skeleton, part)
    of_parents = np.stack(
        [np.eye(3) if parent < 0 else bones[parent] for parent in SKELETON_PARENTS]
    )
    # From bones back to joints: R_j = G_parent(j)ᵀ G_j, (24, 3, 3).
    local = torch.from_numpy(of_parents.transpose(0, 2, 1) @ bones)
    before = pose_to_matrices(_double(parameters.pose_axis_angle)[None])[0]
    changed = (local - before).abs().amax((1, 2)) > _UNCHANGED
    rotations = {int(joint): local[joint] for joint in torch.nonzero(changed)[:, 0]}
    return _with_rotations(parameters, rotations)


_UNCHANGED = 1e-5
"""Largest change of a matrix entry that is rounding: such joints keep their numbers to the bit."""


def average_shape(parameters: BodyParameters, *, body: KeypointBody) -> BodyParameters:
    """Give a body the mean shape, all betas 0."""
    return with_betas(parameters, np.zeros(NUM_BETAS, dtype=np.float32), body=body)


def clamped_shape(
    parameters: BodyParameters, *, body: KeypointBody, limit: float = LARGEST_CLAMPED_BETA
) -> BodyParameters:
    """Bring every beta of a body within ``±limit``."""
    return with_betas(parameters, np.clip(parameters.betas, -limit, limit), body=body)


def with_betas(
    parameters: BodyParameters, betas: FloatArray, *, body: KeypointBody
) -> BodyParameters:
    """Give a body another shape, at the distance where it covers the same part of the picture.

    A smaller person who is nearer looks the same. So the camera is solved by linear least squares
    against the pixels that the 49 keypoints had before.

    Args:
        parameters: the body in its crop's camera.
        betas: ``(10,)``.
        body: poses the keypoints.
    """
    reshaped = replace(parameters, betas=np.asarray(betas, dtype=np.float32))
    if np.array_equal(reshaped.betas, parameters.betas):
        return parameters
    cameras = camera_tensors([parameters.camera])
    seen = project_to_crop(
        _keypoints(parameters, body), torch.from_numpy(parameters.camera_translation[None]), cameras
    )
    # All 49 weigh alike, since none of them was detected: each is where the body had it.
    points = _keypoints(reshaped, body)
    translation = least_squares_translation(points, seen, torch.ones_like(points[..., 0]), cameras)
    return replace(reshaped, camera_translation=translation[0].numpy().astype(np.float32))


def _posed(parameters: BodyParameters, body: KeypointBody) -> PosedKeypoints[Tensor]:
    pose = torch.from_numpy(parameters.pose_axis_angle[None].copy())
    betas = torch.from_numpy(parameters.betas[None].copy())
    with torch.no_grad():
        return body.posed(pose_to_matrices(pose), betas)


def _keypoints(parameters: BodyParameters, body: KeypointBody) -> Tensor:
    return _posed(parameters, body).distinct[:, body.distinct_of_keypoint]


def _with_rotations(parameters: BodyParameters, rotations: dict[int, Tensor]) -> BodyParameters:
    pose = parameters.pose_axis_angle.reshape(NUM_JOINTS, 3).copy()
    for joint, rotation in rotations.items():
        pose[joint] = matrix_to_axis_angle(rotation).numpy()
    return replace(parameters, pose_axis_angle=pose.reshape(-1))


def _rotation(axis: NDArray[np.floating], degrees: float) -> Tensor:
    return axis_angle_to_matrix(_double(axis * np.deg2rad(degrees)))


def _double(array: NDArray[np.floating]) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float64))
