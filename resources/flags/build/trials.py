"""People with fits by the program's profiles, what flags know of them, and how far they are off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.failure_detection.head_alternative import head_alternative
from core.engine.failure_detection.inputs import AlternativeEstimate, FlagInputs
from core.engine.failure_detection.lifter_alternative import lifter_alternative
from core.engine.failure_detection.limbs import LIMBS
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import seen_people
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.smplify.smplify import FitBatch, Smplify
from core.geometry.rotations import axis_angle_to_matrix
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import PAPER, STUDIO, FittingProfile
from resources.flags.build.failures import Errors, errors_of
from resources.flags.build.people import SyntheticPeople
from resources.flags.build.rendered_samples import RenderedSamples

PROFILES: dict[str, FittingProfile] = {"paper": PAPER, "studio": STUDIO}
WAYS = ("mean", "network", "paper", "disturbed")
"""How rendered people are fitted: by ``studio`` from the mean pose and from the head's body, by
``paper``; and from the head's body with something gross done to it afterwards."""

_PAPER_SHARE, _DISTURBED_SHARE = 0.25, 0.25
"""Of the people of a chunk: fits that are good, as most are, must remain the majority."""

_BATCH = 64
_SEED = 0
_DISTURBANCE_RAD = (0.7, 2.8)
_WHOLE_BODIES = 0.25


@dataclass(frozen=True, eq=False)
class Trial:
    """Fits of N people by one profile from one start: what flags are given, the truth's errors.

    by_solver: whether the fits are as a solver left them.
    """

    inputs: FlagInputs
    errors: Errors
    by_solver: bool = True


def make_trial(
    model: BodyModel, prior: PosePrior, profile: FittingProfile, people: SyntheticPeople
) -> Trial:
    """Fit people of whom keypoints alone are known from the mean pose, and let the lifter look."""
    smplify, keypoints = Smplify(model, prior, profile), people.keypoints
    estimate, losses = _fitted(
        keypoints, lambda rows: smplify.fit_from_mean_pose(take_rows(keypoints, rows))
    )
    lifted = _lifted(model, keypoints)
    inputs = FlagInputs(keypoints, estimate, losses, (lifted,))
    return Trial(inputs, errors_of(smplify.body, estimate, people.truth))


def make_picture_trial(
    model: BodyModel, prior: PosePrior, people: RenderedSamples, way: str
) -> Trial:
    """Fit rendered people in one of ``WAYS``; lifter and head look at them."""
    share = {"paper": _PAPER_SHARE, "disturbed": _DISTURBED_SHARE}.get(way, 1.0)
    people = people.first(round(share * len(people)))
    smplify = Smplify(model, prior, PAPER if way == "paper" else STUDIO)
    keypoints, seen = people.keypoints(HeadWitness(smplify.body)), people.seen
    head = load_detector_head()
    network = NetworkFitting(smplify, head, body_name=model.name)

    def fit(rows: Tensor) -> FitBatch:
        some = take_rows(keypoints, rows)
        if way in ("mean", "paper"):
            return smplify.fit_from_mean_pose(some)
        return network.fit(some, seen_people([seen[row] for row in rows.tolist()]))

    estimate, losses = _fitted(keypoints, fit)
    if way == "disturbed":
        estimate = disturbed(estimate)
        losses = comparison_loss(smplify.body, estimate, keypoints)
    said = head_alternative(
        head,
        smplify.body,
        seen_people(seen),
        keypoints,
        has_betas=head.body_name == model.name,
    )
    alternatives = (_lifted(model, keypoints), said)
    inputs = FlagInputs(keypoints, estimate, losses, alternatives)
    errors = errors_of(smplify.body, estimate, people.truth)
    return Trial(inputs, errors, by_solver=way != "disturbed")


def without_alternatives(inputs: FlagInputs) -> FlagInputs:
    """The same fits, of which there is no other estimate."""
    return replace(inputs, alternatives=())


def disturbed(fits: BodyEstimate) -> BodyEstimate:
    """Fits with a limb, or in one of four the whole body, turned by 40° to 160°.

    No solver leaves bodies like that, but files and hands do.
    """
    generator = torch.Generator().manual_seed(_SEED)
    count, rows = len(fits), torch.arange(len(fits))
    axes = torch.nn.functional.normalize(torch.randn(count, 3, generator=generator), dim=1)
    angles = torch.empty(count, 1).uniform_(*_DISTURBANCE_RAD, generator=generator)
    turns = axis_angle_to_matrix(axes * angles)
    limbs = torch.tensor([limb.joints[0] for limb in LIMBS])
    joints = limbs[torch.randint(len(LIMBS), (count,), generator=generator)]
    joints = torch.where(torch.rand(count, generator=generator) < _WHOLE_BODIES, 0, joints)
    rotations = fits.rotations.clone()
    rotations[rows, joints] = rotations[rows, joints] @ turns
    return replace(fits, rotations=rotations)


def _fitted(
    keypoints: Keypoints2D, fit: Callable[[Tensor], FitBatch]
) -> tuple[BodyEstimate, Tensor]:
    """All fits under the cameras of the keypoints, and their comparison losses ``(N,)``."""
    batches = torch.arange(len(keypoints)).split(_BATCH)
    fits = [(rows, fit(rows)) for rows in batches]
    estimates = [each.under(take_rows(keypoints, rows).cameras) for rows, each in fits]
    return BodyEstimate.joined(estimates), torch.cat([each.comparison for _, each in fits])


def _lifted(model: BodyModel, keypoints: Keypoints2D) -> AlternativeEstimate:
    lifter = Lifter.load()
    return lifter_alternative(
        lifter, KeypointBody(model), keypoints, has_betas=lifter.body_name == model.name
    )
