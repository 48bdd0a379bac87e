"""The losses of the regressor, each a mean, weighted and added up.

    keypoints_2d = mean of w_j (x_j − x*_j)²        over B · 49 · 2 numbers, in half-crops
    keypoints_3d = mean of w_j (X_j − X*_j)²        joints 25 to 48 of samples that have them, m²
    pose         = mean of (R_j − R*_j)²            24 · 9 entries, where the pose is valid
    betas        = mean of (β_i − β*_i)²            where the shape is valid
    camera       = mean of exp(−10 s)²              over all samples

Source: Kolotouros et al. 2019, sections 3.2 and 3.4, with the weights of its supplement and code;
docs/method.md, "Losses".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.geometry.crop_camera import CROP_CENTER_PX, CropCameras, project_to_crop
from core.runs.training_configuration import TrainingConfiguration

FIRST_ANNOTATED = 25
"""Keypoints before this one are OpenPose's, those from it on are annotated ones."""
_HIPS = (27, 28)
_CAMERA_STEEPNESS = 10.0
"""exp(−10 s)² is 1 at a scale of 0 and 1.5e-8 at the mean scale of 0.9: a wall, not a pull."""


@dataclass(frozen=True, eq=False)
class RegressorBodies:
    """The regressor's bodies of B people, posed, in the frame of their (augmented) crops.

    rotations: (B, 24, 3, 3). betas: (B, 10). camera_scale: (B,), s of the weak perspective.
    camera_translation: (B, 3) metres. keypoints: (B, 49, 3) metres, not translated. cameras: of the
    crops, B of them; None for the long lens.
    """

    rotations: Tensor
    betas: Tensor
    camera_scale: Tensor
    camera_translation: Tensor
    keypoints: Tensor
    cameras: CropCameras[Tensor] | None = None

    @property
    def projected_px(self) -> Tensor:
        """Where the keypoints are seen, ``(B, 49, 2)`` in crop pixels."""
        return project_to_crop(self.keypoints, self.camera_translation, self.cameras)


@dataclass(frozen=True, eq=False)
class Supervision:
    """What the regressor should predict, in the frame of the (augmented) crops.

    keypoints_crop_px: (B, 49, 3) x, y, confidence.
    rotations (B, 24, 3, 3), betas (B, 10): only where pose_valid (B,) and shape_valid (B,) hold.
    joints_3d: (B, 49, 4) metres and confidence, all zero where nothing is known.
    """

    keypoints_crop_px: Tensor
    rotations: Tensor
    pose_valid: Tensor
    betas: Tensor
    shape_valid: Tensor
    joints_3d: Tensor


def regressor_losses(
    predicted: RegressorBodies, supervision: Supervision, configuration: TrainingConfiguration
) -> dict[str, Tensor]:
    """The weighted parts by name, scalars that ``loss_scale`` multiplies, and their ``total``."""
    parts = {
        "keypoints_2d": configuration.keypoints_2d_weight
        * _keypoints_2d(predicted, supervision, configuration),
        "keypoints_3d": configuration.keypoints_3d_weight * _keypoints_3d(predicted, supervision),
        "pose": configuration.pose_weight
        * _mean_square(predicted.rotations - supervision.rotations, supervision.pose_valid),
        "betas": configuration.betas_weight
        * _mean_square(predicted.betas - supervision.betas, supervision.shape_valid),
        "camera": configuration.camera_weight
        * _mean(torch.exp(-_CAMERA_STEEPNESS * predicted.camera_scale) ** 2),
    }
    scaled = {name: configuration.loss_scale * part for name, part in parts.items()}
    return {**scaled, "total": torch.stack(list(scaled.values())).sum()}


def _keypoints_2d(
    predicted: RegressorBodies, supervision: Supervision, configuration: TrainingConfiguration
) -> Tensor:
    """In units of half a crop, so that the crop spans [−1, 1]."""
    target = supervision.keypoints_crop_px[..., :2]
    confidence = supervision.keypoints_crop_px[..., 2:]
    weights = confidence.new_full((49, 1), configuration.annotated_weight)
    weights[:FIRST_ANNOTATED] = configuration.openpose_weight
    error = (predicted.projected_px - target) / CROP_CENTER_PX
    # An absent joint is nowhere: without this, an infinite error of it would be 0 · ∞ = NaN.
    error = torch.where(confidence > 0, error, torch.zeros_like(error))
    return _mean(weights * confidence * error**2)


def _keypoints_3d(predicted: RegressorBodies, supervision: Supervision) -> Tensor:
    """Annotated joints, both sides centred between the hips; a mean over samples that have them."""
    # Only relative positions count: the camera's translation is not known of 3D annotations.
    joints_3d = supervision.joints_3d[:, FIRST_ANNOTATED:]
    target, confidence = joints_3d[..., :3], joints_3d[..., 3:]
    has_3d = (confidence > 0).any(1)[:, 0]
    actual = predicted.keypoints[:, FIRST_ANNOTATED:]
    hips = [index - FIRST_ANNOTATED for index in _HIPS]
    error = (actual - actual[:, hips].mean(1, keepdim=True)) - (
        target - target[:, hips].mean(1, keepdim=True)
    )
    # √w, because ``_mean_square`` squares it.
    return _mean_square(confidence.sqrt() * error, has_3d)


def _mean(values: Tensor) -> Tensor:
    """Zero for a batch without samples, whose gradient is zero, not NaN."""
    return values.sum() / max(values.numel(), 1)


def _mean_square(error: Tensor, valid: Tensor) -> Tensor:
    """Mean over the numbers of valid rows ``(B,)``; zero, with a gradient of zero, without any."""
    numbers = error[0].numel() if len(error) else 1
    per_row = (error**2).flatten(1).sum(1) / numbers
    kept = torch.where(valid, per_row, torch.zeros_like(per_row))
    return kept.sum() / valid.sum().clamp_min(1)


def error_2d_px(predicted: RegressorBodies, keypoints_crop_px: Tensor) -> float:
    """The mean distance of predicted joints from visible ones, by confidence, in crop pixels."""
    weight = keypoints_crop_px[..., 2]
    offset = predicted.projected_px.detach() - keypoints_crop_px[..., :2]
    distance = torch.linalg.vector_norm(offset, dim=-1)
    counted = torch.where(weight > 0, distance, torch.zeros_like(distance))
    return float((weight * counted).sum() / weight.sum().clamp_min(1e-9))
