"""Pictures of people whom a network is trained on without looking at them, for a person to see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.engine.data.augmentation import Augmentation, AugmentationBatch, augmented_crop
from core.engine.data.training_samples import TrainingRecord
from core.errors import PictureError
from core.pictures.decoding import load_picture

SIDE_PX = 224
_NO_PICTURE_GREY = 96


def pictures_of(
    records: Sequence[TrainingRecord], augmentations: AugmentationBatch
) -> NDArray[np.uint8]:
    """The augmented crops ``(n, 224, 224, 3)`` of n people; grey where a picture cannot be read.

    Args:
        records: the people.
        augmentations: of a batch whose first n samples they are.
    """
    return np.stack([_picture_of(record, augmentations, row) for row, record in enumerate(records)])


def _picture_of(
    record: TrainingRecord, augmentations: AugmentationBatch, row: int
) -> NDArray[np.uint8]:
    augmentation = Augmentation(
        flip=bool(augmentations.flip[row]),
        rotation_rad=float(augmentations.rotation_rad[row]),
        scale=float(augmentations.scale[row]),
    )
    try:
        picture = load_picture(record.picture_path)
    except PictureError:
        # The training does without it, and so its page must.
        return np.full((SIDE_PX, SIDE_PX, 3), _NO_PICTURE_GREY, np.uint8)
    crop = augmented_crop(picture, record.box, augmentation, size_px=SIDE_PX)
    return np.rint(crop).astype(np.uint8)
