"""Where others have a keypoint who have not seen it: the networks without it, and the landmarks.

A wrong keypoint misleads everyone who is given it. So every network is asked again for each
keypoint, with that keypoint left out, which is what makes its opinion of it independent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.touches.candidates import LeftOut
from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.lifted_start import lifted_bodies
from core.engine.smplify.opinions.head_body import head_body
from core.geometry.crop_camera import project_to_crop
from core.geometry.row_selection import take_rows


@dataclass(frozen=True, eq=False)
class PlacesWithout:
    """What one network makes of R people of whom one keypoint is left out.

    place_px: (R, 2) of the crop, where it has that keypoint.
    """

    place_px: Tensor


def head_without(
    head: DetectorHead,
    body: KeypointBody,
    people: SeenPeople,
    keypoints: Keypoints2D,
    left_out: LeftOut,
    *,
    has_betas: bool,
) -> PlacesWithout:
    """What the head behind the detector says; ``keypoints`` and ``people`` are of B samples."""
    confidence = left_out.confidence(keypoints, body)
    some = replace(take_rows(keypoints, left_out.person), confidence=confidence)
    seen = replace(take_rows(people, left_out.person), confidence=confidence.float())
    return _places(
        body, head_body(head.bodies(seen), body, some, has_betas=has_betas), some, left_out
    )


def lifter_without(
    lifter: Lifter,
    body: KeypointBody,
    keypoints: Keypoints2D,
    left_out: LeftOut,
    *,
    has_betas: bool,
) -> PlacesWithout:
    """What the lifter says."""
    confidence = left_out.confidence(keypoints, body)
    some = replace(take_rows(keypoints, left_out.person), confidence=confidence)
    lifted = lifted_bodies(lifter, body, some, has_betas=has_betas).estimate
    return _places(body, lifted, some, left_out)


def _places(
    body: KeypointBody, estimate: BodyEstimate, keypoints: Keypoints2D, left_out: LeftOut
) -> PlacesWithout:
    posed = body.posed(estimate.rotations, estimate.betas)
    rows = torch.arange(len(left_out.person), device=body.device)
    own = posed.distinct[rows, left_out.keypoint][:, None]
    place = project_to_crop(own, estimate.camera_translation, keypoints.cameras)[:, 0]
    return PlacesWithout(place)
