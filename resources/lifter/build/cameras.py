"""Synthetic cameras: bodies of the world as seen from any side, in crop pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.geometry.crop_camera import CROP_CENTER_PX, CROP_SIZE_PX, FOCAL_LENGTH_PX
from core.geometry.rotations import axis_angle_to_matrix, facing_root

LARGEST_TILT_RAD = math.radians(20)
ROLL_RAD = math.radians(5)
ANY_ORIENTATION = 0.1
"""Share of people turned in any way at all: on floors, in the air, pictures on their side."""

NEAR = 0.5
"""Share of people photographed from a few metres, as most are; the crop camera is 50 m away."""
NEAREST_M, FARTHEST_NEAR_M = 2.5, 12.0
_SMALLEST, _LARGEST = 0.5, 0.95
_OFFSET_PX = 8.0


@dataclass(frozen=True, eq=False)
class SeenBodies:
    """B bodies in their cameras' frames.

    rotations: (B, 24, 3, 3), the root in the camera frame; betas: (B, 10).
    points: (B, 34, 3) distinct keypoints, metres from the pelvis joint.
    positions_crop_px: (B, 49, 2) where all keypoints are seen, without noise.
    """

    rotations: Tensor
    betas: Tensor
    points: Tensor
    positions_crop_px: Tensor


def see(
    body: KeypointBody,
    poses: Tensor,
    generator: torch.Generator,
    *,
    any_orientation: float = ANY_ORIENTATION,
    near: float = NEAR,
) -> SeenBodies:
    """Poses ``(B, 24, 3, 3)`` of the world on random bodies before random cameras."""
    count = len(poses)
    betas = torch.randn(count, 10, generator=generator)
    rotations = poses.clone()
    rotations[:, 0] = _view(count, any_orientation, generator) @ poses[:, 0]
    points = body.distinct_keypoints(rotations, betas) - body.root_joint(betas)[:, None]
    positions = _projected(points, near, generator)[:, body.distinct_of_keypoint]
    return SeenBodies(rotations, betas, points, positions)


def _view(count: int, any_orientation: float, generator: torch.Generator) -> Tensor:
    """World to camera ``(B, 3, 3)``: any yaw, some tilt, a little roll; for some anything."""
    yaw = 2 * math.pi * torch.rand(count, generator=generator)
    pitch = LARGEST_TILT_RAD * (2 * torch.rand(count, generator=generator) - 1)
    roll = ROLL_RAD * torch.randn(count, generator=generator)
    tilt = axis_angle_to_matrix(torch.stack([pitch, torch.zeros(count), roll], dim=-1))
    upright = tilt @ facing_root(yaw)
    quaternion = torch.randn(count, 4, generator=generator)
    anything = _from_quaternion(quaternion / quaternion.norm(dim=-1, keepdim=True))
    free = torch.rand(count, generator=generator) < any_orientation
    return torch.where(free[:, None, None], anything, upright)


def _from_quaternion(quaternion: Tensor) -> Tensor:
    """Unit quaternions ``(B, 4)``, real part last, to matrices: evenly spread over all turns."""
    vector, real = quaternion[:, :3], quaternion[:, 3:]
    angle = 2 * torch.atan2(vector.norm(dim=-1, keepdim=True), real)
    axis = vector / vector.norm(dim=-1, keepdim=True).clamp_min(1e-9)
    return axis_angle_to_matrix(axis * angle)


def _projected(points: Tensor, near: float, generator: torch.Generator) -> Tensor:
    """Pixels ``(B, N, 2)``: the body fills some of the crop, about its middle."""
    count = len(points)
    low, high = points.amin(1), points.amax(1)
    extent_m = (high - low)[:, :2].amax(1)
    filled = _SMALLEST + (_LARGEST - _SMALLEST) * torch.rand(count, generator=generator)
    pixels_per_metre = filled * CROP_SIZE_PX / extent_m
    distance = NEAREST_M + (FARTHEST_NEAR_M - NEAREST_M) * torch.rand(count, generator=generator)
    is_near = torch.rand(count, generator=generator) < near
    distance = torch.where(is_near, distance, FOCAL_LENGTH_PX / pixels_per_metre)
    focal_length_px = pixels_per_metre * distance
    centered = points - ((low + high) / 2)[:, None]
    depth = centered[..., 2:] + distance[:, None, None]
    offset_px = CROP_CENTER_PX + _OFFSET_PX * torch.randn(count, 1, 2, generator=generator)
    return focal_length_px[:, None, None] * centered[..., :2] / depth + offset_px
