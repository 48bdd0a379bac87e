"""Bodies of stored samples by the head behind the detector; no picture is read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.seen_people import SeenSample, seen_people
from core.engine.regression.detector_head import DetectorHead
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.types.bodies import BodyParameters
from core.types.samples import Sample


class HeadPredictor:
    """A head in use; ``keep_betas`` False gives everyone the mean shape."""

    def __init__(self, head: DetectorHead, body: KeypointBody, *, keep_betas: bool) -> None:
        self._head, self._body, self._keep_betas = head.eval(), body, keep_betas

    @torch.no_grad()
    def __call__(
        self, samples: Sequence[Sample], seen: Sequence[SeenSample]
    ) -> list[BodyParameters]:
        """A body for each sample, with the camera that its keypoints and limbs suggest."""
        if not samples:
            return []
        said = self._head.bodies(seen_people(seen))
        betas = said.betas if self._keep_betas else torch.zeros_like(said.betas)
        keypoints = Keypoints2D.of(
            np.stack([sample.keypoints_crop_px for sample in seen]),
            [sample.crop_camera for sample in samples],
        )
        camera = camera_start(self._body.keypoints(said.rotations, betas), keypoints)
        return BodyEstimate(said.rotations, betas, camera).to_parameters(keypoints.cameras)


def seen_samples(dictionary: Dictionary, samples: Sequence[Sample]) -> list[SeenSample]:
    """What is stored of samples for the head."""
    ids = [sample.id for sample in samples]
    landmarks = dictionary.detections.get_many(ids)
    features = dictionary.detections.trunk_features(ids)
    return [
        SeenSample(
            keypoints_crop_px=sample.fitted_keypoints_crop_px,
            landmarks=landmarks.get(sample.id),
            trunk_features=features.get(sample.id),
        )
        for sample in samples
    ]
