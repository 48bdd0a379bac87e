"""Two bodies of one sample against each other, and each against the sample's keypoints."""

from __future__ import annotations

from dataclasses import dataclass

from core.body.body_difference import BodyDifference, body_difference
from core.body.display_body import DisplayBody
from core.body.reprojection_loss import compared_bodies
from core.types.arrays import FloatArray
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera


@dataclass(frozen=True, eq=False)
class Comparison:
    """The difference, and both comparison losses in px² a joint, measured alike.

    None where the sample has no keypoint to measure by.
    """

    difference: BodyDifference
    first_loss_px2: float | None
    second_loss_px2: float | None


class BodyComparer:
    """Compares bodies of one model; safe to use from every thread."""

    def __init__(self, body: DisplayBody) -> None:
        self._body = body

    def compare(
        self,
        first: BodyParameters,
        second: BodyParameters,
        keypoints_crop_px: FloatArray,
        camera: CropCamera = LONG_LENS,
    ) -> Comparison:
        """Both bodies are measured under one camera, with the translation solved again."""
        losses = compared_bodies(self._body, keypoints_crop_px, [first, second], camera)
        first_loss, second_loss = losses or (None, None)
        return Comparison(body_difference(self._body, first, second), first_loss, second_loss)
