"""All flags of a batch of fits: scores, what is raised and why, suspicion, informativeness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection import reasons
from core.engine.failure_detection.features import Measures, measure
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.failure_detection.intersection import PENETRATION
from core.engine.failure_detection.logistic_models import BODY, Calibration
from core.engine.failure_detection.plausibility import pose_score
from core.engine.failure_detection.posed_inputs import PosedInputs
from core.engine.failure_detection.rules import (
    BESIDE_PX,
    DISAGREEMENT_MM,
    LARGEST_BETA,
    LOG_REPROJECTION,
    MISSING_KEYPOINTS,
    RULE_THRESHOLD,
    beside_px,
    largest_beta,
    log_comparison,
    minus_usable_keypoints,
)
from core.engine.failure_detection.suspicion import any_part, body_features, informativeness
from core.engine.smplify.pose_prior import PosePrior
from core.types.flags import CALIBRATED_FLAGS, FlagName


@dataclass(frozen=True, eq=False)
class FlagScores:
    """What flags say of B fits; every score in 0..1, larger is worse.

    scores, raised: (B,) by kind. parts: (B, 8) probability that each limb is wrong, whether it is
    seen or not; the kind of that name asks those alone that are. wrong_body:
    (B,) probability that the joints are off by more than 100 mm after Procrustes. suspicion: (B,)
    the largest one of this, of the probability that the root is wrong, and of the score for lying
    beside the person. informativeness: (B,).
    """

    scores: Mapping[FlagName, Tensor]
    raised: Mapping[FlagName, Tensor]
    parts: Tensor
    wrong_body: Tensor
    suspicion: Tensor
    informativeness: Tensor
    measures: Measures

    def __len__(self) -> int:
        return len(self.suspicion)

    @cached_property
    def raised_kinds(self) -> list[list[FlagName]]:
        """The kinds that are raised, fit by fit."""
        kinds = list(self.raised)
        rows = torch.stack([self.raised[kind] for kind in kinds], dim=1).tolist()
        return [[kind for kind, raised in zip(kinds, row, strict=True) if raised] for row in rows]

    def reasons(self, index: int) -> dict[FlagName, str]:
        """Why each raised flag of one fit was raised, in words."""
        return {
            kind: reasons.reason(kind, self.measures, self.parts, index)
            for kind in self.raised_kinds[index]
        }


class FlagAssessor:
    """Computes flags by one calibration; holds nothing of the samples it has seen."""

    def __init__(
        self, body: KeypointBody, prior: PosePrior, calibration: Calibration | None = None
    ) -> None:
        self._body, self._prior = body, prior
        self._calibration = calibration or Calibration.load()

    @torch.no_grad()
    def assess(self, inputs: FlagInputs) -> FlagScores:
        """Flags of a batch; a sample's own do not depend on the others."""
        measures = measure(self._body, self._prior, inputs)
        logits = calibrated_logits(self._calibration, measures)
        features = body_features(measures, logits)
        body = self._calibration.models[BODY].logit(features, measures.posed)
        scores = self._scores(measures, logits)
        # A body that lies elsewhere is wrong in the picture, however right its pose.
        place = torch.maximum(scores[FlagName.ORIENTATION], scores[FlagName.BESIDE])
        suspicion = torch.maximum(torch.sigmoid(body), place)
        parts = torch.sigmoid(logits[FlagName.PART_ORIENTATION])
        return FlagScores(
            scores=scores,
            raised={
                kind: score >= self._thresholds(kind, measures.posed)
                for kind, score in scores.items()
            },
            parts=parts,
            wrong_body=torch.sigmoid(body),
            suspicion=suspicion,
            informativeness=informativeness(suspicion, measures.distance_mm),
            measures=measures,
        )

    def _thresholds(self, kind: FlagName, posed: PosedInputs) -> Tensor:
        """The scores ``(B,)`` from which a kind is raised."""
        calibration = self._calibration
        seen, elsewhere = (
            torch.full_like(posed.comparison_px2, thresholds.get(kind, RULE_THRESHOLD))
            for thresholds in (calibration.picture_thresholds, calibration.thresholds)
        )
        return torch.where(posed.has_picture, seen, elsewhere)

    @staticmethod
    def _scores(measures: Measures, logits: Mapping[FlagName, Tensor]) -> dict[FlagName, Tensor]:
        posed = measures.posed
        return {
            FlagName.ORIENTATION: torch.sigmoid(logits[FlagName.ORIENTATION]),
            FlagName.PART_ORIENTATION: any_part(
                logits[FlagName.PART_ORIENTATION], measures.limbs_seen
            ),
            FlagName.BETAS: LARGEST_BETA.score(largest_beta(posed)),
            FlagName.DEPTH: torch.sigmoid(logits[FlagName.DEPTH]),
            FlagName.REPROJECTION: LOG_REPROJECTION.score(log_comparison(posed)),
            FlagName.BESIDE: BESIDE_PX.score(beside_px(posed)),
            FlagName.POSE: pose_score(measures.energy_ratio, measures.beyond_deg),
            FlagName.SELF_INTERSECTION: PENETRATION.score(measures.penetration.amax(1)),
            FlagName.DISAGREEMENT: DISAGREEMENT_MM.score(measures.distance_mm),
            FlagName.FEW_KEYPOINTS: MISSING_KEYPOINTS.score(minus_usable_keypoints(posed)),
        }


def features_by_kind(measures: Measures) -> dict[FlagName, dict[str, Tensor]]:
    """What the models of the calibrated kinds may take, ``(B,)``, and ``(B, 8)`` for parts."""
    return {
        FlagName.ORIENTATION: measures.orientation | measures.picture,
        FlagName.PART_ORIENTATION: measures.parts,
        FlagName.DEPTH: measures.depth | measures.picture | measures.posture,
    }


def calibrated_logits(calibration: Calibration, measures: Measures) -> dict[FlagName, Tensor]:
    """Logits of the calibrated kinds: ``(B,)``, and ``(B, 8)`` for parts."""
    features = features_by_kind(measures)
    return {
        kind: calibration.models[kind].logit(features[kind], measures.posed)
        for kind in CALIBRATED_FLAGS
    }
