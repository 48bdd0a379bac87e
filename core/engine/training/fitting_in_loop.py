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
from core.engine.smplify.detected_directions import DetectedDirections
from core.engine.smplify.fit_selection import (
    CLEAR_GAIN_OF_EVERY_VISIT,
    is_more_probable,
    prior_energy,
    scored,
)
from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate, Keypoints2D
from core.engine.smplify.prediction_prior import EstimatePrior, joint_weights
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.training.distribution import World
from core.engine.training.fit_store import FitStore
from core.engine.training.fit_uncertainty import fit_squares, keypoint_squares
from core.engine.training.refit_schedule import due_for_fitting
from core.engine.training.regressor_error import ErrorSample, RegressorErrorEstimate
from core.engine.training.targets import CurrentFits
from core.engine.training.visit_order import VisitPlan
from core.geometry.crop_camera import CropCameras
from core.geometry.row_selection import take_rows
from core.runs.training_configuration import TrainingConfiguration
from core.types.fits import NewFit, OfferOutcome, Origin


@dataclass(frozen=True, eq=False)
class OfferedFits:
    """What SMPLify made of some rows of a batch, and what became of it.

    rows: (N,) of the batch; fits: N, in the canonical crops; kept: (N,) whether they are current.
    predicted: (N,) which of them are the prediction as it was.
    """

    rows: Tensor
    fits: FitBatch
    kept: NDArray[np.bool_]
    predicted: NDArray[np.bool_]


