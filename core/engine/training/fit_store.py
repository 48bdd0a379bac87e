"""The dictionary as the loop sees it: current fits by sample, and offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from core.dictionary.store import Dictionary
from core.engine.training.distribution import World
from core.types.fits import Fit, NewFit, OfferResult


class FitStore(Protocol):
    """Where a step asks and offers."""

    def current_fits(self, sample_ids: Sequence[int]) -> dict[int, Fit]:
        """Current fits by sample id, for those that have one."""

    def offer(self, fits: Sequence[NewFit]) -> Sequence[OfferResult]:
        """What became of each fit, in order."""


class DistributedFitStore:
    """One dictionary for all processes; every process must ask as often as every other."""

    def __init__(
        self,
        world: World,
        dictionary: Dictionary | None,
        corrections: Mapping[int, int] = MappingProxyType({}),
        *,
        body_name: str | None = None,
    ) -> None:
        """``dictionary`` is the first process's, None on the others.

        corrections: by sample id, how many edits by people the run's keypoints and boxes had when
        they were read. Fits of samples that were corrected since are refused.
        body_name: whose fits are offered; a project of another body takes none of them.
        """
        self._world, self._dictionary, self._corrections = world, dictionary, corrections
        self._body_name = body_name

    def current_fits(self, sample_ids: Sequence[int]) -> dict[int, Fit]:
        """Current fits by sample id, for those that have one."""
        answer = None if self._dictionary is None else self._look_up
        answers = self._world.asked_of_first([int(sample_id) for sample_id in sample_ids], answer)
        return {fit.sample_id: fit for fit in answers if fit is not None}

    def offer(self, fits: Sequence[NewFit]) -> Sequence[OfferResult]:
        """Offer fits: those of all processes in one transaction."""
        answer = None if self._dictionary is None else self._offer
        return self._world.asked_of_first(list(fits), answer)

    def _look_up(self, sample_ids: Sequence[int]) -> list[Fit | None]:
        found = self._dictionary.fits.current(sample_ids) if self._dictionary else {}
        return [found.get(sample_id) for sample_id in sample_ids]

    def _offer(self, fits: Sequence[NewFit]) -> list[OfferResult]:
        if self._dictionary is None or not fits:
            return []
        return self._dictionary.fits.offer(
            [
                replace(fit, annotation_revision=self._corrections.get(fit.sample_id))
                for fit in fits
            ],
            body_name=self._body_name,
        )
