"""People with fits by the program's profiles, what flags know of them, and how far they are off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.data.seen_people import seen_people
from core.engine.failure_detection.head_alternative import head_alternative
from core.engine.failure_detection.inputs import AlternativeEstimate, FlagInputs
from core.engine.failure_detection.lifter_alternative import lifter_alternative
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import PAPER, STUDIO, FittingProfile
from resources.flags.build.failures import Errors, errors_of
from resources.flags.build.people import SyntheticPeople
from resources.flags.build.rendered_samples import RenderedSamples

PROFILES: dict[str, FittingProfile] = {"paper": PAPER, "studio": STUDIO}
STARTS = ("mean", "network")
"""Where fits of ``studio`` to rendered people begin."""

_BATCH = 64


@dataclass(frozen=True, eq=False)
class Trial:
    """Fits of N people by one profile from one start: what flags are given, the truth's errors."""

    inputs: FlagInputs
    errors: Errors


def make_trial(
    model: BodyModel, prior: PosePrior, profile: FittingProfile, people: SyntheticPeople
) -> Trial:
    """Fit people of whom keypoints alone are known from the mean pose, and let the lifter look."""
    smplify, keypoints = Smplify(model, prior, profile), people.keypoints
    estimate, losses = _fitted(
        len(people), lambda rows: smplify.fit_from_mean_pose(take_rows(keypoints, rows))
    )
    lifted = _lifted(model, keypoints)
    inputs = FlagInputs(keypoints, estimate, losses, (lifted,))
    return Trial(inputs, errors_of(smplify.body, estimate, people.truth))


def make_picture_trial(
    model: BodyModel, prior: PosePrior, people: RenderedSamples, start: str
) -> Trial:
    """Fit rendered people by ``studio`` from one of ``STARTS``; lifter and head look at them."""
    smplify, keypoints, seen = Smplify(model, prior, STUDIO), people.keypoints, people.seen
    head = load_detector_head()
    network = NetworkFitting(smplify, head, body_name=model.name)

    def fit(rows: Tensor) -> FitBatch:
        some = take_rows(keypoints, rows)
        if start == "mean":
            return smplify.fit_from_mean_pose(some)
        return network.fit(some, seen_people([seen[row] for row in rows.tolist()]))

    estimate, losses = _fitted(len(people), fit)
    said = head_alternative(
        head,
        smplify.body,
        seen_people(seen),
        keypoints,
        has_betas=head.body_name == model.name,
    )
    alternatives = (_lifted(model, keypoints), said)
    inputs = FlagInputs(keypoints, estimate, losses, alternatives)
    return Trial(inputs, errors_of(smplify.body, estimate, people.truth))


def without_alternatives(inputs: FlagInputs) -> FlagInputs:
    """The same fits, of which there is no other estimate."""
    return replace(inputs, alternatives=())


def _fitted(count: int, fit: Callable[[Tensor], FitBatch]) -> tuple[BodyEstimate, Tensor]:
    """All fits, and their comparison losses ``(N,)``."""
    fits = [fit(rows) for rows in torch.arange(count).split(_BATCH)]
    estimate = BodyEstimate.joined([each.estimate for each in fits])
    return estimate, torch.cat([each.comparison for each in fits])


def _lifted(model: BodyModel, keypoints: Keypoints2D) -> AlternativeEstimate:
    lifter = Lifter.load()
    return lifter_alternative(
        lifter, KeypointBody(model), keypoints, has_betas=lifter.body_name == model.name
    )
