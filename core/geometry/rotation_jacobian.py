"""Derivatives of rotations written as rotation vectors, for the second-order solver.

``J_r`` is the right Jacobian: ``exp(v + dv) = exp(v) exp(J_r(v) dv)`` to first order. It leads from
turns of a joint in its own frame, where the kinematics are simple, to axis-angle coordinates, where
the pose prior is a plain quadratic (docs/method.md, "Rotations as vectors").
"""

from __future__ import annotations

from core.geometry.array_namespace import ArrayT, array_namespace, identity_like

_SMALL_ANGLE_SQUARED = 1e-4
"""Below 0.01 rad the closed forms cancel in single precision, where two terms of their series are
exact."""


def skew(vector: ArrayT) -> ArrayT:
    """Vectors ``(..., 3)`` to the matrices ``(..., 3, 3)`` of their cross product."""
    xp = array_namespace(vector)
    x, y, z = xp.moveaxis(vector, -1, 0)
    zero = xp.zeros_like(x)
    rows = xp.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1)
    matrices: ArrayT = xp.reshape(rows, (*vector.shape[:-1], 3, 3))
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

    ``J_r(v) = I − (1 − cos a)/a² [v]ₓ + (a − sin a)/a³ [v]ₓ²`` with ``a = |v|``. Both quotients
    cancel at zero, where their series ``1/2 − a²/24`` and ``1/6 − a²/120`` take over. Source: Solà,
    Deray and Atchuthan 2018, "A micro Lie theory for state estimation in robotics", appendix B,
    <https://arxiv.org/abs/1812.01537>.
    """
    xp = array_namespace(rotation_vector)
    squared = xp.sum(rotation_vector * rotation_vector, axis=-1)
    small = squared < _SMALL_ANGLE_SQUARED
    # The angle is 1 where it is small: ``where`` drops that branch, but a NaN in its gradient would
    # still reach the vector, as 0 · NaN.
    safe = xp.where(small, 1.0, squared)
    angle = xp.sqrt(safe)
    first = xp.where(small, 0.5 - squared / 24, (1 - xp.cos(angle)) / safe)
    second = xp.where(small, 1 / 6 - squared / 120, (angle - xp.sin(angle)) / (safe * angle))
    cross = skew(rotation_vector)
    jacobian: ArrayT = (
        identity_like(rotation_vector, 3)
        - first[..., None, None] * cross
        + second[..., None, None] * (cross @ cross)
    )
    return jacobian
