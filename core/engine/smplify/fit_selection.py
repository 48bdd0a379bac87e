"""Which of two bodies of a person is the more probable one: one rule for loop, refit and lifter.

With s the standard deviation of a keypoint along one axis, the energy of a body is −2 s² log p, up
to a constant and but for the prior's weights, which are twice what Bayes' rule gives
(``prediction_prior``):

    E = Σ_j w_j² · comparison + E_d + prior

    comparison  px² per confident joint: how badly the body reprojects (``comparison_loss``);
    E_d         px²: how far bones are from where a detector saw them point, 0 without a detector;
    Σ_j w_j²    the squared confidences that comparison was divided by;
    prior       px²: how far the body lies from a prediction or a lifted body (``EstimatePrior``).

A candidate takes the place of the current body where its energy is lower by a clear gain, while its
2D error is not much higher:

    E(current) - E(candidate) > clear_gain · s²
    comparison(candidate) - comparison(current) < LARGEST_SACRIFICE · s²

2D error alone cannot tell: a body held to a good prediction is better in 3D and a little worse in
2D, so the dictionary learned nothing from its regressor. SMPLify's own priors are left out, because
they are least at the very bodies that fits without a prediction end in (docs/method.md, "The
acceptance rule"; measurements: docs/decisions/0005).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.smplify.bone_direction_term import BoneDirectionTerm
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D, RootJoints
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.smplify import FitBatch
from core.geometry.row_selection import take_rows
from core.types.fits import Fit

CLEAR_GAIN_OF_EVERY_VISIT = 16.0
"""For the training loop, in variances of a keypoint. 16 s² are eight nats of 2D error, but only
four of the prior, which counts twice. Less is noise, above all that of the prediction, which
changes with every augmentation and is offered at every visit."""

CLEAR_GAIN_OF_ONE_OFFER = 8.0
"""For refits and the lifter, which offer a person's fit once: half of what the loop asks for."""

LARGEST_SACRIFICE = 2.0
"""In variances of a keypoint: how much more 2D error, per confident joint, the more probable body
may have. A perfect body has as much from noisy keypoints; beyond it keypoints are contradicted."""


@dataclass(frozen=True, eq=False)
class ScoredBodies:
    """One body for each of B people; what is compared is scored by the same keypoints and prior.

    comparison: (B,) px² per confident joint, infinite where there is no body.
    counted: (B,) Σ_j w_j², the squared confidences that ``comparison`` was divided by.
    prior: (B,) px², ``EstimatePrior.energy`` and E_d of ``BoneDirectionTerm``.
    """

    comparison: Tensor
    counted: Tensor
    prior: Tensor

    @property
    def energy(self) -> Tensor:
        """E ``(B,)`` in px²; the smaller, the more probable."""
        # Σ w² · comparison is the sum Σ w² ρ again, in which every joint is an observation.
        return self.counted * self.comparison + self.prior


def prior_energy(prior: EstimatePrior, bodies: BodyEstimate) -> Tensor:
    """What it costs bodies to lie away from the prior's target: ``(B,)`` px², on the CPU.

    Args:
        prior: with B targets.
        bodies: B of them.
    """
    here = prior.target.betas
    bodies = bodies.to(device=here.device, dtype=here.dtype)
    turns = prior.turns(bodies.rotations)
    return prior.energy(turns, bodies.betas, bodies.camera_translation).cpu()


def scored(
    bodies: BodyEstimate,
    comparison: Tensor,
    keypoints: Keypoints2D,
    prior: EstimatePrior | None,
    bone_directions: BoneDirectionTerm | None = None,
) -> ScoredBodies:
    """B bodies with what ``is_more_probable`` looks at, on the CPU.

    Args:
        bodies: with their cameras.
        comparison: ``(B,)`` px², their comparison losses.
        keypoints: of the same people.
        prior: with B targets; None where nothing but keypoints is known.
        bone_directions: of the same people; None where a detector saw none of them.
    """
    comparison = comparison.cpu()
    held = torch.zeros_like(comparison) if prior is None else prior_energy(prior, bodies)
    if bone_directions is not None:
        held = held + bone_directions.of_bodies(bodies)
    return ScoredBodies(comparison, (keypoints.body_confidence**2).sum(1).cpu(), held)


def is_more_probable(
    candidate: ScoredBodies,
    current: ScoredBodies,
    *,
    keypoint_noise_px: float,
    clear_gain: float,
) -> Tensor:
    """Whether the candidate should take the current body's place, ``(B,)`` bool.

    Args:
        candidate: with finite losses.
        current: infinite where there is no body yet.
        keypoint_noise_px: s, standard deviation of a keypoint along one axis.
        clear_gain: in variances of a keypoint, one of the two above.
    """
    variance = keypoint_noise_px**2
    gain = current.energy - candidate.energy
    sacrifice = candidate.comparison - current.comparison
    # Both are false for NaN, which is no reason to replace a body. Against no body, comparison and
    # energy of the current one are ∞: the gain is ∞ and the sacrifice −∞, so any candidate wins.
    clear = gain > clear_gain * variance
    more_probable: Tensor = clear & (sacrifice < LARGEST_SACRIFICE * variance)
    return more_probable


def fits_superseded(
    fits: FitBatch,
    current: Sequence[Fit | None],
    keypoints: Keypoints2D,
    estimate_prior: EstimatePrior | None,
    *,
    keypoint_noise_px: float,
    root_joints: RootJoints | None = None,
) -> list[int | None]:
    """Ids of the current fits that new ones, offered once, are clearly more probable than.

    Args:
        fits: B new fits.
        current: the current fit of each of the B samples; None where there is none.
        keypoints: of the B samples.
        estimate_prior: the prior that both are scored by, with B targets; None where fits were not
            held to an estimate.
        keypoint_noise_px: s, with which the prior's weights were made.
        root_joints: of the body model; see ``BodyEstimate.between_cameras``.

    Returns:
        For each sample the id of its current fit where that is superseded, otherwise None. Where
        nothing but keypoints is known, 2D error decides and none is superseded.
    """
    superseded: list[int | None] = [None] * len(fits)
    if estimate_prior is None and fits.bone_directions is None:
        return superseded
    rows = [row for row, fit in enumerate(current) if fit is not None]
    existing = [fit for fit in current if fit is not None]
    if not rows:
        return superseded
    chosen = torch.tensor(rows)
    seen = take_rows(keypoints, chosen)
    prior = None if estimate_prior is None else estimate_prior.of_rows(chosen)
    directions = fits.bone_directions and fits.bone_directions.of_rows(chosen)
    # Both are scored by the prior of this offer, toward the same target: a current fit may have
    # been made with another one, whose energy would mean something else.
    candidate = scored(
        take_rows(fits.under(keypoints.cameras, root_joints=root_joints), chosen),
        fits.comparison[chosen],
        seen,
        prior,
        directions,
    )
    # Fits of other cameras are written for those of the keypoints before they are compared.
    bodies = BodyEstimate.from_parameters(
        [fit.parameters for fit in existing], seen.cameras, root_joints=root_joints
    )
    losses = torch.tensor([fit.losses.comparison for fit in existing])
    better = is_more_probable(
        candidate,
        scored(bodies, losses, seen, prior, directions),
        keypoint_noise_px=keypoint_noise_px,
        clear_gain=CLEAR_GAIN_OF_ONE_OFFER,
    )
    for row, fit, is_better in zip(rows, existing, better.tolist(), strict=True):
        if is_better:
            superseded[row] = fit.id
    return superseded
