"""What correcting each keypoint of people would gain, all keypoints of a batch at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.conventions import KEYPOINT_TWINS
from core.body.label_checks.critic import LabelCritic
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.touches.candidates import LeftOut, asked_names
from core.engine.failure_detection.touches.features import PlaceOpinions, touch_features
from core.engine.failure_detection.touches.influence import keypoint_influence
from core.engine.failure_detection.touches.inputs import TouchInputs
from core.engine.failure_detection.touches.other_places import head_without, lifter_without
from core.engine.failure_detection.touches.picture_features import (
    SEEN_LANDMARK,
    flag_doubts,
    label_doubts,
    landmark_marks,
    picture_margin_px,
)
from core.engine.failure_detection.touches.touch_model import TouchModel
from core.engine.failure_detection.touches.trials import trial_moves_mm
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.lifter import Lifter
from core.engine.smplify.corrected_fit import CorrectedFitting
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.smplify import Smplify

WORTH_A_TRIAL_MM = 0.5
"""Expected gain from which a touch is tried: of most people's keypoints one or none."""


@dataclass(frozen=True, eq=False)
class TouchGains:
    """What a touch of each keypoint of B people would gain.

    gain_mm: (B, 49) of mean 3D error, NaN where there is no keypoint that counts; alike for the
    names of one place of the body.
    """

    gain_mm: Tensor

    def best(self) -> tuple[Tensor, Tensor]:
        """The best gain ``(B,)``, NaN where nothing counts, and the keypoint ``(B,)`` it is of."""
        shown = self.gain_mm.nan_to_num(nan=-torch.inf)
        gain, keypoint = shown.max(1)
        return torch.where(torch.isfinite(gain), gain, torch.nan), keypoint


@dataclass(frozen=True, eq=False)
class TouchPairs:
    """R pairs of person and keypoint.

    features: ``TOUCH_FEATURES``, (R,) each. head_px: (R, 2) of the crop, where the head has the
    keypoint that was not given it.
    """

    left_out: LeftOut
    features: Mapping[str, Tensor]
    head_px: Tensor

    def rows(self, chosen: Tensor) -> TouchPairs:
        """Some of the pairs."""
        features = {name: value[chosen] for name, value in self.features.items()}
        return TouchPairs(self.left_out.rows(chosen), features, self.head_px[chosen])

    def promising(self, gains_mm: Tensor) -> Tensor:
        """``(R,)`` bool: which are worth a trial, by gains ``(R,)``; missing ones never are.

        The fit has a missing joint about where the head has it already.
        """
        return ~self.left_out.missing & (gains_mm > WORTH_A_TRIAL_MM)


