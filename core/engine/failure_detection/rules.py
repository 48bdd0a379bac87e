"""Kinds that follow a rule: a measure, a limit, and a score that is one half at the limit."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.conventions import IGNORED_KEYPOINTS
from core.engine.failure_detection.posed_inputs import PosedEvidence, mean_over_opinions
from core.engine.smplify.search_selection import body_distance

RULE_THRESHOLD = 0.5
"""A rule is broken where its score reaches this."""


@dataclass(frozen=True)
class Rule:
    """``score = 1 / (1 + exp(-(measure - limit) / width))``."""

    limit: float
    width: float

    def score(self, measure: Tensor) -> Tensor:
        """Scores of measures of any shape; 0 where the measure is NaN."""
        scores = torch.sigmoid((measure - self.limit) / self.width)
        return torch.nan_to_num(scores, nan=0.0)


LARGEST_BETA = Rule(limit=3.0, width=0.5)
"""Of the largest |β|. The limit is the dictionary's, beyond which a shape does not supervise."""

LOG_REPROJECTION = Rule(limit=4.605170185988092, width=0.4)
"""Of the logarithm of the comparison loss: 100 px², the dictionary's limit."""

MISSING_KEYPOINTS = Rule(limit=-7.5, width=1.0)
"""Of minus the number of usable keypoints: fewer than 8, the dictionary's limit."""

DISAGREEMENT_MM = Rule(limit=120.0, width=25.0)
"""Of the distance of 14 joints after Procrustes between fit and prediction."""


def largest_beta(posed: PosedEvidence) -> Tensor:
    """The largest |β| ``(B,)``."""
    return posed.fit.betas.abs().amax(1)


def log_comparison(posed: PosedEvidence) -> Tensor:
    """Logarithm of the comparison loss ``(B,)``; infinite without joints to compare by."""
    return posed.comparison_px2.clamp_min(1e-2).log()


def minus_usable_keypoints(posed: PosedEvidence) -> Tensor:
    """Minus the number ``(B,)`` of joints that the body stage can use."""
    counted = posed.keypoints.confidence > 0
    counted[:, list(IGNORED_KEYPOINTS)] = False
    return -counted.sum(1).to(posed.fit.betas.dtype)


def distance_from_opinions_mm(posed: PosedEvidence) -> Tensor:
    """Mean distance ``(B,)`` of 14 joints after Procrustes from the opinions; NaN without any."""
    fit = posed.fit.keypoints
    distances = [1e3 * body_distance(fit, one.body.keypoints) for one in posed.opinions]
    return mean_over_opinions(distances, posed)
