"""Two bodies of one sample against each other, and each against the sample's keypoints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.body.body_difference import BodyDifference, body_difference
from core.body.keypoint_body import KeypointBody
from core.body.model import BodyModel
from core.fitting.comparison import comparison_loss
from core.fitting.problem import BodyEstimate, Keypoints2D
from core.records import BodyParameters, FloatArray


@dataclass(frozen=True, eq=False)
class Comparison:
    """The difference, and both comparison losses in px² a joint, measured alike.

    None where the sample has no keypoint to measure by.
    """

    difference: BodyDifference
    first_loss_px2: float | None
    second_loss_px2: float | None


class BodyComparer:
    """Compares bodies of one model; used by one thread at a time."""

    def __init__(self, body: BodyModel) -> None:
        self._body = body
        self._keypoint_body: KeypointBody | None = None

    def compare(
        self, first: BodyParameters, second: BodyParameters, keypoints_crop_px: FloatArray
    ) -> Comparison:
        """Both bodies are measured with a camera solved afresh, whatever their own cameras."""
        self._keypoint_body = self._keypoint_body or KeypointBody(self._body)
        both = [
            torch.from_numpy(np.stack([getattr(first, name), getattr(second, name)]))
            for name in ("pose_axis_angle", "betas", "camera_translation")
        ]
        seen = Keypoints2D.of(np.stack([keypoints_crop_px, keypoints_crop_px]))
        losses = comparison_loss(self._keypoint_body, BodyEstimate(*both), seen).tolist()
        known = [loss if np.isfinite(loss) else None for loss in losses]
        return Comparison(body_difference(self._body, first, second), known[0], known[1])
