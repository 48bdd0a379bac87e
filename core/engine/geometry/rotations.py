"""Rotations as vectors and matrices, stable at zero and near pi, in values and in gradients.

The published code gave NaN there (docs/method.md, "Faults of the published code", 13). Formulas and
limits: docs/method.md, "Rotations as vectors". All matrices act on column vectors,
``x_camera = R @ x_body``. docs/decisions/0011 says why no library does this.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import ShapeError

_SMALL_ANGLE = 1e-3
"""Below it two terms of the series are exact to 1e-14, and nothing is divided by next to zero."""


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    """Rotation vectors ``(..., 3)`` in radians to matrices ``(..., 3, 3)``."""
    if axis_angle.shape[-1] != 3:
        raise ShapeError("axis_angle", actual=axis_angle.shape, expected="(..., 3)")
    x, y, z = axis_angle.unbind(-1)
    squared = x * x + y * y + z * z
    small = squared < _SMALL_ANGLE**2
    # Both branches have finite gradients everywhere: a NaN would pass through ``where``.
    angle = torch.where(small, 1.0, squared).sqrt()
    along_sine = torch.where(small, 1 - squared / 6, torch.sin(angle) / angle)
    # 2 sin² keeps all digits where 1 - cos would lose half of them.
    half = torch.sin(angle / 2) / angle
    along_square = torch.where(small, 0.5 - squared / 24, 2 * half * half)
    sx, sy, sz = along_sine * x, along_sine * y, along_sine * z
    qx, qy, qz = along_square * x, along_square * y, along_square * z
    xx, yy, zz, xy, xz, yz = qx * x, qy * y, qz * z, qx * y, qx * z, qy * z
    rows = (1 - yy - zz, xy - sz, xz + sy, xy + sz, 1 - xx - zz, yz - sx, xz - sy, yz + sx)
    numbers = torch.stack([*rows, 1 - xx - yy], dim=-1)
    return numbers.reshape(*axis_angle.shape[:-1], 3, 3)


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    """Matrices ``(..., 3, 3)`` to rotation vectors ``(..., 3)``, angle in [0, pi] radians."""
    if matrix.shape[-2:] != (3, 3):
        raise ShapeError("matrix", actual=matrix.shape, expected="(..., 3, 3)")
    cosine, *axis = _quaternion(matrix).unbind(-1)
    vector = torch.stack(axis, dim=-1) * torch.where(cosine < 0, -1.0, 1.0)[..., None]
    squared = (vector * vector).sum(-1)
    small = squared < _SMALL_ANGLE**2
    sine = torch.where(small, 1.0, squared).sqrt()
    scale = torch.where(small, 2 + squared / 3, 2 * torch.atan2(sine, cosine.abs()) / sine)
    return scale[..., None] * vector


def pose_to_matrices(pose_axis_angle: Tensor) -> Tensor:
    """A body pose ``(B, 72)`` in radians, root first, to matrices ``(B, 24, 3, 3)``."""
    if pose_axis_angle.shape[-1] != 72:
        raise ShapeError("pose_axis_angle", actual=pose_axis_angle.shape, expected="(..., 72)")
    return axis_angle_to_matrix(pose_axis_angle.reshape(*pose_axis_angle.shape[:-1], 24, 3))


def geodesic_angle(first: Tensor, second: Tensor) -> Tensor:
    """Angle in radians, ``(...)``, between two batches of matrices ``(..., 3, 3)``."""
    chord = torch.linalg.vector_norm(second - first, dim=(-2, -1))
    angle: Tensor = 2 * torch.asin((chord / math.sqrt(8)).clamp_max(1.0))
    return angle


def nearest_rotation(matrix: Tensor) -> Tensor:
    """The rotations nearest to any matrices ``(..., 3, 3)``, by the Frobenius norm."""
    left, _, right = torch.linalg.svd(matrix)
    sign = torch.linalg.det(left @ right).sign()
    rotation: Tensor = torch.cat([left[..., :2], sign[..., None, None] * left[..., 2:]], -1) @ right
    return rotation


def _quaternion(matrix: Tensor) -> Tensor:
    """Unit quaternions ``(..., 4)``, real part first, of rotations ``(..., 3, 3)``; either sign.

    For a quaternion q the matrix gives all of 4 q qᵀ. Of its rows, each a multiple of q, the one
    with the largest diagonal entry keeps most digits (Markley 2008).
    """
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = (row.unbind(-1) for row in matrix.unbind(-2))
    x, y, z = zy - yz, xz - zx, yx - xy
    a, b, c = xy + yx, xz + zx, yz + zy
    rows = (
        (1 + xx + yy + zz, x, y, z),
        (x, 1 + xx - yy - zz, a, b),
        (y, a, 1 - xx + yy - zz, c),
        (z, b, c, 1 - xx - yy + zz),
    )
    multiples = torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)
    largest = multiples.detach().diagonal(dim1=-2, dim2=-1).argmax(-1)
    chosen = torch.take_along_dim(multiples, largest[..., None, None], dim=-2).squeeze(-2)
    quaternion: Tensor = chosen / torch.linalg.vector_norm(chosen, dim=-1, keepdim=True)
    return quaternion


def facing_root(yaw: Tensor) -> Tensor:
    """Root matrices ``(..., 3, 3)`` of an upright body in the y-down camera frame.

    ``yaw`` in radians turns the body about its own vertical axis; at 0 it faces the camera: the
    180° about x that SPIN's mean parameters hold.
    """
    half_turn = axis_angle_to_matrix(yaw.new_tensor([math.pi, 0.0, 0.0]))
    about_vertical = torch.stack([torch.zeros_like(yaw), yaw, torch.zeros_like(yaw)], dim=-1)
    return half_turn @ axis_angle_to_matrix(about_vertical)


def wrap_axis_angle(axis_angle: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same rotations ``(..., 3)`` written with angles in [0, pi] radians."""
    tensor = torch.from_numpy(np.ascontiguousarray(axis_angle, dtype=np.float64))
    wrapped = matrix_to_axis_angle(axis_angle_to_matrix(tensor))
    return wrapped.numpy().astype(np.float32)
