"""A detector that follows a script: a red picture shows people, any other none."""

from __future__ import annotations

import numpy as np

from core.types.detections import DetectedPerson


def person_at(x_px: float, y_px: float, *, agreement: float = 0.9) -> DetectedPerson:
    """A person of 49 different keypoints whose upper left corner is at a place."""
    grid = np.stack(np.meshgrid(np.arange(7.0), np.arange(7.0)), axis=-1).reshape(49, 2)
    keypoints = np.concatenate([grid * 5 + [x_px, y_px], np.full((49, 1), 0.8)], axis=1)
    landmarks = np.full((33, 3), agreement, np.float32)
    return DetectedPerson(
        keypoints_px=keypoints.astype(np.float32),
        coco_keypoints_px=keypoints[:17].astype(np.float32),
        landmarks_px=landmarks,
        landmarks_m=landmarks,
        agreement=agreement,
        score=0.7,
        quarter_turns=0,
    )


class ScriptedFinder:
    """Finds a person at each of ``places`` in a picture whose first pixel is red."""

    def __init__(self, *places: tuple[float, float], agreement: float = 0.9) -> None:
        self.places, self.agreement = places or ((10.0, 10.0),), agreement
        self.looked_at = 0
        self.asked: list[dict[str, object]] = []

    def find(self, rgb, *, cancel=None):
        if cancel is not None:
            cancel.raise_if_cancelled()
        self.looked_at += 1
        if rgb[0, 0, 0] < 128:
            return []
        return [person_at(*place, agreement=self.agreement) for place in self.places]

    def measure(self, rgb, *, keypoints_px=None, box=None, cancel=None):
        if cancel is not None:
            cancel.raise_if_cancelled()
        self.asked.append({"keypoints_px": keypoints_px, "box": box})
        return person_at(30.0, 30.0) if rgb[0, 0, 0] >= 128 else None
