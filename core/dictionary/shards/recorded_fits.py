"""The fits of a snapshot with those on offer beside them, decided on by the dictionary's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.dictionary.fits.fit_acceptance import (
    AcceptanceBar,
    decide,
    read_bars,
    which_are_finite,
)
from core.dictionary.fits.fits import Fits
from core.dictionary.shards.recording import ShardRecord
from core.dictionary.storage.body_ownership import BodyOwnership
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.types.fits import Fit, NewFit, OfferOutcome, OfferResult, Verdict
from core.types.limits import is_valid_pose, is_valid_shape


class RecordedFits(Fits):
    """Fits of a snapshot: what is offered is recorded, and current where it would become so."""

    def __init__(self, connection: Connection, record: ShardRecord) -> None:
        super().__init__(connection)
        self._snapshot, self._record = connection, record
        self._current: dict[int, Fit] = {}

    def offer(
        self, new_fits: Sequence[NewFit], *, body_name: str | None = None
    ) -> list[OfferResult]:
        """Record offers; the result for each, as it would be if no one else stored anything."""
        self._hold(body_name)
        bars = self._bars(new_fits)
        numbers = self._record.add_offers(new_fits)
        results = []
        for fit, number, why in zip(
            new_fits,
            numbers,
            self._refusals(new_fits, which_are_finite(new_fits), bars),
            strict=True,
        ):
            if why:
                results.append(OfferResult(None, OfferOutcome.REFUSED, why))
                continue
            outcome = decide(fit, bars[fit.sample_id])
            if outcome is OfferOutcome.BECAME_CURRENT:
                bars[fit.sample_id] = bars[fit.sample_id].replaced_by(fit, number)
                self._current[fit.sample_id] = _as_current(fit, number)
            results.append(OfferResult(number, outcome))
        return results

    def offer_group(
        self, new_fits: Sequence[NewFit], *, body_name: str | None = None
    ) -> list[OfferResult]:
        """Record the offers of one group, which the dictionary will take all or none of."""
        self._hold(body_name)
        bars = self._bars(new_fits)
        numbers = self._record.add_offers(new_fits, is_group=True)
        for fit, why in zip(
            new_fits, self._refusals(new_fits, which_are_finite(new_fits), bars), strict=True
        ):
            outcome = OfferOutcome.REFUSED if why else decide(fit, bars[fit.sample_id])
            if outcome is not OfferOutcome.BECAME_CURRENT:
                reason = f"Sample {fit.sample_id} of the group: {why or outcome}"
                return [OfferResult(None, OfferOutcome.REFUSED, reason)] * len(new_fits)
        for fit, number in zip(new_fits, numbers, strict=True):
            self._current[fit.sample_id] = _as_current(fit, number)
        return [OfferResult(number, OfferOutcome.BECAME_CURRENT) for number in numbers]

    def current(self, sample_ids: Iterable[int]) -> dict[int, Fit]:
        """The current fits by sample id, recorded ones among them."""
        ids = [int(sample_id) for sample_id in sample_ids]
        recorded = {key: self._current[key] for key in ids if key in self._current}
        return super().current(key for key in ids if key not in recorded) | recorded

    def _hold(self, body_name: str | None) -> None:
        if body_name is not None:
            BodyOwnership(self._snapshot).refuse_other(body_name)
            self._record.body_name = body_name

    def _bars(self, fits: Sequence[NewFit]) -> dict[int, AcceptanceBar]:
        bars = read_bars(self._snapshot, {fit.sample_id for fit in fits})
        for sample_id, bar in bars.items():
            fit = self._current.get(sample_id)
            if fit is not None:
                bars[sample_id] = replace(
                    bar, fit_id=fit.id, verdict=fit.verdict, loss=fit.losses.comparison
                )
        return bars


def _as_current(fit: NewFit, number: int) -> Fit:
    max_abs_beta = float(np.abs(fit.parameters.betas).max())
    return Fit(
        id=number,
        sample_id=fit.sample_id,
        parameters=fit.parameters,
        losses=fit.losses,
        origin=fit.origin,
        run_id=fit.run_id,
        iteration=fit.iteration,
        created_at=utc_now(),
        runner_up=False,
        pose_valid=is_valid_pose(fit.losses.comparison),
        shape_valid=is_valid_shape(max_abs_beta),
        verdict=Verdict.NONE,
        verdict_at=None,
        verdict_by=None,
        is_current=True,
        group_id=fit.group_id,
    )
