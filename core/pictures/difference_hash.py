"""A small hash of a picture: near copies have nearly the same, whatever their size and quality."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from core.pictures.decoding import Picture

SIDE = 8
BITS = SIDE * SIDE


def difference_hash(picture: Picture) -> NDArray[np.bool_]:
    """``(64,)`` whether each of 8 × 8 parts of the grey picture is darker than its right neighbour.

    Krawetz's dHash: of the picture shrunk to 9 × 8 by area.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.int16)
    darker: NDArray[np.bool_] = small[:, :-1] < small[:, 1:]
    return darker.reshape(BITS)
