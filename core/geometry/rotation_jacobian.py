"""Derivatives of rotations written as rotation vectors, for the second-order solver.

``J_r`` is the right Jacobian: ``exp(v + dv) = exp(v) exp(J_r(v) dv)`` to first order. It leads from
turns of a joint in its own frame, where the kinematics are simple, to axis-angle coordinates, where
the pose prior is a plain quadratic (docs/method.md, "Rotations as vectors").
"""

from __future__ import annotations

import math

from core.geometry.array_namespace import (
    ArrayT,
    array_namespace,
    batch_first,
    batch_last,
    identity_like,
)

_LEAST_SQUARE = 1e-30
"""Keeps 0/0 away; an angle of 1e-15 rad is none in any precision."""


def skew(vector: ArrayT) -> ArrayT:
    """Vectors ``(..., 3)`` to the matrices ``(..., 3, 3)`` of their cross product."""
    xp = array_namespace(vector)
    matrices: ArrayT = xp.moveaxis(_skew_entries(xp.moveaxis(vector, -1, 0)), (0, 1), (-2, -1))
    return matrices


def _skew_entries(vector: ArrayT) -> ArrayT:
    """The same with the components first: ``(3, ...)`` to ``(3, 3, ...)``."""
    xp = array_namespace(vector)
    x, y, z = vector[0], vector[1], vector[2]
    zero = xp.zeros_like(x)
    rows = xp.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=0)
    matrices: ArrayT = xp.reshape(rows, (3, 3, *vector.shape[1:]))
    return matrices


def unskew(matrix: ArrayT) -> ArrayT:
    """The gradient ``(..., 3)`` by v of ⟨matrix, skew(v)⟩, the sum of products of the entries.

    unskew(X) = (X₂₁ − X₁₂, X₀₂ − X₂₀, X₁₀ − X₀₁), counting from 0. It turns a gradient by the
    entries of a rotation matrix into one by a turn.

    Args:
        matrix: ``(..., 3, 3)``.
    """
    differences: ArrayT = array_namespace(matrix).stack(
        [
            matrix[..., 2, 1] - matrix[..., 1, 2],
            matrix[..., 0, 2] - matrix[..., 2, 0],
            matrix[..., 1, 0] - matrix[..., 0, 1],
        ],
        axis=-1,
    )
    return differences


def right_jacobian(rotation_vector: ArrayT) -> ArrayT:
    """``J_r`` ``(..., 3, 3)`` of rotation vectors ``(..., 3)`` in radians; smooth at zero.

    The second result of ``rotation_and_right_jacobian``, by itself.
    """
    return rotation_and_right_jacobian(rotation_vector)[1]


def rotation_and_right_jacobian(rotation_vector: ArrayT) -> tuple[ArrayT, ArrayT]:
    """Rotations R and their ``J_r``, each ``(..., 3, 3)``, of vectors v ``(..., 3)`` in radians.

    With ``a = |v|`` and ``[v]ₓ² = v vᵀ − a² I``::

        R      = I + s [v]ₓ + q [v]ₓ²     = (1 − q a²) I + s [v]ₓ + q v vᵀ
        J_r(v) = I − q [v]ₓ + c [v]ₓ²     = s I − q [v]ₓ + c v vᵀ

        s = sin a / a        q = (1 − cos a) / a²        c = (a − sin a) / a³ = (1 − s) / a²

    Both are needed together wherever a body is posed and moved, and have the same sine and cosine.
    Near zero ``1 − s`` loses its digits, but what is lost of ``c`` is multiplied by a² again: both
    matrices are exact to rounding for every vector. Source: Solà, Deray and Atchuthan 2018, "A
    micro Lie theory for state estimation in robotics", appendix B,
    <https://arxiv.org/abs/1812.01537>.
    """
    xp = array_namespace(rotation_vector)
    # Components first, so that every product runs over one long row of numbers.
    count = math.prod(rotation_vector.shape[:-1])
    vector = batch_last(xp.reshape(rotation_vector, (count, 3)))
    squared = xp.sum(vector * vector, axis=0)
    safe = xp.clip(squared, _LEAST_SQUARE, None)
    angle = xp.sqrt(safe)
    s = xp.sin(angle) / angle
    # 1 − cos a = 2 sin² (a/2) keeps the digits that the difference would lose.
    half = xp.sin(angle / 2) / angle
    q = 2 * half * half
    c = (1 - s) / safe
    identity = identity_like(rotation_vector, 3)[..., None]
    outer = vector[:, None] * vector
    cross = _skew_entries(vector)
    shape = (*rotation_vector.shape[:-1], 3, 3)
    rotation: ArrayT = batch_first((1 - q * squared) * identity + s * cross + q * outer)
    jacobian: ArrayT = batch_first(s * identity - q * cross + c * outer)
    return xp.reshape(rotation, shape), xp.reshape(jacobian, shape)
