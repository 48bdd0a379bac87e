"""The box about points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def bounding_box(
    points: NDArray[np.floating],
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """The lowest and the highest corner of points ``(N, 3)``, in their unit."""
    # Along rows that lie together NumPy is 30 times as fast as down columns of three.
    by_axis = np.ascontiguousarray(points.T)
    return by_axis.min(axis=1), by_axis.max(axis=1)
