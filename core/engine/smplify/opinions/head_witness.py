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

from core.body.bone_directions import directions_between_keypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.seen_people import SeenSample, seen_people
from core.types.detected_landmarks import DetectedLandmarks
from core.types.samples import Sample


class HeadWitness:
    """The shipped head, read when it is asked for the first time."""

    def __init__(self, body: KeypointBody) -> None:
        self._body = body

    @cached_property
    def _head(self) -> DetectorHead:
        return load_detector_head().eval()

    @torch.no_grad()
    def directions(
        self, samples: Sequence[Sample], detections: Mapping[int, DetectedLandmarks]
    ) -> dict[int, NDArray[np.float32]]:
        """Unit vectors ``(12, 3)`` along the bones, of those samples that can be judged.

        These have landmarks, and features of the trunk that tell something (``seen_people``):
        without them the head has seen the keypoints alone, with which the landmarks are compared
        in any case, and the variances of ``core.body.bone_trust`` were fitted to no such witness.

        Args:
            samples: of which keypoints are known.
            detections: by sample id.
        """
        measured = [sample for sample in samples if _has_landmarks(detections.get(sample.id))]
        people = seen_people(
            [
                SeenSample(
                    keypoints_crop_px=sample.fitted_keypoints_crop_px,
                    trunk_features=detections[sample.id].trunk_features,
                )
                for sample in measured
            ]
        )
        asked = people.has_trunk.nonzero()[:, 0]
        if not len(asked):
            return {}
        said, body = self._head.bodies(people.rows(asked)), self._body
        rotations = said.rotations.to(device=body.device, dtype=body.dtype)
        # Another body's betas mean nothing here, and directions hardly depend on them.
        keypoints = body.keypoints(rotations, rotations.new_zeros(len(asked), 10))
        found: NDArray[np.float32] = directions_between_keypoints(keypoints).float().cpu().numpy()
        return {measured[row].id: found[at] for at, row in enumerate(asked.tolist())}


def _has_landmarks(detection: DetectedLandmarks | None) -> bool:
    return detection is not None and detection.landmarks_m is not None
