"""The detector as the jobs of this folder see it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.geometry.boxes import Box
from core.progress import CancelToken
from core.types.detected_landmarks import DetectedLandmarks
from core.types.detections import DETECTOR_NETWORKS, DetectedPerson


class Finder(Protocol):
    """What finds and measures people; ``core.engine.detection.people_finder`` has the real one."""

    def find(
        self, rgb: NDArray[np.uint8], *, cancel: CancelToken | None = None
    ) -> list[DetectedPerson]:
        """The people of a picture ``(H, W, 3)``; raises ``Cancelled`` when asked to stop."""
        ...

    def measure(
        self,
        rgb: NDArray[np.uint8],
        *,
        keypoints_px: NDArray[np.floating] | None = None,
        box: Box | None = None,
        cancel: CancelToken | None = None,
    ) -> DetectedPerson | None:
        """A person known by keypoints ``(49, 3)`` or by a box; None where none is seen there."""
        ...


def load_finder() -> Finder:
    """The shipped networks; raises ``SetupError`` where a file is missing."""
    # Late: it loads PyTorch, which a list of pictures does without.
    from core.engine.detection.people_finder import PeopleFinder  # noqa: PLC0415

    return PeopleFinder.load()


def landmarks_of(person: DetectedPerson) -> DetectedLandmarks:
    """What a project stores of a detected person beyond keypoints."""
    return DetectedLandmarks(
        landmarks_px=person.landmarks_px,
        landmarks_m=person.landmarks_m,
        agreement=float(person.agreement),
        score=float(person.score),
        networks=DETECTOR_NETWORKS,
        trunk_features=person.trunk_features,
    )


NOTHING_SEEN = DetectedLandmarks(
    landmarks_px=None, landmarks_m=None, agreement=0.0, score=0.0, networks=DETECTOR_NETWORKS
)
"""Of a person whom the networks do not see: so that they are not asked again."""
