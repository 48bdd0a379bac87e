"""SMPLify in the loop: fit from predictions, and offer what is better to the dictionary.

Everything here is in the un-augmented crop, the same for every visit of a sample: fits are made,
compared and stored there (facts of SPIN, fault 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dictionary.records import OfferOutcome
from core.fitting.batches import take_rows
from core.fitting.comparison import comparison_loss
from core.fitting.problem import BodyEstimate, Keypoints2D, usable_keypoints
from core.fitting.smplify import FitBatch, Smplify
from core.records import NewFit, Origin
from core.training.configuration import TrainingConfiguration
from core.training.desk import Desk
from core.training.distribution import World
from core.training.supervision import KnownBodies
from core.training.trust import Evidence, Trust


@dataclass(frozen=True, eq=False)
class OfferedFits:
    """What SMPLify made of some rows of a batch, and what became of it.

    rows: (N,) of the batch; fits: N, in the canonical crops; kept: (N,) whether they are current.
    """

    rows: Tensor
    fits: FitBatch
    kept: NDArray[np.bool_]


class InLoopFitting:
    """Fits a batch, learns how much the regressor deserves, and offers."""

    def __init__(
        self,
        smplify: Smplify,
        desk: Desk,
        world: World,
        configuration: TrainingConfiguration,
        *,
        run_id: int,
        trust: Trust,
    ) -> None:
        self._smplify, self._desk, self._world = smplify, desk, world
        self._configuration, self._run_id, self.trust = configuration, run_id, trust

    def __call__(
        self,
        sample_ids: Sequence[int],
        keypoints_crop_px: Tensor,
        prediction: BodyEstimate,
        known: KnownBodies,
        *,
        iteration: int,
    ) -> tuple[OfferedFits | None, KnownBodies]:
        """Fit, offer, and say what the dictionary holds afterwards.

        Accepted fits are locked: neither fitted nor replaced.

        Args:
            sample_ids: B of them.
            keypoints_crop_px: ``(B, 49, 3)``, on the CPU.
            prediction: B bodies, on the CPU.
            known: the current fits before.
            iteration: noted with each fit.
        """
        self._learn(prediction, known)
        usable = usable_keypoints(keypoints_crop_px[..., 2]) & ~known.accepted
        usable &= torch.isfinite(prediction.pose_axis_angle).all(1)
        rows = torch.nonzero(usable)[:, 0]
        if not len(rows):
            self._desk.offer([])  # the other processes ask at the same moment
            return None, known
        fits = self._fitted(keypoints_crop_px[rows], take_rows(prediction, rows))
        better = self._better(fits, take_rows(known, rows), keypoints_crop_px[rows])
        offers = [self._offer(sample_ids, rows, fits, place, iteration) for place in better]
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

    def _learn(self, prediction: BodyEstimate, known: KnownBodies) -> None:
        """From the fits as they stood before this step."""
        rows = torch.nonzero(known.trusted(self._configuration.well_fitting_loss_px2))[:, 0]
        seen = Evidence.of(take_rows(prediction, rows), take_rows(known.estimate, rows))
        summed = self._world.summed(torch.cat([seen.sums, seen.count[None]]))
        self.trust = self.trust.updated(Evidence(summed[:-1], summed[-1]))

    def _fitted(self, keypoints_crop_px: Tensor, start: BodyEstimate) -> FitBatch:
        pull = None
        if self._configuration.pull:
            pull = self.trust.pull(
                start,
                keypoint_noise_px=self._configuration.pull_keypoint_noise_px,
                largest_weight=self._configuration.pull_largest_weight,
            )
        return self._smplify.fit(keypoints_2d(keypoints_crop_px), start, pull=pull)

    def _better(self, fits: FitBatch, known: KnownBodies, keypoints_crop_px: Tensor) -> list[int]:
        """Places of fits that would become current; the rest would only swell the history.

        The dictionary decides again by its own rule, in its own transaction.
        """
        free = ~known.present | known.rejected
        better = free | (fits.comparison.cpu() < known.loss)
        if self._configuration.validity_rule == "paper":
            keypoints = keypoints_2d(keypoints_crop_px)
            now, before = (
                comparison_loss(self._smplify.body, one, keypoints, rule="paper").cpu()
                for one in (fits.estimate, known.estimate)
            )
            better &= free | (now < before)
        return [int(place) for place in torch.nonzero(better)[:, 0]]

    def _offer(
        self,
        sample_ids: Sequence[int],
        rows: Tensor,
        fits: FitBatch,
        place: int,
        iteration: int,
    ) -> NewFit:
        return NewFit(
            sample_id=sample_ids[int(rows[place])],
            parameters=fits.parameters(place),
            losses=fits.fit_losses(place),
            origin=Origin.IN_LOOP,
            run_id=self._run_id,
            iteration=iteration,
        )


def keypoints_2d(keypoints_crop_px: Tensor) -> Keypoints2D:
    """``(B, 49, 3)`` as SMPLify takes them."""
    return Keypoints2D(
        keypoints_crop_px[..., :2].contiguous(), keypoints_crop_px[..., 2].contiguous()
    )
