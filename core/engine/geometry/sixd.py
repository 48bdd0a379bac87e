"""Rotations as six numbers, the form networks regress (Zhou et al. 2019, section 4.2).

The six numbers are the first two **columns** of the matrix, read row by row:
``d = (R00, R01, R10, R11, R20, R21)``. PyTorch3D takes rows instead; the two do not mix
(docs/method.md, "Six numbers for a rotation").
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.errors import ShapeError

_LEAST_NORM = 1e-6
"""Shorter vectors have no direction that could be trusted in single precision."""


def matrix_to_sixd(matrix: Tensor) -> Tensor:
    """Rotations ``(..., 3, 3)`` to ``(..., 6)``."""
    if matrix.shape[-2:] != (3, 3):
        raise ShapeError("matrix", actual=matrix.shape, expected="(..., 3, 3)")
    return matrix[..., :2].flatten(-2)


def sixd_to_matrix(sixd: Tensor) -> Tensor:
    """Any six numbers ``(..., 6)`` to a rotation ``(..., 3, 3)``, by Gram-Schmidt.

    A first column of zero becomes the x axis, and a second one that is zero or along the first
    becomes the axis it is farthest from: the result is a rotation and its gradient finite, always.
    """
    if sixd.shape[-1] != 6:
        raise ShapeError("sixd", actual=sixd.shape, expected="(..., 6)")
    first, second = sixd.reshape(*sixd.shape[:-1], 3, 2).unbind(-1)
    first = _unit(first, torch.eye(3, dtype=sixd.dtype, device=sixd.device)[0].expand_as(first))
    across = second - (first * second).sum(-1, keepdim=True) * first
    # What cancellation leaves of a parallel vector is noise, however long the vector was.
    noise = _LEAST_NORM * second.detach().norm(dim=-1, keepdim=True).clamp_min(1.0)
    across = torch.where(across.detach().norm(dim=-1, keepdim=True) > noise, across, 0 * across)
    second = _unit(across, _perpendicular(first))
    third = torch.linalg.cross(first, second, dim=-1)
    return torch.stack([first, second, third], dim=-1)


def _unit(vector: Tensor, otherwise: Tensor) -> Tensor:
    """``vector / |vector|``, or the given direction where there is next to nothing to divide."""
    too_short = (vector.detach() ** 2).sum(-1, keepdim=True) < _LEAST_NORM**2
    chosen = torch.where(too_short, otherwise, vector)
    unit: Tensor = chosen / torch.linalg.vector_norm(chosen, dim=-1, keepdim=True)
    return unit


def _perpendicular(unit: Tensor) -> Tensor:
    """A direction ``(..., 3)`` across the unit vectors, from the axis each is farthest from."""
    farthest = unit.detach().abs().argmin(-1)
    axis = torch.eye(3, dtype=unit.dtype, device=unit.device)[farthest]
    return axis - (axis * unit).sum(-1, keepdim=True) * unit
