"""Forms that files hold rotations in, as rotation matrices and vectors of NumPy arrays.

Apart from ``array_rotations``, which the window needs at its start: SciPy takes a while to load.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

_SHORT = 1e-6
"""A shorter vector has no direction that could be trusted."""


def rotation_vectors(matrices: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rotation matrices ``(..., 3, 3)`` to vectors ``(..., 3)`` in radians, at most pi long."""
    flat = np.asarray(matrices, np.float64).reshape(-1, 3, 3)
    vectors = Rotation.from_matrix(flat).as_rotvec() if len(flat) else np.zeros((0, 3))
    result: NDArray[np.float64] = vectors.reshape(*matrices.shape[:-2], 3)
    return result


def nearest_rotations(matrices: NDArray[np.floating]) -> NDArray[np.float64]:
    """The rotations ``(..., 3, 3)`` that differ least from matrices ``(..., 3, 3)``, by squares."""
    left, _lengths, right = np.linalg.svd(np.asarray(matrices, np.float64))
    handed = np.ones((*matrices.shape[:-2], 3))
    handed[..., 2] = np.sign(np.linalg.det(left @ right))
    nearest: NDArray[np.float64] = (left * handed[..., None, :]) @ right
    return nearest


def rotations_of_columns(sixd: NDArray[np.floating]) -> NDArray[np.float64]:
    """Six numbers ``(..., 6)``, the first two columns row by row, to matrices (SPIN's form)."""
    pairs = np.asarray(sixd, np.float64).reshape(*sixd.shape[:-1], 3, 2)
    return np.stack(_frame(pairs[..., 0], pairs[..., 1]), axis=-1)


def rotations_of_rows(sixd: NDArray[np.floating]) -> NDArray[np.float64]:
    """Six numbers ``(..., 6)``, the first two rows, to matrices (PyTorch3D's form)."""
    pairs = np.asarray(sixd, np.float64).reshape(*sixd.shape[:-1], 2, 3)
    return np.stack(_frame(pairs[..., 0, :], pairs[..., 1, :]), axis=-2)


def _frame(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Three perpendicular unit vectors by Gram-Schmidt; zeros where two are zero or parallel."""
    x = _unit(first)
    y = _unit(second - (x * second).sum(-1, keepdims=True) * x)
    return x, y, np.cross(x, y)


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = np.linalg.norm(vector, axis=-1, keepdims=True)
    return np.where(length > _SHORT, vector / np.where(length > 0, length, 1), 0)
