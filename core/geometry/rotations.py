"""Rotations as vectors and matrices, stable at zero and near pi, in values and in gradients.

A rotation vector ``v`` turns by the angle ``a = |v|`` about ``v / a``, right-handed. All matrices
act on column vectors, ``x_camera = R @ x_body``. Every function takes arrays of NumPy or tensors.
The published code gave NaN at zero and pi (docs/method.md, "Faults of the published code", 13);
formulas and limits: docs/method.md, "Rotations as vectors". docs/decisions/0011 says why no library
does this for tensors.
"""

from __future__ import annotations

import math
from typing import Any

from core.errors import ShapeError
from core.geometry.array_namespace import Array, ArrayT, array_namespace, identity_like

_SMALL_ANGLE = 1e-3
"""Radians. Two terms of the series are exact to 1e-14 below it, and nothing is divided by a number
close to zero."""


def axis_angle_to_matrix(axis_angle: ArrayT) -> ArrayT:
    """Rotation vectors ``(..., 3)`` in radians to matrices ``(..., 3, 3)``.

    Rodrigues' formula, ``R = I + s [v]ₓ + q [v]ₓ²`` with ``s = sin a / a`` and
    ``q = (1 − cos a) / a²``, written out entry by entry: ``[v]ₓ² = v vᵀ − a² I``.

    Raises:
        ShapeError: the last dimension is not 3.
    """
    if axis_angle.shape[-1] != 3:
        raise ShapeError("axis_angle", actual=axis_angle.shape, expected="(..., 3)")
    xp = array_namespace(axis_angle)
    x, y, z = xp.moveaxis(axis_angle, -1, 0)
    squared = x * x + y * y + z * z
    small = squared < _SMALL_ANGLE**2
    # The angle is 1 where it is small: a NaN in the gradient of the branch that ``where`` drops
    # would still reach the vector, as 0 · NaN.
    angle = xp.sqrt(xp.where(small, 1.0, squared))
    # sin a / a = 1 − a²/6 + …, (1 − cos a) / a² = 1/2 − a²/24 + …
    along_sine = xp.where(small, 1 - squared / 6, xp.sin(angle) / angle)
    # 1 − cos a = 2 sin² (a/2) keeps all digits where the difference would lose half of them.
    half = xp.sin(angle / 2) / angle
    along_square = xp.where(small, 0.5 - squared / 24, 2 * half * half)
    sx, sy, sz = along_sine * x, along_sine * y, along_sine * z
    qx, qy, qz = along_square * x, along_square * y, along_square * z
    xx, yy, zz, xy, xz, yz = qx * x, qy * y, qz * z, qx * y, qx * z, qy * z
    rows = (1 - yy - zz, xy - sz, xz + sy, xy + sz, 1 - xx - zz, yz - sx, xz - sy, yz + sx)
    numbers = xp.stack([*rows, 1 - xx - yy], axis=-1)
    matrices: ArrayT = xp.reshape(numbers, (*axis_angle.shape[:-1], 3, 3))
    return matrices


def matrix_to_axis_angle(matrix: ArrayT) -> ArrayT:
    """Matrices ``(..., 3, 3)`` to rotation vectors ``(..., 3)``, angle in [0, pi] radians.

    With the unit quaternion ``(w, u) = (cos a/2, sin a/2 · axis)`` of either sign, turned so that
    ``w ≥ 0``: ``v = 2 atan2(|u|, w) / |u| · u``. The arc tangent of both keeps its digits at zero,
    where the arc cosine of ``w`` has none, and at pi.

    Raises:
        ShapeError: the last dimensions are not (3, 3).
    """
    if tuple(matrix.shape[-2:]) != (3, 3):
        raise ShapeError("matrix", actual=matrix.shape, expected="(..., 3, 3)")
    xp = array_namespace(matrix)
    quaternion = _quaternion(matrix)
    cosine, axis = quaternion[..., 0], quaternion[..., 1:]
    vector = xp.where(cosine[..., None] < 0, -axis, axis)
    squared = xp.sum(vector * vector, axis=-1)
    small = squared < _SMALL_ANGLE**2
    # As above, the sine is 1 where it is small, for the gradient's sake.
    sine = xp.sqrt(xp.where(small, 1.0, squared))
    # 2 asin(s) / s = 2 + s²/3 + …
    scale = xp.where(small, 2 + squared / 3, 2 * xp.atan2(sine, xp.abs(cosine)) / sine)
    axis_angle: ArrayT = scale[..., None] * vector
    return axis_angle


