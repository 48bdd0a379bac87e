"""Fits to keypoints that were corrected: as ``fit`` makes them, and never far from what is known.

Held to nothing but the keypoints, a good fit gets worse with every refit, by 5 mm on rendered
people whose keypoints were not even wrong. So a corrected person is fitted as anyone else is, to
what the head behind the detector makes of the keypoints as they stand now. docs/method.md, "Where
fits start".
"""

from __future__ import annotations

from functools import cached_property

import torch

from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.opinions.arm_flips import with_arms_tried
from core.engine.smplify.smplify import FitBatch, Smplify
from core.geometry.row_selection import joined_rows
from core.runs.fitting_profiles import Solver


class CorrectedFitting:
    """Fits people whose keypoints were corrected; the head is read when it is first asked for."""

    def __init__(
        self, smplify: Smplify, *, body_name: str, network: NetworkFitting | None = None
    ) -> None:
        self._smplify, self.body_name, self._given = smplify, body_name, network

    @cached_property
    def network(self) -> NetworkFitting:
        """What fits everybody else: as given, or with the head that ships."""
        return self._given or NetworkFitting(
            self._smplify, load_detector_head(), body_name=self.body_name
        )

    @torch.no_grad()
    def fit(
        self, keypoints: Keypoints2D, people: SeenPeople, start: BodyEstimate | None
    ) -> FitBatch:
        """Fit B people from the head's bodies and from ``start``; the lower objective wins.

        Args:
            keypoints: B samples.
            people: the same B people as the head sees them.
            start: B bodies for the cameras of the keypoints, such as the current fits; None where
                there is none.
        """
        smplify = self._smplify
        if smplify.profile.solver is Solver.ADAM:
            return (
                self.network.fit(keypoints, people)
                if start is None
                else (smplify.fit(keypoints, start))
            )
        opinion = self.network.opinion(keypoints, people)
        if start is None:
            fits = smplify.fit(keypoints, opinion.target, estimate_prior=opinion)
            return with_arms_tried(smplify, keypoints, fits, opinion)
        count = len(keypoints)
        here = start.to(device=smplify.body.device, dtype=smplify.body.dtype)
        both = smplify.fit(
            keypoints.repeated(2),
            joined_rows([opinion.target, here]),
            estimate_prior=opinion.of_rows(torch.arange(count).repeat(2)),
        )
        rows = torch.arange(count)
        from_head, from_start = both.of_rows(rows), both.of_rows(count + rows)
        # What was minimised: of the pose prior only the share that the head's opinion leaves.
        left = 1 - opinion.pose_prior_share
        costs = [
            each.losses.total - left * each.losses.pose_prior for each in (from_head, from_start)
        ]
        lower = costs[1] < costs[0]
        fits = from_head.with_rows_of(from_start, lower)
        return with_arms_tried(smplify, keypoints, fits, opinion)
