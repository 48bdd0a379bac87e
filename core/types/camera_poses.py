"""Where a camera stood and looked, in the world that the cameras of one calibration share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import StudioError

_ORTHONORMAL = 0.02
"""How far R Rᵀ may be off the identity: files round to three digits."""


@dataclass(frozen=True)
class CameraPose:
    """The extrinsics of a camera: x_camera = R x_world + t, camera axes x right, y down, z ahead.

    rotation: R, nine numbers, row by row. translation: t, in units of the world. world: what names
        the world; cameras of one world stand in it together. metres_per_unit: of the translation;
        None where the calibration does not say, which bodies then settle
        (docs/method.md, "Cameras whose places are known").

    Raises:
        StudioError: a number is not finite, R is no rotation, or the unit is not above 0.
    """

    rotation: tuple[float, ...]
    translation: tuple[float, ...]
    world: str
    metres_per_unit: float | None = None

    def __post_init__(self) -> None:
        if len(self.rotation) != 9 or len(self.translation) != 3:
            found = (len(self.rotation), len(self.translation))
            raise StudioError(f"A camera's pose has {found} numbers, expected (9, 3).")
        if not all(map(math.isfinite, (*self.rotation, *self.translation))):
            raise StudioError("A camera's pose has numbers that are not finite.")
        matrix = self.rotation_matrix
        if np.abs(matrix @ matrix.T - np.eye(3)).max() > _ORTHONORMAL or np.linalg.det(matrix) < 0:
            raise StudioError(
                "A camera's rotation is none: its rows are not at right angles, or are mirrored."
            )
        unit = self.metres_per_unit
        if unit is not None and not (math.isfinite(unit) and unit > 0):
            raise StudioError(f"The unit of a camera's translation is {unit} m, expected above 0.")

    @property
    def rotation_matrix(self) -> NDArray[np.float64]:
        """R ``(3, 3)``."""
        return np.array(self.rotation, dtype=np.float64).reshape(3, 3)
