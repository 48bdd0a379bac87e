"""What the head behind the detector says of the directions of bones without their landmarks.

It makes a body of a person's keypoints and of features of the picture, and is asked about the
bones that landmarks tell the solver. Where the two differ, the landmarks are trusted less
(``core.body.bone_trust``). The head that ships is asked, and never one that is being trained: a
weight that changes with every step would make fits of different steps incomparable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.bone_directions import BONES
from core.body.usable_keypoints import without_absent
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.landmark_bones import LandmarkBones
from core.types.detected_landmarks import DetectedLandmarks
from core.types.samples import Sample
from core.types.trunk_features import TRUNK_SIZE

_FIRST, _SECOND = (list(ends) for ends in zip(*BONES, strict=True))


class HeadWitness:
    """The shipped head, read when it is asked for the first time."""

    def __init__(self, body: KeypointBody) -> None:
        self._body = body

    @cached_property
    def _head(self) -> DetectorHead:
        return load_detector_head().eval()

    def directions(
        self, samples: Sequence[Sample], detections: Mapping[int, DetectedLandmarks]
    ) -> dict[int, NDArray[np.float32]]:
        """Unit vectors ``(12, 3)`` along the bones, of those samples that have landmarks.

        Args:
            samples: of which keypoints are known.
            detections: by sample id, with features of the trunk where there are any.
        """
        asked = [
            sample
            for sample in samples
            if sample.id in detections and detections[sample.id].landmarks_m is not None
        ]
        if not asked:
            return {}
        features = [detections[sample.id].trunk_features for sample in asked]
        found = self._of_people(_without_landmarks(asked, features))
        return {sample.id: found[row] for row, sample in enumerate(asked)}

    @torch.no_grad()
    def _of_people(self, people: SeenPeople) -> NDArray[np.float32]:
        """``(B, 12, 3)``."""
        said, body = self._head.bodies(people), self._body
        rotations = said.rotations.to(device=body.device, dtype=body.dtype)
        # Another body's betas mean nothing here, and directions hardly depend on them.
        keypoints = body.keypoints(rotations, rotations.new_zeros(len(rotations), 10))
        bones = keypoints[:, _SECOND] - keypoints[:, _FIRST]
        directions: NDArray[np.float32] = (
            torch.nn.functional.normalize(bones, dim=-1).float().cpu().numpy()
        )
        return directions


def _without_landmarks(
    samples: Sequence[Sample], features: Sequence[NDArray[np.float16] | None]
) -> SeenPeople:
    """Samples as the head sees them that knows nothing of their landmarks."""
    keypoints = np.stack([without_absent(sample.fitted_keypoints_crop_px) for sample in samples])
    nothing = np.zeros((2, TRUNK_SIZE), np.float32)
    trunk = np.stack(
        [nothing if of_one is None else of_one.astype(np.float32) for of_one in features]
    )
    return SeenPeople(
        torch.from_numpy(keypoints[..., :2].astype(np.float32)),
        torch.from_numpy(keypoints[..., 2].astype(np.float32)),
        LandmarkBones.none(len(samples)),
        torch.from_numpy(trunk),
        torch.tensor([of_one is not None for of_one in features]),
    )
