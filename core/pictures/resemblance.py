"""Whether two pictures show the same scene, as neighbouring pictures of a burst do."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.pictures.decoding import Picture

_SIDE = 24
SAME_SCENE = 0.8
"""Of ``resemblance``: neighbouring frames of a clip of four cameras have 0.95 and more, unrelated
pictures with rendered or photographed surroundings at most 0.78."""


def small_grey(picture: Picture) -> NDArray[np.float64]:
    """The grey picture shrunk to 24 × 24 by area, with mean 0 and length 1; 0 where it is even."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)
    centred = small - small.mean()
    length = np.linalg.norm(centred)
    found: NDArray[np.float64] = centred / length if length > 0 else centred
    return found


def resemblance(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The correlation of two pictures, −1 to 1, from what ``small_grey`` makes of them."""
    return float((first * second).sum())
