"""What counts as a failure of a fit, told from the truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.limbs import angle_deg, limb_directions
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.search_selection import body_distance
from core.geometry.rotations import geodesic_angle

WRONG_ROOT_DEG = 60.0
WRONG_LIMB_DEG = 45.0
WRONG_DEPTH = math.log(1.15)
WRONG_BETAS = 5.0
WRONG_BODY_MM = 100.0
_FEET_TO_HEAD = 1
"""The vertical axis of a body in T-pose."""


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of B fits.

    root_deg: (B,); limbs_deg: (B, 8) between directions in the camera frame; body_mm: (B,) 14
    joints after Procrustes; betas: (B,) distance of the betas; log_depth: (B,) of the camera's
    distance over the true one; log_scale: the same for the body's size: what remains of log_depth
    once the true and the fitted stature are taken out.
    """

    root_deg: Tensor
    limbs_deg: Tensor
    body_mm: Tensor
    betas: Tensor
    log_depth: Tensor
    log_scale: Tensor

    @property
    def wrong_root(self) -> Tensor:
        """``(B,)``: the root is off by more than 60°."""
        return self.root_deg > WRONG_ROOT_DEG

    @property
    def wrong_limbs(self) -> Tensor:
        """``(B, 8)``: the limb is off by more than 45°."""
        return self.limbs_deg > WRONG_LIMB_DEG

    @property
    def wrong_depth(self) -> Tensor:
        """``(B,)``: the camera is off by more than 15 %, for a body of the fit's size."""
        return self.log_scale.abs() > WRONG_DEPTH

    @property
    def wrong_depth_in_metres(self) -> Tensor:
        """``(B,)``: the camera is off by more than 15 %, people's unknown size included."""
        return self.log_depth.abs() > WRONG_DEPTH

    @property
    def wrong_betas(self) -> Tensor:
        """``(B,)``: farther from the truth than the mean shape is from 99 of 100 people."""
        return self.betas > WRONG_BETAS

    @property
    def wrong_body(self) -> Tensor:
        """``(B,)``: joints off by more than 100 mm after Procrustes."""
        return self.body_mm > WRONG_BODY_MM


def errors_of(body: KeypointBody, fit: BodyEstimate, truth: BodyEstimate) -> Errors:
    """Compare fits with the truth."""
    fit, truth = (estimate.to(device=body.device, dtype=body.dtype) for estimate in (fit, truth))
    fitted, true = fit.rotations, truth.rotations
    fitted_body, true_body = body.posed(fitted, fit.betas), body.posed(true, truth.betas)
    index = body.distinct_of_keypoint
    log_depth = (fit.camera_translation[:, 2] / truth.camera_translation[:, 2]).log()
    return Errors(
        root_deg=torch.rad2deg(geodesic_angle(fitted[:, 0], true[:, 0])),
        limbs_deg=angle_deg(limb_directions(fitted_body.joints), limb_directions(true_body.joints)),
        body_mm=1e3 * body_distance(fitted_body.distinct[:, index], true_body.distinct[:, index]),
        betas=torch.linalg.vector_norm(fit.betas - truth.betas, dim=1),
        log_depth=log_depth,
        log_scale=log_depth - (_stature(body, fit.betas) / _stature(body, truth.betas)).log(),
    )


def _stature(body: KeypointBody, betas: Tensor) -> Tensor:
    """Height ``(B,)`` in metres from the lowest to the highest keypoint of the T-pose."""
    rest = torch.eye(3, dtype=body.dtype, device=body.device).expand(len(betas), 24, 3, 3)
    heights = body.keypoints(rest, betas)[..., _FEET_TO_HEAD]
    return heights.amax(1) - heights.amin(1)
