"""What the confidence of a stored keypoint says. Knows nothing of Qt.

1 is visible, 0.5 hidden (a person says where it must be, and a fit trusts that a quarter as much),
0 absent.
"""

from __future__ import annotations

from enum import StrEnum

from core.formats.keypoints.coco_entries import HIDDEN_CONFIDENCE


class JointState(StrEnum):
    """What an annotator says of a keypoint."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    ABSENT = "absent"


CONFIDENCES = {
    JointState.VISIBLE: 1.0,
    JointState.HIDDEN: HIDDEN_CONFIDENCE,
    JointState.ABSENT: 0.0,
}


def state_of(confidence: float) -> JointState:
    """What a stored confidence says; a detector's doubt up to a half counts as hidden."""
    if confidence <= 0:
        return JointState.ABSENT
    return JointState.HIDDEN if confidence <= HIDDEN_CONFIDENCE else JointState.VISIBLE
