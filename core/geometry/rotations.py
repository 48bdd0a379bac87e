"""Rotations of NumPy arrays, for the window: it shows bodies without loading PyTorch.

The same conventions as ``core.engine.geometry.rotations``, which a test holds these to.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError

_SMALL_ANGLE = 1e-4
"""Below it the series are exact to 1e-17 and no quotient of two small numbers is needed."""


def rotation_matrices(axis_angle: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rotation vectors ``(..., 3)`` in radians to matrices ``(..., 3, 3)``, by Rodrigues."""
    if axis_angle.shape[-1] != 3:
        raise ShapeError("axis_angle", actual=axis_angle.shape, expected="(..., 3)")
    vector = np.asarray(axis_angle, dtype=np.float64)
    squared = np.einsum("...i,...i->...", vector, vector)
    small = squared < _SMALL_ANGLE**2
    safe = np.where(small, 1.0, squared)
    angle = np.sqrt(safe)
    along_sine = np.where(small, 1 - squared / 6, np.sin(angle) / angle)
    # 2 sin² keeps all digits where 1 - cos would lose half of them.
    along_square = np.where(small, 0.5 - squared / 24, 2 * np.sin(angle / 2) ** 2 / safe)
    x, y, z = np.moveaxis(vector, -1, 0)
    nought = np.zeros_like(x)
    cross = np.stack([nought, -z, y, z, nought, -x, -y, x, nought], axis=-1)
    cross = cross.reshape(*vector.shape[:-1], 3, 3)
    turned: NDArray[np.float64] = (
        np.eye(3)
        + along_sine[..., None, None] * cross
        + along_square[..., None, None] * (cross @ cross)
    )
    return turned


def pose_matrices(pose_axis_angle: NDArray[np.floating]) -> NDArray[np.float64]:
    """Body poses ``(..., 72)`` in radians, root first, to matrices ``(..., 24, 3, 3)``."""
    if pose_axis_angle.shape[-1] != 72:
        raise ShapeError("pose_axis_angle", actual=pose_axis_angle.shape, expected="(..., 72)")
    return rotation_matrices(pose_axis_angle.reshape(*pose_axis_angle.shape[:-1], 24, 3))


def angles_between(
    first: NDArray[np.floating], second: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Angles in radians, ``(...)``, between rotation matrices ``(..., 3, 3)``.

    By the chord, which keeps its digits at 0 and near pi alike.
    """
    chord = np.linalg.norm(np.asarray(first, np.float64) - second, axis=(-2, -1))
    angle: NDArray[np.float64] = 2 * np.arcsin(np.clip(chord / np.sqrt(8.0), 0.0, 1.0))
    return angle
