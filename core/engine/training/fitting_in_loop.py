"""SMPLify in the loop: fit from predictions, and offer what is better to the dictionary.

Everything here is in the un-augmented crop, the same for every visit of a sample: fits are made,
compared and stored there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.usable_keypoints import has_usable_keypoints
from core.engine.smplify.fit_selection import (
    CLEAR_GAIN_OF_EVERY_VISIT,
    is_more_probable,
    prior_energy,
    scored,
)
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.training.distribution import World
from core.engine.training.fit_store import FitStore
from core.engine.training.fit_uncertainty import fit_squares, keypoint_squares
from core.engine.training.refit_schedule import due_for_fitting
from core.engine.training.regressor_error import ErrorSample, RegressorErrorEstimate, joint_weights
from core.engine.training.targets import CurrentFits
from core.engine.training.visit_order import VisitPlan
from core.geometry.row_selection import take_rows
from core.runs.training_configuration import TrainingConfiguration
from core.types.fits import NewFit, OfferOutcome, Origin


@dataclass(frozen=True, eq=False)
class OfferedFits:
    """What SMPLify made of some rows of a batch, and what became of it.

    rows: (N,) of the batch; fits: N, in the canonical crops; kept: (N,) whether they are current.
    """

    rows: Tensor
    fits: FitBatch
    kept: NDArray[np.bool_]


class InLoopFitting:
    """Fits a batch, estimates how reliable the regressor is, and offers the fits."""

    def __init__(
        self,
        smplify: Smplify,
        desk: FitStore,
        world: World,
        configuration: TrainingConfiguration,
        plan: VisitPlan,
        *,
        run_id: int,
        trust: RegressorErrorEstimate,
    ) -> None:
        self._smplify, self._desk, self._world, self._plan = smplify, desk, world, plan
        self._configuration, self._run_id, self.trust = configuration, run_id, trust
        calibrated = configuration.evidence_rule == "calibrated"
        self._by_keypoints = keypoint_squares() if calibrated else None

    def __call__(
        self,
        sample_ids: Sequence[int],
        keypoints_crop_px: Tensor,
        prediction: BodyEstimate,
        known: CurrentFits,
        *,
        iteration: int,
    ) -> tuple[OfferedFits | None, CurrentFits]:
        """Fit whose turn it is, offer, and say what the dictionary holds afterwards.

        Accepted fits are locked: neither fitted nor replaced.

        Args:
            sample_ids: B of them.
            keypoints_crop_px: ``(B, 49, 3)``, on the CPU.
            prediction: B bodies, on the CPU.
            known: the current fits before.
            iteration: noted with each fit.
        """
        self._learn(prediction, known)
        rows = self._rows_to_fit(sample_ids, keypoints_crop_px, prediction, known, iteration)
        if not len(rows):
            self._desk.offer([])  # the other processes ask at the same moment
            return None, known
        keypoints, start = keypoints_2d(keypoints_crop_px[rows]), take_rows(prediction, rows)
        pull = self._pull(start)
        fits = self._smplify.fit(keypoints, start, pull=pull)
        rivals = take_rows(known, rows)
        better = self._better(fits, rivals, keypoints, pull)
        offers = [
            self._offer(sample_ids[int(rows[place])], fits, place, rivals, iteration)
            for place in better
        ]
        results = self._desk.offer(offers)
        became = {
            place: offer
            for place, offer, result in zip(better, offers, results, strict=True)
            if result.outcome is OfferOutcome.BECAME_CURRENT
        }
        kept = np.zeros(len(rows), dtype=np.bool_)
        kept[list(became)] = True
        after = known.with_new({int(rows[place]): offer for place, offer in became.items()})
        return OfferedFits(rows, fits, kept), after

    def _learn(self, prediction: BodyEstimate, known: CurrentFits) -> None:
        """Update the regressor's error from the fits as they were before this step."""
        rows = torch.nonzero(known.trusted(self._configuration.well_fitting_loss_px2))[:, 0]
        own = None
        if self._by_keypoints is not None:
            own = fit_squares(take_rows(known, rows), self.trust, self._by_keypoints)
        seen = ErrorSample.of(take_rows(prediction, rows), take_rows(known.estimate, rows), own)
        summed = self._world.summed(torch.cat([seen.sums, seen.count[None]]))
        self.trust = self.trust.updated(ErrorSample(summed[:-1], summed[-1]))

    def _rows_to_fit(
        self,
        sample_ids: Sequence[int],
        keypoints_crop_px: Tensor,
        prediction: BodyEstimate,
        known: CurrentFits,
        iteration: int,
    ) -> Tensor:
        """``(N,)`` rows of the batch that can be fitted and whose turn it is."""
        usable = has_usable_keypoints(keypoints_crop_px[..., 2]) & ~known.accepted
        usable &= torch.isfinite(prediction.rotations).flatten(1).all(1)
        usable &= due_for_fitting(
            known,
            sample_ids,
            iteration=iteration,
            run_id=self._run_id,
            plan=self._plan,
            every=self._configuration.refit_every,
        )
        return torch.nonzero(usable)[:, 0]

    def _pull(self, target: BodyEstimate) -> EstimatePrior | None:
        if not self._configuration.pull:
            return None
        return self.trust.pull(
            target,
            keypoint_noise_px=self._configuration.pull_keypoint_noise_px,
            largest_weight=self._configuration.pull_largest_weight,
        )

    def _better(
        self, fits: FitBatch, known: CurrentFits, keypoints: Keypoints2D, pull: EstimatePrior | None
    ) -> list[int]:
        """The rows of fits that should become current; others would only swell the history.

        Where there is no fit, or a rejected one, every new fit should. The dictionary decides
        again, in its own transaction, because a person's verdict comes first.
        """
        if self._configuration.improvement_rule == "likelier":
            better = self._more_probable(fits, known, keypoints, pull)
        else:
            better = fits.comparison.cpu() < known.loss
        if self._configuration.validity_rule == "paper":
            now, before = (
                comparison_loss(self._smplify.body, bodies, keypoints, rule="paper").cpu()
                for bodies in (fits.estimate, known.estimate)
            )
            better &= now < before
        better |= ~known.present | known.rejected
        return [int(place) for place in torch.nonzero(better)[:, 0]]

    def _more_probable(
        self, fits: FitBatch, known: CurrentFits, keypoints: Keypoints2D, pull: EstimatePrior | None
    ) -> Tensor:
        """Whether new fits are clearly more probable, ``(B,)`` bool (``is_more_probable``).

        Both fits are scored by their 2D error and by the same pull toward the same prediction. A
        current fit of the lifter, a person, another program or ground truth knows more than that.
        A new fit elsewhere loses this knowledge, so its energy is raised by Σ_j weight_j |τ_j|²,
        with τ_j the turn from the current fit to the new one and weight_j that of ``joint_weights``
        for the errors that keypoints leave (docs/method.md, "The acceptance rule").
        """
        candidate = scored(fits.estimate, fits.comparison, keypoints, pull)
        if self._by_keypoints is not None:
            lost = prior_energy(self._hold(known.estimate, self._by_keypoints), fits.estimate)
            lost = torch.where(known.informed, lost, torch.zeros_like(lost))
            candidate = replace(candidate, prior=candidate.prior + lost)
        return is_more_probable(
            candidate,
            scored(known.estimate, known.loss, keypoints, pull),
            keypoint_noise_px=self._configuration.pull_keypoint_noise_px,
            clear_gain=CLEAR_GAIN_OF_EVERY_VISIT,
        )

    def _hold(self, target: BodyEstimate, squares: Tensor) -> EstimatePrior:
        """A prior toward the poses of bodies with mean squared errors ``(24,)`` in rad²."""
        like = target.betas
        weights = joint_weights(
            squares,
            keypoint_noise_px=self._configuration.pull_keypoint_noise_px,
            largest_weight=self._configuration.pull_largest_weight,
        )
        return EstimatePrior(target, weights.to(like), like.new_zeros(10), like.new_zeros(()))

    def _offer(
        self, sample_id: int, fits: FitBatch, place: int, known: CurrentFits, iteration: int
    ) -> NewFit:
        """One fit, with the fit that it was found better than."""
        by_more = self._configuration.improvement_rule == "likelier" and bool(known.present[place])
        return NewFit(
            sample_id=sample_id,
            parameters=fits.parameters(place),
            losses=fits.fit_losses(place),
            origin=Origin.IN_LOOP,
            run_id=self._run_id,
            iteration=iteration,
            supersedes_fit_id=int(known.fit_id[place]) if by_more else None,
        )


def keypoints_2d(keypoints_crop_px: Tensor) -> Keypoints2D:
    """``(B, 49, 3)`` as SMPLify takes them."""
    return Keypoints2D(
        keypoints_crop_px[..., :2].contiguous(), keypoints_crop_px[..., 2].contiguous()
    )
