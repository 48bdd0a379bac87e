"""Rotations as six numbers, the form networks regress.

    d = (R00, R01, R10, R11, R20, R21)

The six numbers are the first two **columns** of the matrix read row by row, as SPIN has them; made
perpendicular by Gram–Schmidt, they determine the third. PyTorch3D takes rows instead; the two do
not mix. Source: Zhou et al. 2019, "On the continuity of rotation representations in neural
networks", section 4.2, <https://arxiv.org/abs/1812.07035>; docs/method.md, "Six numbers for a
rotation".
"""

from __future__ import annotations

from typing import Any

from core.errors import ShapeError
from core.geometry.array_namespace import ArrayT, array_namespace, identity_like

LEAST_NORM = 1e-6
"""Shorter vectors have no direction that single precision could be trusted with."""


def matrix_to_sixd(matrix: ArrayT) -> ArrayT:
    """Rotations ``(..., 3, 3)`` to the six numbers ``(..., 6)``."""
    if tuple(matrix.shape[-2:]) != (3, 3):
        raise ShapeError("matrix", actual=matrix.shape, expected="(..., 3, 3)")
    xp = array_namespace(matrix)
    sixd: ArrayT = xp.reshape(matrix[..., :2], (*matrix.shape[:-2], 6))
    return sixd


def sixd_to_matrix(sixd: ArrayT) -> ArrayT:
    """Any six numbers ``(..., 6)`` to rotations ``(..., 3, 3)``, by Gram–Schmidt.

    With the columns a₁ and a₂ of d: b₁ = a₁ / |a₁|, b₂ = unit(a₂ − (b₁ · a₂) b₁), b₃ = b₁ × b₂.
    Where a₁ is zero, the x axis takes its place; where a₂ is zero or along a₁, the axis that b₁ is
    farthest from, made perpendicular. So the result is always a rotation with a finite gradient.

    Raises:
        ShapeError: the last dimension is not 6.
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
    """PyTorch3D's six numbers ``(..., 6)``, the first two **rows**, to rotations ``(..., 3, 3)``.

    Raises:
        ShapeError: the last dimension is not 6.
    """
    if sixd.shape[-1] != 6:
        raise ShapeError("sixd", actual=sixd.shape, expected="(..., 6)")
    xp = array_namespace(sixd)
    rows = xp.reshape(sixd, (*sixd.shape[:-1], 2, 3))
    by_columns: ArrayT = xp.reshape(xp.moveaxis(rows, -2, -1), sixd.shape)
    matrix: ArrayT = xp.moveaxis(sixd_to_matrix(by_columns), -1, -2)
    return matrix


def _unit(vector: ArrayT, otherwise: Any) -> Any:
    """``vector / |vector|``, or the given direction where the vector is shorter than LEAST_NORM."""
    xp = array_namespace(vector)
    too_short = xp.sum(vector * vector, axis=-1, keepdims=True) < LEAST_NORM**2
    # Chosen before the division, so that neither branch divides by zero in its gradient.
    chosen = xp.where(too_short, otherwise, vector)
    return chosen / xp.linalg.vector_norm(chosen, axis=-1, keepdims=True)


def _perpendicular(unit: ArrayT) -> Any:
    """Directions ``(..., 3)`` perpendicular to unit vectors, from the axis farthest from each."""
    xp = array_namespace(unit)
    farthest = xp.argmin(xp.abs(unit), axis=-1)
    axis = identity_like(unit, 3)[farthest]
    return axis - xp.sum(axis * unit, axis=-1, keepdims=True) * unit
