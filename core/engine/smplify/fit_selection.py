"""Rating bodies by keypoints and a prediction together, and offers made by such ratings."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.engine.smplify.fit_preference import ScoredBodies, is_more_probable
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.row_selection import take_rows
from core.engine.smplify.smplify import FitBatch
from core.types.fits import Fit

GAIN_OF_ONE_OFFER = 8.0
"""In variances of a keypoint: half of what the loop asks for, which offers at every visit anew."""


def energy_of(pull: EstimatePrior, estimate: BodyEstimate) -> Tensor:
    """``(B,)`` px²: what holds bodies to the pull's target, at an estimate of each."""
    here = pull.target.betas
    estimate = estimate.to(device=here.device, dtype=here.dtype)
    turns = pull.turns(estimate.rotations)
    return pull.energy(turns, estimate.betas, estimate.camera_translation)


def counted_confidence(keypoints: Keypoints2D) -> Tensor:
    """``(B,)``: what comparison losses were divided by."""
    return (keypoints.body_confidence**2).sum(1)


def fits_superseded(
    fits: FitBatch,
    current: Sequence[Fit | None],
    keypoints: Keypoints2D,
    pull: EstimatePrior,
    *,
    keypoint_noise_px: float,
) -> list[int | None]:
    """Ids of the current fits that new ones are clearly likelier than (docs/decisions/0005).

    Args:
        fits: B of them.
        current: the current fit of each sample; None, and None in the answer, where there is none.
        keypoints: of the samples.
        pull: with a weight for all joints alike or for each sample; its target are B bodies.
        keypoint_noise_px: what the pull's weights were made with.
    """
    outdone: list[int | None] = [None] * len(fits)
    rows = [row for row, fit in enumerate(current) if fit is not None]
    known = [fit for fit in current if fit is not None]
    if not rows:
        return outdone
    chosen = torch.tensor(rows)
    bodies = BodyEstimate.from_parameters(fit.parameters for fit in known)
    held = energy_of(pull.of_rows(chosen), bodies).cpu()
    better = is_more_probable(
        ScoredBodies(fits.comparison.cpu()[chosen], energy_of(pull, fits.estimate).cpu()[chosen]),
        ScoredBodies(torch.tensor([fit.losses.comparison for fit in known]), held),
        counted=counted_confidence(take_rows(keypoints, chosen)).cpu(),
        keypoint_noise_px=keypoint_noise_px,
        clear_gain=GAIN_OF_ONE_OFFER,
    )
    for row, fit, is_better in zip(rows, known, better.tolist(), strict=True):
        if is_better:
            outdone[row] = fit.id
    return outdone
