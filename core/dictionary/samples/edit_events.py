"""What the log says of a correction: keypoints, box or camera, before and after, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from core.body.conventions import KEYPOINT_NAMES
from core.dictionary.samples.camera_rows import camera_json
from core.dictionary.samples.edit_states import SampleState
from core.dictionary.storage.events import BOX, CAMERA, KEYPOINTS
from core.geometry.boxes import Box
from core.types.arrays import FloatArray


@dataclass(frozen=True)
class LoggedChange:
    """The kind of an event and its two JSON texts."""

    what: str
    before: str
    after: str


def keypoint_event(before: SampleState, after: SampleState) -> LoggedChange | None:
    """The keypoints that differ, by name: ``{"Left Knee": [x, y, confidence]}``; None without."""
    differs = (before.keypoints_px != after.keypoints_px).any(axis=1)
    changed = [int(index) for index in np.flatnonzero(differs)]
    if not changed:
        return None
    return LoggedChange(
        KEYPOINTS,
        _keypoints_json(before.keypoints_px, changed),
        _keypoints_json(after.keypoints_px, changed),
    )


def box_event(before: SampleState, after: SampleState) -> LoggedChange | None:
    """Centre and side of the box in picture pixels; None where it is the same."""
    if before.box == after.box:
        return None
    return LoggedChange(BOX, box_json(before.box), box_json(after.box))


def camera_event(before: SampleState, after: SampleState) -> LoggedChange | None:
    """The camera of the picture; None where it is the same."""
    if before.camera == after.camera:
        return None
    return LoggedChange(CAMERA, camera_json(before.camera), camera_json(after.camera))


def box_json(box: Box) -> str:
    """``{"center_px": [x, y], "side_px": s}``."""
    return json.dumps({"center_px": [box.center_x_px, box.center_y_px], "side_px": box.side_px})


def _keypoints_json(keypoints_px: FloatArray, indices: list[int]) -> str:
    return json.dumps(
        {
            KEYPOINT_NAMES[index]: [round(float(number), 3) for number in keypoints_px[index]]
            for index in indices
        }
    )
