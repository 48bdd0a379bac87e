"""What the detector measured of a person beyond 2D keypoints, as a project stores it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import FloatArray, check_shape
from core.types.trunk_features import TRUNK_SIZE

NUM_LANDMARKS = 33
"""Of BlazePose."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectedLandmarks:
    """The landmarks of one sample; both arrays are None where the networks measured none.

    landmarks_px: (33, 3) x, y in picture pixels, visibility in 0..1.
    landmarks_m: (33, 3) metres around the middle of the hips, x right, y down, z away from a camera
    that looks at the person.
    agreement: object keypoint similarity of the two networks, 0..1; score: of the network that
    finds people. networks: their version, so that a later one can measure again.
    trunk_features: (2, 2304) of the person and of the mirrored person, for the head behind the
    detector; None where there are none, and where they were not asked for.
    """

    landmarks_px: FloatArray | None
    landmarks_m: FloatArray | None
    agreement: float
    score: float
    networks: str
    trunk_features: NDArray[np.float16] | None = None

    def __post_init__(self) -> None:
        for name in ("landmarks_px", "landmarks_m"):
            array = getattr(self, name)
            if array is not None:
                check_shape(name, array, (NUM_LANDMARKS, 3))
        if self.trunk_features is not None:
            check_shape("trunk_features", self.trunk_features, (2, TRUNK_SIZE))
