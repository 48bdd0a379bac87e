"""Bodies of stored samples by the head behind the detector; no picture is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.opinions.head_body import head_body
from core.types.bodies import BodyParameters
from core.types.detected_landmarks import DetectedLandmarks
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
        keypoints = Keypoints2D.of(
            np.stack([sample.keypoints_crop_px for sample in seen]),
            [sample.crop_camera for sample in samples],
        )
        bodies = head_body(said, self._body, keypoints, has_betas=self._keep_betas)
        return bodies.to_parameters(keypoints.cameras)


def seen_samples(dictionary: Dictionary, samples: Sequence[Sample]) -> list[SeenSample]:
    """What is stored of samples for the head."""
    ids = [sample.id for sample in samples]
    return seen_with(samples, dictionary.detections.get_many(ids, with_features=True))


def seen_with(
    samples: Sequence[Sample], detections: Mapping[int, DetectedLandmarks]
) -> list[SeenSample]:
    """The same where what the detector measured, by sample id, has been read already."""
    seen = []
    for sample in samples:
        detection = detections.get(sample.id)
        seen.append(
            SeenSample(
                keypoints_crop_px=sample.fitted_keypoints_crop_px,
                landmarks=detection,
                trunk_features=None if detection is None else detection.trunk_features,
            )
        )
    return seen
