"""Bodies between the augmented crop, which the regressor sees, and the plain one of the fits.

docs/method.md, "One step".
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import AugmentationBatch, augment_estimate, unaugment_estimate
from core.engine.smplify.inputs import BodyEstimate
from core.geometry.crop_camera import CropCameras


def to_augmented(
    estimate: BodyEstimate,
    augmentations: AugmentationBatch,
    body: KeypointBody,
    cameras: CropCameras[Tensor],
) -> BodyEstimate:
    """B bodies of plain crops as they appear in the augmented ones; all on the CPU.

    Args:
        estimate: before ``cameras``; the result is before ``augment_cameras`` of them.
        augmentations: B of them.
        body: whose root joint the bodies turn about.
        cameras: of the plain crops, B of them.
    """
    return _moved(augment_estimate, estimate, augmentations, body, cameras)


def to_canonical(
    estimate: BodyEstimate,
    augmentations: AugmentationBatch,
    body: KeypointBody,
    cameras: CropCameras[Tensor],
) -> BodyEstimate:
    """The inverse of ``to_augmented``; ``cameras`` are those of the plain crops here, too."""
    return _moved(unaugment_estimate, estimate, augmentations, body, cameras)


def _moved(
    move: Callable[..., tuple[Tensor, Tensor]],
    estimate: BodyEstimate,
    augmentations: AugmentationBatch,
    body: KeypointBody,
    cameras: CropCameras[Tensor],
) -> BodyEstimate:
    """The bodies after ``move``; betas stay, since both crops see people of the same shape."""
    betas = estimate.betas
    rotations, translation = move(
        estimate.rotations,
        estimate.camera_translation,
        augmentations,
        root_joint=body.root_joint_like(betas),
        cameras=cameras,
    )
    return BodyEstimate(rotations.to(betas), betas, translation.to(betas))


def detached_estimate(rotations: Tensor, betas: Tensor, translation: Tensor) -> BodyEstimate:
    """A network's prediction as an estimate on the CPU, which no gradient flows through."""
    return BodyEstimate(rotations.detach(), betas.detach(), translation.detach()).to(
        device=torch.device("cpu"), dtype=torch.float32
    )
