"""What the lifting network thinks of people, as an alternative that flags compare fits with."""

from __future__ import annotations

from core.body.usable_keypoints import has_usable_keypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.inputs import AlternativeEstimate
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.lifted_start import lifted_bodies


def lifter_alternative(
    lifter: Lifter, body: KeypointBody, keypoints: Keypoints2D, *, has_betas: bool
) -> AlternativeEstimate:
    """What the lifter thinks of people, for flags; of those with too few keypoints nothing."""
    lifted = lifted_bodies(lifter, body, keypoints, has_betas=has_betas)
    return AlternativeEstimate(
        "the lifted pose",
        lifted.estimate,
        has_usable_keypoints(keypoints.confidence).to(body.device),
        lifted.uncertainty_rad,
    )
