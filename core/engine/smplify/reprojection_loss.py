"""The number by which the dictionary compares two fits of a sample.

    comparison = min_t Σ_j w_j² (ρ(dx_j) + ρ(dy_j)) / Σ_j w_j²            σ = 100 px

in px² of the crop per fully confident joint, IGNORED_KEYPOINTS left out. docs/method.md, "The
normalised reprojection loss".
"""

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

    ``studio`` solves for the camera in the same way for every fit, from all joints that count, and
    divides by Σ_j w_j². A sample without such joints gets infinity: it says nothing for a fit.

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
    confidence, seen = keypoints.body_confidence, keypoints.positions_crop_px
    start = least_squares_translation(points, seen, confidence**2)
    _, error = refined_translation(points, seen, confidence, start, sigma_px=COMPARISON_SIGMA_PX)
    # 1e-12 keeps 0/0 out of the branch that ∞ replaces.
    counted = (confidence**2).sum(1)
    return torch.where(counted > 0, error / counted.clamp_min(1e-12), torch.inf)


def _paper_loss(points: Tensor, keypoints: Keypoints2D) -> Tensor:
    # A camera has three unknowns and a joint tells two; one joint would leave the depth open.
    annotated = keypoints.confidence.clone()
    annotated[:, :_FIRST_GROUND_TRUTH_JOINT] = 0
    enough = (annotated > 0).sum(1, keepdim=True) >= _ENOUGH_FOR_A_CAMERA
    weights = torch.where(enough, annotated, keypoints.confidence)
    translation = least_squares_translation(points, keypoints.positions_crop_px, weights)
    residual = project_to_crop(points, translation) - keypoints.positions_crop_px
    errors = robust_square(residual, COMPARISON_SIGMA_PX).sum(-1)
    return (keypoints.body_confidence**2 * errors).mean(1)
