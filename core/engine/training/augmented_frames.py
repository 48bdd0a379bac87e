"""Bodies between the augmented crop, which the regressor sees, and the plain one of the fits."""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import AugmentationBatch, augment_estimate, unaugment_estimate
from core.engine.smplify.inputs import BodyEstimate


def to_augmented(
    estimate: BodyEstimate, augmentations: AugmentationBatch, body: KeypointBody
) -> BodyEstimate:
    """B bodies of plain crops as they appear in the augmented ones; all on the CPU."""
    rotations, translation = augment_estimate(
        estimate.rotations,
        estimate.camera_translation,
        augmentations,
        root_joint=_root_joint(body, estimate.betas),
    )
    return _estimate(rotations, estimate.betas, translation)


def to_canonical(
    estimate: BodyEstimate, augmentations: AugmentationBatch, body: KeypointBody
) -> BodyEstimate:
    """The inverse of ``to_augmented``."""
    rotations, translation = unaugment_estimate(
        estimate.rotations,
        estimate.camera_translation,
        augmentations,
        root_joint=_root_joint(body, estimate.betas),
    )
    return _estimate(rotations, estimate.betas, translation)


def _root_joint(body: KeypointBody, betas: Tensor) -> Tensor:
    return body.root_joint(betas.to(device=body.device, dtype=body.dtype)).to(betas)


def _estimate(rotations: Tensor, betas: Tensor, translation: Tensor) -> BodyEstimate:
    return BodyEstimate(rotations.to(betas), betas, translation.to(betas))


def detached_estimate(rotations: Tensor, betas: Tensor, translation: Tensor) -> BodyEstimate:
    """What a network says, as an estimate on the CPU that no gradient flows through."""
    return BodyEstimate(rotations.detach(), betas.detach(), translation.detach()).to(
        device=torch.device("cpu"), dtype=torch.float32
    )
