"""What correcting each keypoint of people would gain, all keypoints of a batch at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.touches.features import touch_features
from core.engine.failure_detection.touches.influence import keypoint_influence
from core.engine.failure_detection.touches.other_places import (
    LeftOut,
    head_without,
    lifter_without,
)
from core.engine.failure_detection.touches.touch_model import TouchModel
from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.regression.lifter import Lifter
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.smplify import Smplify


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

    @torch.no_grad()
    def gains(self, keypoints: Keypoints2D, people: SeenPeople, fit: BodyEstimate) -> TouchGains:
        """Expected gains of B people; a person's own do not depend on the others.

        Args:
            keypoints: B samples, with their directions of bones.
            people: the same people as the head sees them.
            fit: their bodies, for the cameras of the keypoints.
        """
        body = self._smplify.body
        left_out, features = self.features(keypoints, people, fit)
        gains = self.expected_gain_mm(features)
        of_place = torch.full(
            (len(keypoints), body.num_distinct), torch.nan, dtype=gains.dtype, device=gains.device
        )
        of_place[left_out.person, left_out.keypoint] = gains
        by_name = of_place[:, body.distinct_of_keypoint]
        there = keypoints.body_confidence.to(by_name.device) > 0
        return TouchGains(torch.where(there, by_name, torch.nan))

    @property
    def body(self) -> KeypointBody:
        """Whose distinct keypoints pairs are of."""
        return self._smplify.body

    def expected_gain_mm(self, features: Mapping[str, Tensor]) -> Tensor:
        """The gain ``(R,)`` of pairs by their features ``(R,)``."""
        return self._model.expected_gain_mm(features)

    @torch.no_grad()
    def features(
        self, keypoints: Keypoints2D, people: SeenPeople, fit: BodyEstimate
    ) -> tuple[LeftOut, dict[str, Tensor]]:
        """The pairs of person and keypoint, and what is known of each; arguments as ``gains``."""
        body = self._smplify.body
        keypoints = keypoints.to(device=body.device, dtype=body.dtype)
        fit = fit.to(device=body.device, dtype=body.dtype)
        opinion = self._network.opinion(keypoints, people)
        left_out = LeftOut.of(keypoints, body)
        found = touch_features(
            body,
            keypoints,
            keypoint_influence(self._smplify, keypoints, fit, opinion),
            left_out,
            head=head_without(
                self._head, body, people, keypoints, left_out, has_betas=self._head_has_betas
            ),
            lifter=lifter_without(
                self._lifter, body, keypoints, left_out, has_betas=self._lifter_has_betas
            ),
            in_picture=people.in_picture,
        )
        return left_out, found
