"""Batches of people for the head behind the detector: as training crops, but without pictures.

Flip and turn act on what the detector saw as they act on the picture. A turned person has no
features of the trunk: the network has seen the upright crop alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch

from core.engine.data.augmentation import AugmentationBatch, augment_keypoints
from core.engine.data.training_samples import (
    CropBatch,
    CropDataset,
    CropKey,
    PictureProblem,
    TrainingCrop,
    augmented_joints_3d,
)
from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.landmark_bones import LandmarkBones
from core.engine.regression.seen_people import SeenSample, seen_people

LARGEST_TURN_WITH_TRUNK_RAD = math.radians(5)
_NO_PICTURE = torch.zeros(0, 0, 3, dtype=torch.uint8)


class SeenDataset(CropDataset):
    """What a ``CropDataset`` gives, without opening a picture, and with what the detector saw."""

    def __getitem__(self, key: CropKey) -> TrainingCrop | PictureProblem:
        """A person without a picture."""
        record = self.record(key[1])
        augmentation = self.augmentation(key)
        return TrainingCrop(
            record=record,
            augmentation=augmentation,
            picture=_NO_PICTURE,
            keypoints_crop_px=augment_keypoints(record.keypoints_px, record.box, augmentation),
            joints_3d=augmented_joints_3d(record, augmentation),
        )

    def collate(self, items: Sequence[TrainingCrop | PictureProblem]) -> CropBatch:
        """One batch, with what is known of its people in the plain and in the augmented crops."""
        batch = super().collate(items)
        seen = [
            SeenSample(keypoints_crop_px=plain) if crop.record.seen is None else crop.record.seen
            for crop, plain in zip(
                (item for item in items if isinstance(item, TrainingCrop)),
                batch.keypoints_canonical_px.numpy(),
                strict=True,
            )
        ]
        plain = seen_people(seen)
        augmented = augmented_people(plain, batch.augmentations)
        keypoints = batch.keypoints_crop_px
        augmented = replace(
            augmented,
            keypoints_crop_px=keypoints[..., :2].contiguous(),
            confidence=keypoints[..., 2].contiguous(),
        )
        return replace(batch, seen=plain, seen_augmented=augmented)


def augmented_people(people: SeenPeople, augmentations: AugmentationBatch) -> SeenPeople:
    """Bones and features of B people as flip and turn leave them; keypoints stay as they are."""
    upright = replace(augmentations, flip=torch.zeros_like(augmentations.flip))
    bones = people.bones
    turns = upright.turns(bones.directions)
    turned = LandmarkBones(bones.directions @ turns.mT, bones.lengths_m, bones.visibility)
    mirrored, flip = turned.mirrored(), augmentations.flip
    small = augmentations.rotation_rad.abs() <= LARGEST_TURN_WITH_TRUNK_RAD
    return SeenPeople(
        people.keypoints_crop_px,
        people.confidence,
        LandmarkBones(
            torch.where(flip[:, None, None], mirrored.directions, turned.directions),
            torch.where(flip[:, None], mirrored.lengths_m, turned.lengths_m),
            torch.where(flip[:, None], mirrored.visibility, turned.visibility),
        ),
        torch.where(flip[:, None, None], people.trunk.flip(1), people.trunk),
        people.has_trunk & small,
    )