class InLoopFitting:
    """Fits a batch, estimates how reliable the regressor is, and offers the fits."""

    def __init__(
        self,
        smplify: Smplify,
        fit_store: FitStore,
        world: World,
        configuration: TrainingConfiguration,
        plan: VisitPlan,
        *,
        run_id: int,
        regressor_error: RegressorErrorEstimate,
        detected: DetectedDirections | None = None,
    ) -> None:
        self._smplify, self._fit_store, self._world, self._plan = smplify, fit_store, world, plan
        self._configuration, self._run_id, self.regressor_error = (
            configuration,
            run_id,
            regressor_error,
        )
        self._detected = detected or DetectedDirections({})
        self._said_deg: float | None = None
        calibrated = configuration.evidence_rule != "plain"
        self._by_keypoints = keypoint_squares() if calibrated else None

    def __call__(
        self,
        sample_ids: Sequence[int],
        keypoints_crop_px: Tensor,
        prediction: BodyEstimate,
        current: CurrentFits,
        *,
        iteration: int,
        spread_rad: Tensor | None = None,
    ) -> tuple[OfferedFits | None, CurrentFits]:
        """Fit whose turn it is, offer, and say what the dictionary holds afterwards.

        Accepted fits are locked: neither fitted nor replaced.

        Args:
            sample_ids: B of them.
            keypoints_crop_px: ``(B, 49, 3)``, on the CPU.
            prediction: B bodies, on the CPU, for the cameras of ``current``.
            current: the current fits before, and the cameras of the crops.
            iteration: noted with each fit.
            spread_rad: ``(B, 24)`` by how much the network thinks each rotation is off; None where
                it does not say.
        """
        self._said_deg = None
        self._learn(prediction, current)
        rows = self._rows_to_fit(sample_ids, keypoints_crop_px, prediction, current, iteration)
        if not len(rows):
            self._fit_store.offer([])  # the other processes ask at the same moment
            return None, current
        known = self._detected.of_samples([sample_ids[row] for row in rows.tolist()])
        current_of_rows = take_rows(current, rows)
        cameras = current_of_rows.cameras
        keypoints = replace(keypoints_2d(keypoints_crop_px[rows], cameras), bone_directions=known)
        start = take_rows(prediction, rows)
        spread = None if spread_rad is None else spread_rad[rows]
        estimate_prior = self._estimate_prior(start, cameras, spread)
        fits = self._smplify.fit(keypoints, start, estimate_prior=estimate_prior)
        fits, predicted = self._or_prediction(fits, start, keypoints, estimate_prior)
        better = self._better(fits, current_of_rows, keypoints, estimate_prior)
        offers = [
            self._offer(
                sample_ids[int(rows[row])],
                fits,
                row,
                current_of_rows,
                iteration=iteration,
                origin=Origin.NETWORK if predicted[row] else Origin.IN_LOOP,
            )
            for row in better
        ]
        results = self._fit_store.offer(offers)
        became = {
            row: offer
            for row, offer, result in zip(better, offers, results, strict=True)
            if result.outcome is OfferOutcome.BECAME_CURRENT
        }
        kept = np.zeros(len(rows), dtype=np.bool_)
        kept[list(became)] = True
        after = current.with_new({int(rows[row]): offer for row, offer in became.items()})
        return OfferedFits(rows, fits, kept, predicted.numpy()), after

    @property
    def believed_deg(self) -> float | None:
        """How far predictions are believed to be off, over all joints; None while unknown.

        Of the last people that were fitted where the network says it of each, otherwise of the last
        few hundred.
        """
        return self.regressor_error.joint_deg if self._said_deg is None else self._said_deg

    def _learn(self, prediction: BodyEstimate, current: CurrentFits) -> None:
        """Update the regressor's error from the fits as they were before this step."""
        rows = torch.nonzero(current.reliable(self._configuration.well_fitting_loss_px2))[:, 0]
        own = None
        if self._by_keypoints is not None:
            own = fit_squares(take_rows(current, rows), self.regressor_error, self._by_keypoints)
        known = take_rows(current, rows)
        predicted = take_rows(prediction, rows)
        seen = ErrorSample.of(predicted, known.estimate, own, known.cameras)
        summed = self._world.summed(torch.cat([seen.sums, seen.count[None]]))
        self.regressor_error = self.regressor_error.updated(ErrorSample(summed[:-1], summed[-1]))

    def _rows_to_fit(
        self,
        sample_ids: Sequence[int],
        keypoints_crop_px: Tensor,
        prediction: BodyEstimate,
        current: CurrentFits,
        iteration: int,
    ) -> Tensor:
        """``(N,)`` rows of the batch that can be fitted and whose turn it is."""
        usable = has_usable_keypoints(keypoints_crop_px[..., 2]) & ~current.accepted
        usable &= torch.isfinite(prediction.rotations).flatten(1).all(1)
        usable &= due_for_fitting(
            current,
            sample_ids,
            iteration=iteration,
            run_id=self._run_id,
            plan=self._plan,
            every=self._configuration.refit_every,
        )
        return torch.nonzero(usable)[:, 0]

    def _estimate_prior(
        self, target: BodyEstimate, cameras: CropCameras[Tensor], spread_rad: Tensor | None
    ) -> EstimatePrior | None:
        if not self._configuration.pull:
            return None
        limits = {
            "keypoint_noise_px": self._configuration.pull_keypoint_noise_px,
            "largest_weight": self._configuration.pull_largest_weight,
        }
        known = self.regressor_error.estimate_prior(target, cameras=cameras, **limits)
        if spread_rad is None:
            return known
        is_judged = self._configuration.evidence_rule == "judged"
        squares = self.regressor_error.believed_squares(spread_rad, is_judged=is_judged)
        self._said_deg = float(torch.rad2deg(squares.mean().sqrt()))
        return self.regressor_error.prior_by_squares(target, squares, known, **limits)

    def _better(
        self,
        fits: FitBatch,
        current: CurrentFits,
        keypoints: Keypoints2D,
        estimate_prior: EstimatePrior | None,
    ) -> list[int]:
        """The rows of fits that should become current; others would only swell the history.

        Where there is no fit, or a rejected one, every new fit should. The dictionary decides
        again, in its own transaction, because a person's verdict comes first.
        """
        if self._configuration.improvement_rule == "likelier":
            better = self._more_probable(fits, current, keypoints, estimate_prior)
        else:
            better = fits.comparison.cpu() < current.loss
        if self._configuration.validity_rule == "paper":
            now, before = (
                comparison_loss(self._smplify.body, bodies, keypoints, rule="paper").cpu()
                for bodies in (fits.estimate, current.estimate)
            )
            better &= now < before
        better |= ~current.present | current.rejected
        return [int(row) for row in torch.nonzero(better)[:, 0]]

    def _more_probable(
        self,
        fits: FitBatch,
        current: CurrentFits,
        keypoints: Keypoints2D,
        estimate_prior: EstimatePrior | None,
    ) -> Tensor:
        """Whether new fits are clearly more probable, ``(B,)`` bool (``is_more_probable``).

        Both fits are scored by their 2D error and by the same prior toward the same prediction. A
        current fit of the lifter, a person, another program or ground truth knows more than that,
        and so does one that began at the detector's head where another network is trained.
        A new fit elsewhere loses this knowledge, so its energy is raised by Σ_j weight_j |τ_j|²,
        with τ_j the turn from the current fit to the new one and weight_j that of ``joint_weights``
        for the errors that keypoints leave (docs/method.md, "The acceptance rule").
        """
        directions = fits.bone_directions
        fitted = fits.under(keypoints.cameras)
        candidate = scored(fitted, fits.comparison, keypoints, estimate_prior, directions)
        if self._by_keypoints is not None:
            lost = prior_energy(self._hold(current.estimate, self._by_keypoints), fitted)
            lost = torch.where(current.informed, lost, torch.zeros_like(lost))
            candidate = replace(candidate, prior=candidate.prior + lost)
        return is_more_probable(
            candidate,
            scored(current.estimate, current.loss, keypoints, estimate_prior, directions),
            keypoint_noise_px=self._configuration.acceptance_keypoint_noise_px,
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

    def _or_prediction(
        self,
        fits: FitBatch,
        start: BodyEstimate,
        keypoints: Keypoints2D,
        estimate_prior: EstimatePrior | None,
    ) -> tuple[FitBatch, Tensor]:
        """Fits, or the predictions they began with where those are clearly more probable.

        SMPLify's priors know no person in particular, and may lead a fit away from a prediction
        that lies as well on everything that was seen.

        Returns:
            N bodies, and ``(N,)`` bool which of them are predictions.
        """
        if not self._configuration.keep_predictions:
            return fits, torch.zeros(len(fits), dtype=torch.bool)
        said = self._smplify.measured(keypoints, start)
        first, second = (
            scored(
                bodies.under(keypoints.cameras),
                bodies.comparison,
                keypoints,
                estimate_prior,
                fits.bone_directions,
            )
            for bodies in (said, fits)
        )
        predicted = is_more_probable(
            first,
            second,
            keypoint_noise_px=self._configuration.acceptance_keypoint_noise_px,
            clear_gain=CLEAR_GAIN_OF_EVERY_VISIT,
        )
        return fits.with_rows_of(said, predicted), predicted

    def _offer(
        self,
        sample_id: int,
        fits: FitBatch,
        row: int,
        current: CurrentFits,
        *,
        iteration: int,
        origin: Origin,
    ) -> NewFit:
        """One fit, with the fit that it was found better than."""
        by_more = self._configuration.improvement_rule == "likelier" and bool(current.present[row])
        return NewFit(
            sample_id=sample_id,
            parameters=fits.parameters(row),
            losses=fits.fit_losses(row),
            origin=origin,
            run_id=self._run_id,
            iteration=iteration,
            supersedes_fit_id=int(current.fit_id[row]) if by_more else None,
        )


def keypoints_2d(
    keypoints_crop_px: Tensor, cameras: CropCameras[Tensor] = LONG_LENSES
) -> Keypoints2D:
    """``(B, 49, 3)`` as SMPLify takes them, under B cameras or one for all."""
    return Keypoints2D(
        keypoints_crop_px[..., :2].contiguous(), keypoints_crop_px[..., 2].contiguous(), cameras
    )
