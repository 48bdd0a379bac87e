"""What the detector's networks say of one person in one picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape
from core.types.detected_landmarks import NUM_LANDMARKS
from core.types.trunk_features import TRUNK_SIZE

NUM_COCO_KEYPOINTS = 17

DETECTOR_NETWORKS = "MoveNet MultiPose Lightning 1, BlazePose full 0.5.1675469404"
"""What is stored with a measurement, so that later networks can measure again."""

LEAST_AGREEMENT = 0.2
"""Where two networks agree less, neither is trusted in depth, and the person is doubtful."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectedPerson:
    """One person, measured by two networks (docs/detector.md).

    keypoints_px: (49, 3), x and y in picture pixels and confidence: what both networks say,
        merged; absent keypoints are 0, 0, 0.
    coco_keypoints_px: (17, 3), MoveNet's own.
    landmarks_px: (33, 3), BlazePose's x, y and visibility; None where it saw someone else.
    landmarks_m: (33, 3), BlazePose's points in metres about the middle of the hips, x right, y
        down, z forward of a camera that looks at the person; None where ``landmarks_px`` is.
    agreement: the OKS of the two networks, from 0 to 1; their own scores do not tell how good they
        are.
    score: MoveNet's, from 0 to 1.
    trunk_features: (2, 2304), what MoveNet's trunk has of the person and of the mirrored person,
        for the head behind the detector; None of people who are not upright in the picture.
    quarter_turns: by how many quarters, counter-clockwise, the picture was turned to see the
        person upright.
    """

    keypoints_px: FloatArray
    coco_keypoints_px: FloatArray
    landmarks_px: FloatArray | None
    landmarks_m: FloatArray | None
    agreement: float
    score: float
    quarter_turns: int
    trunk_features: NDArray[np.float16] | None = None

    def __post_init__(self) -> None:
        check_shape("keypoints_px", self.keypoints_px, (NUM_KEYPOINTS, 3))
        check_shape("coco_keypoints_px", self.coco_keypoints_px, (NUM_COCO_KEYPOINTS, 3))
        for name, landmarks in (
            ("landmarks_px", self.landmarks_px),
            ("landmarks_m", self.landmarks_m),
        ):
            if landmarks is not None:
                check_shape(name, landmarks, (NUM_LANDMARKS, 3))
        if self.trunk_features is not None:
            check_shape("trunk_features", self.trunk_features, (2, TRUNK_SIZE))

    @property
    def keypoints_seen(self) -> int:
        """How many of the 49 keypoints were found."""
        return int(np.count_nonzero(self.keypoints_px[:, 2] > 0))
