"""Derivatives of rotations written as rotation vectors, for the second-order solver.

``J_r`` is the right Jacobian: ``exp(v + dv) = exp(v) exp(J_r(v) dv)`` to first order. It leads from
turns of a joint in its own frame, where the kinematics are simple, to axis-angle coordinates, where
the pose prior is a plain quadratic (docs/method.md, "Rotations as vectors").
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_SMALL_ANGLE_SQUARED = 1e-4
"""Below 0.01 rad the closed forms cancel in single precision; the series are exact there."""


def skew(vector: Tensor) -> Tensor:
    """Vectors ``(..., 3)`` to the matrices ``(..., 3, 3)`` of their cross product."""
    x, y, z = vector.unbind(-1)
    zero = torch.zeros_like(x)
    rows = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1)
    return rows.reshape(*vector.shape[:-1], 3, 3)


def unskew(matrix: Tensor) -> Tensor:
    """Gradient with respect to ``v`` of ``<matrix, skew(v)>``: ``(..., 3, 3)`` to ``(..., 3)``."""
    return torch.stack(
        [
            matrix[..., 2, 1] - matrix[..., 1, 2],
            matrix[..., 0, 2] - matrix[..., 2, 0],
            matrix[..., 1, 0] - matrix[..., 0, 1],
        ],
        dim=-1,
    )


def right_jacobian(rotation_vector: Tensor) -> Tensor:
    """``J_r`` ``(..., 3, 3)`` of rotation vectors ``(..., 3)`` in radians; smooth at zero."""
    squared = (rotation_vector**2).sum(-1)
    small = squared < _SMALL_ANGLE_SQUARED
    safe = torch.where(small, torch.ones_like(squared), squared)
    angle = safe.sqrt()
    first = torch.where(small, 0.5 - squared / 24, (1 - angle.cos()) / safe)
    second = torch.where(small, 1 / 6 - squared / 120, (angle - angle.sin()) / (safe * angle))
    cross = skew(rotation_vector)
    identity = torch.eye(3, dtype=rotation_vector.dtype, device=rotation_vector.device)
    squared_cross: Tensor = cross @ cross
    return identity - first[..., None, None] * cross + second[..., None, None] * squared_cross


def wrap_rotation_vector(rotation_vector: Tensor) -> Tensor:
    """The same rotations ``(..., 3)`` with angles in [0, pi] radians.

    Full turns mean nothing to the body but would count in a prior that is quadratic in the vector.
    """
    angle: Tensor = torch.linalg.vector_norm(rotation_vector, dim=-1, keepdim=True)
    turns = torch.round(angle / (2 * math.pi))
    return rotation_vector * (1 - 2 * math.pi * turns / angle.clamp_min(1.0))
