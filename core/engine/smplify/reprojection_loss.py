"""The number by which the dictionary compares two fits of a sample, for batches of estimates.

``core.body.reprojection_loss`` has the formula; docs/method.md, "The normalised reprojection loss".
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from core.body.reprojection_loss import COMPARISON_SIGMA_PX, normalised_reprojection_loss
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.errors import StudioError
from core.geometry.camera_translation import least_squares_translation
from core.geometry.crop_camera import project_to_crop
from core.geometry.robust import robust_square

_FIRST_GROUND_TRUTH_JOINT = 25
_ENOUGH_FOR_A_CAMERA = 2
"""A camera has three unknowns and a joint tells two: one joint would leave the depth open."""

ComparisonRule = Literal["studio", "paper"]


@torch.no_grad()
def comparison_loss(
    body: KeypointBody,
    estimate: BodyEstimate,
    keypoints: Keypoints2D,
    *,
    rule: ComparisonRule = "studio",
) -> Tensor:
    """How badly fits reproject, ``(B,)`` in px² of the crop; their own cameras do not matter.

    ``studio`` is ``normalised_reprojection_loss``: a sample without joints that count gets
    infinity.

    ``paper`` takes linear least squares over the annotated joints 25 to 48, or over all 49 where
    fewer than two of those are there, and the mean of w_j² ρ over all 49, absent ones counted as
    zeros: fault 2 of docs/method.md, "Faults of the published code".

    Args:
        body: poses the fits.
        estimate: B fits.
        keypoints: of the same B samples, in the crop without augmentation.
        rule: ``studio`` or ``paper``.

    Raises:
        StudioError: there is no such rule.
    """
    if rule not in ("studio", "paper"):
        raise StudioError(f"There is no comparison rule {rule!r}, expected 'studio' or 'paper'.")
    estimate = estimate.to(device=body.device, dtype=body.dtype)
    keypoints = keypoints.to(device=body.device, dtype=body.dtype)
    points = body.keypoints(estimate.rotations, estimate.betas)
    if rule == "paper":
        return _paper_loss(points, keypoints)
    return normalised_reprojection_loss(
        points, keypoints.positions_crop_px, keypoints.confidence, keypoints.cameras
    )


def _paper_loss(points: Tensor, keypoints: Keypoints2D) -> Tensor:
    # Ignored keypoints count for the camera but not for the loss, and the camera is weighted by w
    # and not by w²: both as published.
    annotated = keypoints.confidence.clone()
    annotated[:, :_FIRST_GROUND_TRUTH_JOINT] = 0
    enough = (annotated > 0).sum(1, keepdim=True) >= _ENOUGH_FOR_A_CAMERA
    weights = torch.where(enough, annotated, keypoints.confidence)
    translation = least_squares_translation(points, keypoints.positions_crop_px, weights)
    residual = project_to_crop(points, translation) - keypoints.positions_crop_px
    errors = robust_square(residual, COMPARISON_SIGMA_PX).sum(-1)
    return (keypoints.body_confidence**2 * errors).mean(1)
