"""Rotations as six numbers, the form networks regress.

Zhou et al., "On the Continuity of Rotation Representations in Neural Networks", CVPR 2019,
section 4.2: the first two columns of a matrix, made perpendicular by Gram-Schmidt, lead to the
third.
Here the six numbers are the first two **columns** read row by row, as SPIN has them:
``d = (R00, R01, R10, R11, R20, R21)``. PyTorch3D takes rows instead; the two do not mix
(docs/method.md, "Six numbers for a rotation").
"""

from __future__ import annotations

from typing import Any

from core.errors import ShapeError
from core.geometry.array_namespace import ArrayT, array_namespace, identity_like

LEAST_NORM = 1e-6
"""Shorter vectors have no direction that could be trusted in single precision."""


def matrix_to_sixd(matrix: ArrayT) -> ArrayT:
    """Rotations ``(..., 3, 3)`` to ``(..., 6)``."""
    if tuple(matrix.shape[-2:]) != (3, 3):
        raise ShapeError("matrix", actual=matrix.shape, expected="(..., 3, 3)")
    xp = array_namespace(matrix)
    sixd: ArrayT = xp.reshape(matrix[..., :2], (*matrix.shape[:-2], 6))
    return sixd


def sixd_to_matrix(sixd: ArrayT) -> ArrayT:
    """Any six numbers ``(..., 6)`` to a rotation ``(..., 3, 3)``, by Gram-Schmidt.

    ``x = d₁ / |d₁|``, ``y ∝ d₂ − (x · d₂) x``, ``z = x × y``. A first column of zero becomes the x
    axis, and a second one that is zero or along the first becomes the axis it is farthest from: the
    result is a rotation and its gradient finite, always.
    """
    if sixd.shape[-1] != 6:
        raise ShapeError("sixd", actual=sixd.shape, expected="(..., 6)")
    xp = array_namespace(sixd)
    columns = xp.reshape(sixd, (*sixd.shape[:-1], 3, 2))
    first, second = columns[..., 0], columns[..., 1]
    first = _unit(first, identity_like(sixd, 3)[0])
    across = second - xp.sum(first * second, axis=-1, keepdims=True) * first
    # What cancellation leaves of a parallel vector is noise, however long the vector was.
    length = xp.linalg.vector_norm(second, axis=-1, keepdims=True)
    noise = LEAST_NORM * xp.clip(length, 1.0, None)
    along = xp.linalg.vector_norm(across, axis=-1, keepdims=True) <= noise
    second = _unit(xp.where(along, 0 * across, across), _perpendicular(first))
    third = xp.linalg.cross(first, second)
    matrix: ArrayT = xp.stack([first, second, third], axis=-1)
    return matrix


def sixd_rows_to_matrix(sixd: ArrayT) -> ArrayT:
    """As ``sixd_to_matrix`` for the first two **rows** one after the other, PyTorch3D's form."""
    if sixd.shape[-1] != 6:
        raise ShapeError("sixd", actual=sixd.shape, expected="(..., 6)")
    xp = array_namespace(sixd)
    rows = xp.reshape(sixd, (*sixd.shape[:-1], 2, 3))
    by_columns: ArrayT = xp.reshape(xp.moveaxis(rows, -2, -1), sixd.shape)
    matrix: ArrayT = xp.moveaxis(sixd_to_matrix(by_columns), -1, -2)
    return matrix


def _unit(vector: ArrayT, otherwise: Any) -> Any:
    """``vector / |vector|``, or the given direction where there is next to nothing to divide."""
    xp = array_namespace(vector)
    too_short = xp.sum(vector * vector, axis=-1, keepdims=True) < LEAST_NORM**2
    # Chosen before the division, so that neither branch divides by zero in its gradient.
    chosen = xp.where(too_short, otherwise, vector)
    return chosen / xp.linalg.vector_norm(chosen, axis=-1, keepdims=True)


def _perpendicular(unit: ArrayT) -> Any:
    """A direction ``(..., 3)`` across the unit vectors, from the axis each is farthest from."""
    xp = array_namespace(unit)
    farthest = xp.argmin(xp.abs(unit), axis=-1)
    axis = identity_like(unit, 3)[farthest]
    return axis - xp.sum(axis * unit, axis=-1, keepdims=True) * unit
