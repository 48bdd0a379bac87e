"""Rotations beyond what ``roma`` offers directly.

Conversions are ``roma``'s: stable at zero and near pi, where the original's torchgeometry gave NaN
(facts of SPIN, fault 13). All matrices act on column vectors, ``x_camera = R @ x_body``.
"""

from __future__ import annotations

import math

import numpy as np
import roma
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import ShapeError


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """Rotation vectors ``(..., 3)`` in radians to matrices ``(..., 3, 3)``."""
    if axis_angle.shape[-1] != 3:
        raise ShapeError("axis_angle", actual=axis_angle.shape, expected="(..., 3)")
    matrix: Tensor = roma.rotvec_to_rotmat(axis_angle)
    return matrix


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    """Matrices ``(..., 3, 3)`` to rotation vectors ``(..., 3)``, angle in [0, pi] radians."""
    if matrix.shape[-2:] != (3, 3):
        raise ShapeError("matrix", actual=matrix.shape, expected="(..., 3, 3)")
    axis_angle: Tensor = roma.rotmat_to_rotvec(matrix)
    return axis_angle


def pose_to_matrices(pose_axis_angle: Tensor) -> Tensor:
    """A body pose ``(B, 72)`` in radians, root first, to matrices ``(B, 24, 3, 3)``."""
    if pose_axis_angle.shape[-1] != 72:
        raise ShapeError("pose_axis_angle", actual=pose_axis_angle.shape, expected="(..., 72)")
    return axis_angle_to_matrix(pose_axis_angle.reshape(*pose_axis_angle.shape[:-1], 24, 3))


def geodesic_angle(first: Tensor, second: Tensor) -> Tensor:
    """Angle in radians, ``(...)``, between two batches of matrices ``(..., 3, 3)``."""
    angle: Tensor = roma.rotmat_geodesic_distance(first, second)
    return angle


def facing_root(yaw: Tensor) -> Tensor:
    """Root matrices ``(..., 3, 3)`` of an upright body in the y-down camera frame.

    ``yaw`` in radians turns the body about its own vertical axis; at 0 it faces the camera: the
    180° about x that SPIN's mean parameters hold (facts of SPIN, 1.4).
    """
    half_turn = axis_angle_to_matrix(yaw.new_tensor([math.pi, 0.0, 0.0]))
    about_vertical = torch.stack([torch.zeros_like(yaw), yaw, torch.zeros_like(yaw)], dim=-1)
    return half_turn @ axis_angle_to_matrix(about_vertical)


def wrap_axis_angle(axis_angle: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same rotations ``(..., 3)`` written with angles in [0, pi] radians."""
    tensor = torch.from_numpy(np.ascontiguousarray(axis_angle, dtype=np.float64))
    wrapped = matrix_to_axis_angle(axis_angle_to_matrix(tensor))
    return wrapped.numpy().astype(np.float32)
