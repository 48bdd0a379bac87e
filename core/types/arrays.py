"""Arrays that pass between the parts of the engine, and the sizes that SMPL gives them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import ShapeError

FloatArray = NDArray[np.float32]


NUM_JOINTS = 24


NUM_BETAS = 10


NUM_KEYPOINTS = 49


def check_shape(name: str, array: NDArray[np.generic], expected: tuple[int, ...]) -> None:
    """Raise ``ShapeError`` unless ``array`` has exactly the expected shape."""
    if array.shape != expected:
        raise ShapeError(name, actual=array.shape, expected=str(expected))
