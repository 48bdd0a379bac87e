"""What is known of people before one of their keypoints is corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.engine.failure_detection.assessor import FlagScores
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.regression.detector_head import SeenPeople
from core.errors import ShapeError
from core.types.detected_landmarks import NUM_LANDMARKS, DetectedLandmarks
from core.types.samples import Sample


@dataclass(frozen=True, eq=False)
class InPicture:
    """Where the pictures of B people end, and what the detector saw in them; pixels of the crops.

    landmarks: (B, 33, 3) with visibility, zeros of people whom it did not see. bounds: (B, 4) left,
    top, right and bottom edge.
    """

    landmarks: Tensor
    bounds: Tensor

    def __post_init__(self) -> None:
        batch = len(self.bounds)
        for name, shape in (("landmarks", (batch, NUM_LANDMARKS, 3)), ("bounds", (batch, 4))):
            actual = tuple(getattr(self, name).shape)
            if actual != shape:
                raise ShapeError(name, actual=actual, expected=str(shape))

    @classmethod
    def of(
        cls, samples: Sequence[Sample], detections: Mapping[int, DetectedLandmarks]
    ) -> InPicture:
        """Of samples, and what was stored of them, by sample id."""
        landmarks = np.zeros((len(samples), NUM_LANDMARKS, 3), np.float32)
        bounds = np.zeros((len(samples), 4), np.float32)
        for row, sample in enumerate(samples):
            corners = np.array([(0.0, 0.0), sample.picture_size_px])
            bounds[row] = sample.box.picture_to_crop(corners).ravel()
            seen = detections.get(sample.id)
            if seen is not None and seen.landmarks_px is not None:
                landmarks[row, :, :2] = sample.box.picture_to_crop(seen.landmarks_px[:, :2])
                landmarks[row, :, 2] = seen.landmarks_px[:, 2]
        return cls(torch.from_numpy(landmarks), torch.from_numpy(bounds))


@dataclass(frozen=True, eq=False)
class TouchInputs:
    """Everything that is known of B people.

    flags: keypoints with their directions of bones, fits, and all other estimates of the bodies.
    scores: what flags say of the fits. people: as the head sees them.
    """

    flags: FlagInputs
    scores: FlagScores
    people: SeenPeople
    picture: InPicture

    def __post_init__(self) -> None:
        sizes = {"scores": len(self.scores), "people": len(self.people)}
        for name, size in {**sizes, "picture": len(self.picture.bounds)}.items():
            if size != len(self.flags.keypoints):
                expected = f"({len(self.flags.keypoints)}, …), one per sample"
                raise ShapeError(name, actual=(size,), expected=expected)
