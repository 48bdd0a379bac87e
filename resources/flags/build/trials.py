"""Synthetic people with mean-pose fits of both profiles and the lifter's estimate of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.failure_detection.lifter_alternative import lifter_alternative
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.runs.fitting_profiles import PAPER, STUDIO, FittingProfile
from resources.flags.build.failures import Errors, errors_of
from resources.flags.build.people import SyntheticPeople

PROFILES: dict[str, FittingProfile] = {"paper": PAPER, "studio": STUDIO}
_BATCH = 64


@dataclass(frozen=True, eq=False)
class Trial:
    """Mean-pose fits of N people by one profile: what flags are given, and the truth's errors."""

    inputs: FlagInputs
    errors: Errors


def make_trial(
    model: BodyModel, prior: PosePrior, profile: FittingProfile, people: SyntheticPeople
) -> Trial:
    """Fit everybody from the mean pose and let the lifter look at them."""
    body, smplify = KeypointBody(model), Smplify(model, prior, profile)
    fits, losses = [], []
    for rows in torch.arange(len(people)).split(_BATCH):
        fit = smplify.fit_from_mean_pose(_rows(people.keypoints, rows))
        fits.append(fit.estimate)
        losses.append(fit.comparison)
    estimate = BodyEstimate.joined(fits)
    lifter = Lifter.load()
    alternative = lifter_alternative(
        lifter, body, people.keypoints, has_betas=lifter.body_name == model.name
    )
    inputs = FlagInputs(people.keypoints, estimate, torch.cat(losses), (alternative,))
    return Trial(inputs, errors_of(body, estimate, people.truth))


def without_alternatives(inputs: FlagInputs) -> FlagInputs:
    """The same fits, of which there is no other estimate."""
    return replace(inputs, alternatives=())


def _rows(keypoints: Keypoints2D, rows: Tensor) -> Keypoints2D:
    return Keypoints2D(keypoints.positions_crop_px[rows], keypoints.confidence[rows])
