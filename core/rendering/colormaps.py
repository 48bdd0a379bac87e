"""Numbers as colours: a perceptually uniform map, told apart by any kind of colour vision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_VIRIDIS = np.array(
    [
        (68, 1, 84), (72, 26, 108), (71, 47, 125), (65, 68, 135), (57, 86, 140), (49, 104, 142),
        (42, 120, 142), (35, 136, 142), (31, 152, 139), (34, 168, 132), (53, 183, 121),
        (84, 197, 104), (122, 209, 81), (165, 219, 54), (210, 226, 27), (253, 231, 37),
    ],
    dtype=np.float32,
) / np.float32(255)  # fmt: skip
"""Sixteen even steps of viridis (van der Walt and Smith, CC0): equal differences look equal, it
grows lighter all along, and it reads in grey and by people who see no red or green."""


def viridis(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Colours ``(..., 3)`` in 0..1 of values ``(...)`` in 0..1; beyond them the ends' colours."""
    steps = len(_VIRIDIS) - 1
    position = np.clip(np.nan_to_num(np.asarray(values, np.float32)), 0, 1) * steps
    below = np.minimum(position.astype(np.int64), steps - 1)
    share = (position - below)[..., None]
    colors: NDArray[np.float32] = _VIRIDIS[below] * (1 - share) + _VIRIDIS[below + 1] * share
    return colors
