"""What the head behind the detector knows of stored samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.usable_keypoints import without_absent
from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.landmark_bones import LandmarkBones, bones_of_landmarks
from core.types.arrays import FloatArray
from core.types.detected_landmarks import NUM_LANDMARKS, DetectedLandmarks
from core.types.trunk_features import TRUNK_SIZE

TRUSTED_AGREEMENT = 0.4
"""Where the two networks agree less, the landmarks are probably another person's, or turned."""

ANKLES = (11, 14, 25, 30)
"""Keypoints of the right and left ankle, in both layouts.

Where none is seen, the picture's edge or something else hides the legs, and the features of the
trunk, which the head knows of whole people, mislead it: by 10 mm where the legs are hidden, by
80 mm where the picture ends above them. docs/method.md, "The detector's head".
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class SeenSample:
    """One sample: keypoints_crop_px (49, 3); what the detector measured, where it did.

    trunk_features: (2, 2304), see ``DetectedLandmarks``; not used where no ankle is seen.
    """

    keypoints_crop_px: FloatArray
    landmarks: DetectedLandmarks | None = None
    trunk_features: NDArray[np.float16] | None = None


def seen_people(samples: Sequence[SeenSample]) -> SeenPeople:
    """Samples as one batch; there may be none."""
    count = len(samples)
    keypoints = np.zeros((count, 49, 3), np.float32)
    trunk = np.zeros((count, 2, TRUNK_SIZE), np.float32)
    has_trunk = np.zeros(count, bool)
    for row, sample in enumerate(samples):
        keypoints[row] = without_absent(sample.keypoints_crop_px)
        if sample.trunk_features is not None and keypoints[row, ANKLES, 2].any():
            trunk[row], has_trunk[row] = sample.trunk_features, True
    return SeenPeople(
        torch.from_numpy(keypoints[..., :2].copy()),
        torch.from_numpy(keypoints[..., 2].copy()),
        _bones([sample.landmarks for sample in samples]),
        torch.from_numpy(trunk),
        torch.from_numpy(has_trunk),
    )


def _bones(measured: Sequence[DetectedLandmarks | None]) -> LandmarkBones:
    """The bones of all whose landmarks were measured; those of the others are not seen."""
    landmarks_m = np.zeros((len(measured), NUM_LANDMARKS, 3), np.float32)
    visibility = np.zeros((len(measured), NUM_LANDMARKS), np.float32)
    for row, landmarks in enumerate(measured):
        if landmarks is None or landmarks.landmarks_m is None or landmarks.landmarks_px is None:
            continue
        if landmarks.agreement < TRUSTED_AGREEMENT:
            continue
        landmarks_m[row] = landmarks.landmarks_m
        visibility[row] = landmarks.landmarks_px[:, 2]
    return bones_of_landmarks(torch.from_numpy(landmarks_m), torch.from_numpy(visibility))
