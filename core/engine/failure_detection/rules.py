"""Kinds that follow a rule: a measure, a limit, and a score that is one half at the limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.reprojection_loss import own_reprojection_loss
from core.body.usable_keypoints import usable_keypoint_count
from core.engine.failure_detection.posed_inputs import PosedInputs, mean_over_alternatives
from core.engine.smplify.search_selection import body_distance
from core.types.limits import FEW_KEYPOINTS, VALID_COMPARISON_LOSS_PX2, VALID_MAX_ABS_BETA

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


LARGEST_BETA = Rule(limit=VALID_MAX_ABS_BETA, width=0.5)
"""Of the largest |β|: the limit beyond which a shape does not supervise."""

LOG_REPROJECTION = Rule(limit=math.log(VALID_COMPARISON_LOSS_PX2), width=0.4)
"""Of the logarithm of the comparison loss: the limit from which a pose does not supervise."""

BESIDE_PX = Rule(limit=15.0, width=3.0)
"""Of how far the body's own camera puts it beside its person: a fifteenth of the crop. Fits of this
program lie where they are best seen; those of regressors, by 3 to 8 px beside."""

MISSING_KEYPOINTS = Rule(limit=0.5 - FEW_KEYPOINTS, width=1.0)
"""Of minus the number of usable keypoints: half a keypoint short of enough of them."""

DISAGREEMENT_MM = Rule(limit=120.0, width=25.0)
"""Of the distance of 14 joints after Procrustes between fit and prediction."""


def largest_beta(posed: PosedInputs) -> Tensor:
    """The largest |β| ``(B,)``."""
    return posed.fit.betas.abs().amax(1)


def log_comparison(posed: PosedInputs) -> Tensor:
    """Logarithm of the comparison loss ``(B,)``; infinite without joints to compare by."""
    return posed.comparison_px2.clamp_min(1e-2).log()


def beside_px(posed: PosedInputs) -> Tensor:
    """How far bodies lie beside their people where they stand, ``(B,)`` px of the crop.

    The comparison loss solves for the camera, so it does not tell; NaN without joints.
    """
    keypoints = posed.keypoints
    own = own_reprojection_loss(posed.fit.pixels, keypoints.positions_crop_px, keypoints.confidence)
    beside: Tensor = (own - posed.comparison_px2).clamp_min(0).sqrt()
    return beside


def minus_usable_keypoints(posed: PosedInputs) -> Tensor:
    """Minus the number ``(B,)`` of joints that the body stage can use."""
    count: Tensor = usable_keypoint_count(posed.keypoints.confidence)
    return -count.to(posed.fit.betas.dtype)


def distance_from_alternatives_mm(posed: PosedInputs) -> Tensor:
    """Mean distance ``(B,)`` of 14 joints after Procrustes from the alternatives, or NaN."""
    fit = posed.fit.keypoints
    distances = [
        1e3 * body_distance(fit, alternative.body.keypoints) for alternative in posed.alternatives
    ]
    return mean_over_alternatives(distances, posed)