class TouchRanker:
    """Computes expected gains; holds nothing of the people it has seen."""

    def __init__(
        self,
        smplify: Smplify,
        head: DetectorHead,
        lifter: Lifter,
        *,
        body_name: str,
        model: TouchModel | None = None,
    ) -> None:
        self._smplify, self._head, self._lifter = smplify, head, lifter
        self._network = NetworkFitting(smplify, head, body_name=body_name)
        self._head_has_betas = head.body_name == body_name
        self._lifter_has_betas = lifter.body_name == body_name
        self._model = model or TouchModel.load()
        self._critic = LabelCritic.load()
        self._fitting = CorrectedFitting(smplify, body_name=body_name, network=self._network)

    @torch.no_grad()
    def gains(self, inputs: TouchInputs) -> TouchGains:
        """Expected gains of B people; a person's own do not depend on the others."""
        by_name = self.gains_of_places(inputs)[:, self._smplify.body.distinct_of_keypoint]
        return TouchGains(torch.where(_asked(inputs.flags.keypoints, by_name), by_name, torch.nan))

    @torch.no_grad()
    def gains_of_places(self, inputs: TouchInputs) -> Tensor:
        """The same ``(B, U)`` of distinct keypoints, NaN of those that are not asked for."""
        pairs = self.pairs(inputs)
        gains = self._model.untried_gain_mm(pairs.features)
        promising = pairs.promising(gains)
        moved = self.trial_moves_mm(inputs, pairs.rows(promising))
        gains[promising] = self._model.tried_gain_mm(moved).to(gains)
        of_place = gains.new_full((len(inputs.people), self._smplify.body.num_distinct), torch.nan)
        of_place[pairs.left_out.person, pairs.left_out.keypoint] = gains
        return of_place

    @property
    def body(self) -> KeypointBody:
        """Whose distinct keypoints pairs are of."""
        return self._smplify.body

    @property
    def model(self) -> TouchModel:
        """What it says of features."""
        return self._model

    @torch.no_grad()
    def trial_moves_mm(self, inputs: TouchInputs, pairs: TouchPairs) -> Tensor:
        """How far the joints ``(R,)`` of people move with the keypoint where the head has it."""
        body = self._smplify.body
        return trial_moves_mm(self._fitting, body, inputs, pairs.left_out, pairs.head_px)

    @torch.no_grad()
    def pairs(self, inputs: TouchInputs) -> TouchPairs:
        """The pairs of person and keypoint, and what is known of each.

        A missing joint that the fit has outside the picture is in no pair.
        """
        body, people = self._smplify.body, inputs.people
        keypoints = inputs.flags.keypoints.to(device=body.device, dtype=body.dtype)
        fit = inputs.flags.fit.to(device=body.device, dtype=body.dtype)
        influence = keypoint_influence(
            self._smplify, keypoints, fit, self._network.opinion(keypoints, people)
        )
        inside = picture_margin_px(influence.projected_px, inputs.picture.bounds) > 0
        left_out = LeftOut.of(keypoints, body)
        shown = ~left_out.missing | inside[left_out.person, left_out.keypoint]
        left_out = left_out.rows(shown)
        opinions = self._opinions(inputs, keypoints, left_out)
        features = touch_features(
            body,
            keypoints,
            influence,
            left_out,
            opinions,
            bounds=inputs.picture.bounds,
            in_picture=people.in_picture,
        )
        return TouchPairs(left_out, features, opinions.head)

    def _opinions(
        self, inputs: TouchInputs, keypoints: Keypoints2D, left_out: LeftOut
    ) -> PlaceOpinions:
        body, pair = self._smplify.body, (left_out.person, left_out.keypoint)
        at, visible = landmark_marks(body, inputs.picture)
        seen = visible > SEEN_LANDMARK
        doubts = label_doubts(body, self._critic, keypoints) | flag_doubts(body, inputs.scores)
        return PlaceOpinions(
            head=head_without(
                self._head,
                body,
                inputs.people,
                keypoints,
                left_out,
                has_betas=self._head_has_betas,
            ).place_px,
            lifter=lifter_without(
                self._lifter, body, keypoints, left_out, has_betas=self._lifter_has_betas
            ).place_px,
            landmark=torch.where(seen[..., None], at, torch.nan)[pair],
            landmark_seen=visible[pair],
            others=_other_places(body, inputs)[pair],
            doubts={name: value[pair] for name, value in doubts.items()},
        )


def _other_places(body: KeypointBody, inputs: TouchInputs) -> Tensor:
    """The mean place ``(B, U, 2)`` of all other estimates of the bodies; NaN without any."""
    alternatives = inputs.scores.measures.posed.alternatives
    first = [body.distinct_of_keypoint.tolist().index(which) for which in range(body.num_distinct)]
    shown = [
        torch.where(other.present[:, None, None], other.body.pixels[:, first], torch.nan)
        for other in alternatives
    ]
    count = len(inputs.people)
    nothing = torch.full((1, count, len(first), 2), torch.nan, dtype=body.dtype)
    return torch.cat([nothing.to(body.device), *(each[None] for each in shown)]).nanmean(0)


def _asked(keypoints: Keypoints2D, gains: Tensor) -> Tensor:
    """``(B, 49)`` bool: the names by which people are asked for keypoints with gains ``(B, 49)``.

    Those that are there, and the one name of a joint that is missing.
    """
    there = keypoints.body_confidence.to(gains) > 0
    twin_there = there.clone()
    for index, twins in enumerate(KEYPOINT_TWINS):
        twin_there[:, index] |= there[:, list(twins)].any(1)
    return there | (asked_names(keypoints.confidence.to(gains) > 0) & ~twin_there)
