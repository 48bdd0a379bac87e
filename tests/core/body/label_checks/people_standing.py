"""Someone who stands and faces the camera, with the joints that COCO labels."""

from __future__ import annotations

import numpy as np

from core.body.label_checks.places import NUM_PLACES, PLACE_NAMES

CONVENTION = np.arange(NUM_PLACES) < 17
STANDING_PX = {
    "nose": (300, 100), "left eye": (306, 94), "right eye": (294, 94), "left ear": (314, 97),
    "right ear": (286, 97), "left shoulder": (336, 142), "right shoulder": (264, 142),
    "left elbow": (352, 198), "right elbow": (246, 199), "left wrist": (360, 250),
    "right wrist": (238, 252), "left hip": (322, 258), "right hip": (278, 258),
    "left knee": (328, 340), "right knee": (274, 341), "left ankle": (330, 424),
    "right ankle": (270, 426),
}  # fmt: skip
"""Someone who faces the camera, arms hanging a little away from the body."""


def standing() -> np.ndarray:
    labels = np.zeros((NUM_PLACES, 3), np.float32)
    for name, (x, y) in STANDING_PX.items():
        labels[PLACE_NAMES.index(name)] = (x, y, 1)
    return labels
