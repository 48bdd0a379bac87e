"""The losses of the regressor, each a mean, weighted and added up (docs/method.md, "Losses")."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.geometry.crop_camera import CROP_CENTER_PX, project_to_crop
from core.runs.training_configuration import TrainingConfiguration

FIRST_ANNOTATED = 25
"""Keypoints before this one are OpenPose's, those from it on are annotated ones."""
_HIPS = (27, 28)
_CAMERA_STEEPNESS = 10.0


@dataclass(frozen=True, eq=False)
class RegressorBodies:
    """What the regressor says of B people, posed: in the frame of their (augmented) crops.

    rotations (B, 24, 3, 3); betas (B, 10); camera_scale (B,) of the weak perspective;
    camera_translation (B, 3) metres; keypoints (B, 49, 3) metres, not translated.
    """

    rotations: Tensor
    betas: Tensor
    camera_scale: Tensor
    camera_translation: Tensor
    keypoints: Tensor

    @property
    def projected_px(self) -> Tensor:
        """``(B, 49, 2)`` in crop pixels."""
        return project_to_crop(self.keypoints, self.camera_translation)


@dataclass(frozen=True, eq=False)
class Supervision:
    """What the regressor should have said, in the frame of the (augmented) crops.

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
    said: RegressorBodies, supervision: Supervision, configuration: TrainingConfiguration
) -> dict[str, Tensor]:
    """Weighted parts by name, and their sum as ``total``; each a scalar."""
    parts = {
        "keypoints_2d": configuration.keypoints_2d_weight
        * _keypoints_2d(said, supervision, configuration),
        "keypoints_3d": configuration.keypoints_3d_weight * _keypoints_3d(said, supervision),
        "pose": configuration.pose_weight
        * _mean_square(said.rotations - supervision.rotations, supervision.pose_valid),
        "betas": configuration.betas_weight
        * _mean_square(said.betas - supervision.betas, supervision.shape_valid),
        "camera": configuration.camera_weight
        * _mean(torch.exp(-_CAMERA_STEEPNESS * said.camera_scale) ** 2),
    }
    scaled = {name: configuration.loss_scale * part for name, part in parts.items()}
    return {**scaled, "total": torch.stack(list(scaled.values())).sum()}


def _keypoints_2d(
    said: RegressorBodies, supervision: Supervision, configuration: TrainingConfiguration
) -> Tensor:
    """In units of half a crop, so that the crop spans [−1, 1]."""
    wanted = supervision.keypoints_crop_px[..., :2]
    confidence = supervision.keypoints_crop_px[..., 2:]
    weights = confidence.new_full((49, 1), configuration.annotated_weight)
    weights[:FIRST_ANNOTATED] = configuration.openpose_weight
    error = (said.projected_px - wanted) / CROP_CENTER_PX
    # An absent joint lies nowhere; a prediction that shoots off must not meet it as 0 times inf.
    error = torch.where(confidence > 0, error, torch.zeros_like(error))
    return _mean(weights * confidence * error**2)


def _keypoints_3d(said: RegressorBodies, supervision: Supervision) -> Tensor:
    """Annotated joints, both sides centred between the hips; a mean over samples that have them."""
    known = supervision.joints_3d[:, FIRST_ANNOTATED:]
    wanted, confidence = known[..., :3], known[..., 3:]
    has_3d = (confidence > 0).any(1)[:, 0]
    actual = said.keypoints[:, FIRST_ANNOTATED:]
    hips = [index - FIRST_ANNOTATED for index in _HIPS]
    error = (actual - actual[:, hips].mean(1, keepdim=True)) - (
        wanted - wanted[:, hips].mean(1, keepdim=True)
    )
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


def error_2d_px(said: RegressorBodies, keypoints_crop_px: Tensor) -> float:
    """How far predicted joints lie from visible ones, weighted by confidence; crop pixels."""
    weight = keypoints_crop_px[..., 2]
    offset = said.projected_px.detach() - keypoints_crop_px[..., :2]
    distance = torch.linalg.vector_norm(offset, dim=-1)
    counted = torch.where(weight > 0, distance, torch.zeros_like(distance))
    return float((weight * counted).sum() / weight.sum().clamp_min(1e-9))