def _quaternion(matrix: Array) -> Any:
    """Unit quaternions ``(..., 4)``, real part first, of rotations ``(..., 3, 3)``; either sign.

    For a quaternion q the matrix gives all of ``4 q qᵀ``. Of its rows, each a multiple of q, the
    one with the largest diagonal entry keeps most digits (Markley, "Unit Quaternion from Rotation
    Matrix", J. Guidance, Control, and Dynamics 31(2), 2008). That entry is at least 1, because the
    four add up to 4: the division below is safe.
    """
    xp = array_namespace(matrix)
    (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = xp.moveaxis(matrix, (-2, -1), (0, 1))
    x, y, z = zy - yz, xz - zx, yx - xy
    a, b, c = xy + yx, xz + zx, yz + zy
    rows = (
        (1 + xx + yy + zz, x, y, z),
        (x, 1 + xx - yy - zz, a, b),
        (y, a, 1 - xx + yy - zz, c),
        (z, b, c, 1 - xx - yy + zz),
    )
    multiples = xp.stack([xp.stack(row, axis=-1) for row in rows], axis=-2)
    diagonal = xp.stack([row[index] for index, row in enumerate(rows)], axis=-1)
    largest = xp.argmax(diagonal, axis=-1)[..., None, None]
    chosen = xp.take_along_axis(multiples, largest, axis=-2)[..., 0, :]
    return chosen / xp.linalg.vector_norm(chosen, axis=-1, keepdims=True)


def pose_to_matrices(pose_axis_angle: ArrayT) -> ArrayT:
    """Body poses ``(..., 72)`` in radians, root first, to matrices ``(..., 24, 3, 3)``."""
    if pose_axis_angle.shape[-1] != 72:
        raise ShapeError("pose_axis_angle", actual=pose_axis_angle.shape, expected="(..., 72)")
    xp = array_namespace(pose_axis_angle)
    by_joint: ArrayT = xp.reshape(pose_axis_angle, (*pose_axis_angle.shape[:-1], 24, 3))
    return axis_angle_to_matrix(by_joint)


def geodesic_angle(first: ArrayT, second: ArrayT) -> ArrayT:
    """Angles in radians, ``(...)``, between rotation matrices ``(..., 3, 3)``.

    By the chord: ``‖R − S‖ = √8 sin(a/2)`` in the Frobenius norm, which keeps its digits at zero,
    where ``acos((tr RᵀS − 1) / 2)`` loses half of them. The quotient is clamped, because rounding
    can bring it above 1.
    """
    xp = array_namespace(first)
    chord = xp.linalg.vector_norm(second - first, axis=(-2, -1))
    angle: ArrayT = 2 * xp.asin(xp.clip(chord / math.sqrt(8), None, 1.0))
    return angle


def nearest_rotation(matrix: ArrayT) -> ArrayT:
    """The rotations nearest to any matrices ``(..., 3, 3)``, by the Frobenius norm.

    ``U diag(1, 1, det U V) V`` of the singular value decomposition ``U Σ V``: the least singular
    value pays for it where the nearest orthogonal matrix would be a mirror image (Umeyama, IEEE
    PAMI 13(4), 1991). The same rotation maximises ``tr Rᵀ M``, hence aligns points best: see
    ``procrustes``.
    """
    xp = array_namespace(matrix)
    left, _, right = xp.linalg.svd(matrix, full_matrices=False)
    sign = xp.sign(xp.linalg.det(left @ right))[..., None, None]
    rotation: ArrayT = xp.concat([left[..., :2], sign * left[..., 2:]], axis=-1) @ right
    return rotation


def shortest_rotation(source: ArrayT, target: ArrayT) -> ArrayT:
    """The smallest rotations ``(..., 3, 3)`` from directions ``(..., 3)`` to others ``(..., 3)``.

    ``R = I + [a]ₓ + [a]ₓ² / (1 + c)`` with ``a`` the cross product of the two unit vectors and
    ``c`` their scalar product. Lengths do not matter; none may be 0.

    Raises:
        ShapeError: the last dimension of either is not 3.
    """
    for name, directions in (("source", source), ("target", target)):
        if directions.shape[-1] != 3:
            raise ShapeError(name, actual=directions.shape, expected="(..., 3)")
    xp = array_namespace(source)
    first = source / xp.linalg.vector_norm(source, axis=-1, keepdims=True)
    second = target / xp.linalg.vector_norm(target, axis=-1, keepdims=True)
    # Not broadcast_arrays: of tensors it asks torch.broadcast_shapes, which loads SymPy.
    first, second = first * xp.ones_like(second), second * xp.ones_like(first)
    x, y, z = xp.moveaxis(xp.linalg.cross(first, second), -1, 0)
    # 1 + c is 0 only for opposite directions, between which the axis is undetermined.
    over = 1 / xp.clip(1 + xp.sum(first * second, axis=-1), 1e-9, None)
    ox, oy, oz = over * x, over * y, over * z
    xx, yy, zz, xy, xz, yz = ox * x, oy * y, oz * z, ox * y, ox * z, oy * z
    rows = (1 - yy - zz, xy - z, xz + y, xy + z, 1 - xx - zz, yz - x, xz - y, yz + x)
    numbers = xp.stack([*rows, 1 - xx - yy], axis=-1)
    matrices: ArrayT = xp.reshape(numbers, (*numbers.shape[:-1], 3, 3))
    return matrices


def facing_root(yaw: ArrayT) -> ArrayT:
    """Root matrices ``(..., 3, 3)`` of an upright body in the y-down camera frame.

    ``yaw`` in radians turns the body about its own vertical axis; at 0 it faces the camera: the
    180° about x that SPIN's mean parameters hold. ``diag(1, −1, −1)`` times the turn about y.
    """
    xp = array_namespace(yaw)
    zero = xp.zeros_like(yaw)
    about_vertical = axis_angle_to_matrix(xp.stack([zero, yaw, zero], axis=-1))
    identity = identity_like(yaw, 3)
    half_turn = 2 * identity[:, :1] * identity[:1] - identity
    root: ArrayT = half_turn @ about_vertical
    return root


def wrap_rotation_vector(rotation_vector: ArrayT) -> ArrayT:
    """The same rotations ``(..., 3)`` with angles in [0, pi] radians.

    ``v (1 − 2 pi n / a)`` with the whole number n of full turns nearest to ``a / 2 pi``. Full turns
    mean nothing to the body but would count in a prior that is quadratic in the vector.
    """
    xp = array_namespace(rotation_vector)
    angle = xp.linalg.vector_norm(rotation_vector, axis=-1, keepdims=True)
    turns = xp.round(angle / (2 * math.pi))
    # Below one radian there are no turns to take away, and nothing is divided by zero.
    safe = xp.clip(angle, 1.0, None)
    wrapped: ArrayT = rotation_vector * (1 - 2 * math.pi * turns / safe)
    return wrapped
