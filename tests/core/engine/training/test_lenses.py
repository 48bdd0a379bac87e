"""Which cameras a training places predictions before."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from core.engine.data.augmentation import Augmentation, AugmentationBatch
from core.engine.smplify.inputs import camera_tensors
from core.engine.training.distribution import World
from core.engine.training.step import SpinStep
from core.runs.training_configuration import profile_configuration
from core.types.bodies import CropCamera


class Asked(Exception):
    """The cameras that a learner was asked to predict before."""


class Asking:
    """A learner that only says what it was asked."""

    def predict(self, _batch, cameras):
        raise Asked(cameras)


@pytest.mark.parametrize(("profile", "focal_length_px"), [("studio", 400.0), ("paper", 5000.0)])
def test_predictions_stand_before_the_augmented_camera_and_the_papers_before_the_long_lens(
    profile: str, focal_length_px: float
) -> None:
    batch = SimpleNamespace(
        sample_ids=torch.tensor([1]),
        keypoints_canonical_px=torch.zeros(1, 49, 3),
        cameras=camera_tensors([CropCamera(500.0, 150.0, 90.0)]),
        augmentations=AugmentationBatch.of([Augmentation(scale=1.25)]),
    )
    step = SpinStep(Asking(), None, None, profile_configuration(profile), World())
    with pytest.raises(Asked) as asked:
        step(batch, 1)
    (cameras,) = asked.value.args
    assert cameras.focal_length_px.tolist() == [focal_length_px]
