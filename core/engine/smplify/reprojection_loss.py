"""The number by which the dictionary compares two fits of a sample."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.camera_translation import least_squares_translation, refined_translation
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.robust import robust_square
from core.errors import StudioError
from core.geometry.camera_solve_limits import COMPARISON_SIGMA_PX
from core.geometry.crop_camera import project_to_crop

_FIRST_GROUND_TRUTH_JOINT = 25
_ENOUGH_FOR_A_CAMERA = 2

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

    ``studio``: the camera is solved afresh, the same way for every fit, from all joints that count;
    the loss is ``Σ w² ρ / Σ w²``, per fully confident joint. A sample without such joints gets
    infinity: it says nothing for a fit.

    ``paper``: linear least squares on the annotated joints 25..48 – on all where fewer than two are
    there –, and the mean of ``w² ρ`` over all 49, absent ones counted as zeros: fault 2 of
    docs/method.md, "Faults of the published code".

    Raises:
        StudioError: for another rule.
    """
    if rule not in ("studio", "paper"):
        raise StudioError(f"There is no comparison rule {rule!r}, expected 'studio' or 'paper'.")
    estimate = estimate.to(device=body.device, dtype=body.dtype)
    keypoints = keypoints.to(device=body.device, dtype=body.dtype)
    points = body.keypoints(estimate.rotations, estimate.betas)
    if rule == "paper":
        return _paper_loss(points, keypoints)
    confidence, seen = keypoints.body_confidence, keypoints.positions_crop_px
    start = least_squares_translation(points, seen, confidence**2)
    _, error = refined_translation(points, seen, confidence, start, sigma_px=COMPARISON_SIGMA_PX)
    counted = (confidence**2).sum(1)
    return torch.where(counted > 0, error / counted.clamp_min(1e-12), torch.inf)


def _paper_loss(points: Tensor, keypoints: Keypoints2D) -> Tensor:
    annotated = keypoints.confidence.clone()
    annotated[:, :_FIRST_GROUND_TRUTH_JOINT] = 0
    enough = (annotated > 0).sum(1, keepdim=True) >= _ENOUGH_FOR_A_CAMERA
    weights = torch.where(enough, annotated, keypoints.confidence)
    translation = least_squares_translation(points, keypoints.positions_crop_px, weights)
    residual = project_to_crop(points, translation) - keypoints.positions_crop_px
    errors = robust_square(residual, COMPARISON_SIGMA_PX).sum(-1)
    return (keypoints.body_confidence**2 * errors).mean(1)
