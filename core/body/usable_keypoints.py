"""How many keypoints a body needs to be fitted to; asked by the window, hence without PyTorch."""

from __future__ import annotations

import numpy as np

from core.body.conventions import IGNORED_KEYPOINTS
from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape

MIN_USABLE_KEYPOINTS = 4
"""With fewer joints the prior alone decides on the body: nothing worth storing."""


def enough_keypoints(keypoints: FloatArray) -> bool:
    """Whether ``(49, 3)`` keypoints with confidence are enough to fit a body to.

    At least four with confidence, the ignored ones (OP neck and all hips) not counted; a joint that
    is not finite counts as absent.
    """
    check_shape("keypoints", keypoints, (NUM_KEYPOINTS, 3))
    counted = np.isfinite(keypoints).all(axis=1) & (keypoints[:, 2] > 0)
    counted[list(IGNORED_KEYPOINTS)] = False
    return int(counted.sum()) >= MIN_USABLE_KEYPOINTS
