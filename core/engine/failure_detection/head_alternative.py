"""What the head behind the detector thinks of people, as an alternative that sees the picture."""

from __future__ import annotations

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.inputs import AlternativeEstimate
from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.opinions.head_body import head_body

HEAD = "the picture"
"""Whom reasons in words name: what the head says beyond the keypoints, the picture said."""


def head_alternative(
    head: DetectorHead,
    body: KeypointBody,
    people: SeenPeople,
    keypoints: Keypoints2D,
    *,
    has_betas: bool,
) -> AlternativeEstimate:
    """What the head makes of people; of those whom no detector has looked at nothing.

    Args:
        head: the network.
        body: the project's body.
        people: what the detector saw of B samples.
        keypoints: of the same samples, for the cameras.
        has_betas: whether the head was trained for this body.
    """
    said = head.bodies(people)
    return AlternativeEstimate(
        HEAD,
        head_body(said, body, keypoints, has_betas=has_betas),
        people.in_picture,
        said.mirror_turn_rad,
        said.spread_rad,
        sees_picture=True,
    )
