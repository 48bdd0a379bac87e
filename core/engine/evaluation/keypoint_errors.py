"""How far projected bodies lie from annotated keypoints, person by person and keypoint by keypoint.

It needs no truth in 3D, and says little of what a single view cannot see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES, OPENPOSE_KEYPOINTS
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.evaluation.joint_metrics import distances_px, mean_error
from core.engine.smplify.inputs import BodyEstimate, camera_tensors
from core.geometry.crop_camera import project_to_crop
from core.types.bodies import BodyParameters
from core.types.samples import Sample


@dataclass(frozen=True, eq=False)
class KeypointErrors:
    """2D errors of N people, in pixels of the crop.

    error_px: (N,) mean over a person's visible keypoints; NaN without any. sums_px: (49,) summed
    over people who show the keypoint; seen: (49,) how many do.
    """

    error_px: NDArray[np.float64]
    sums_px: NDArray[np.float64]
    seen: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[KeypointErrors]) -> KeypointErrors:
        """The people of all parts, one after the other; at least one part."""
        return cls(
            np.concatenate([part.error_px for part in parts]),
            np.sum([part.sums_px for part in parts], axis=0),
            np.sum([part.seen for part in parts], axis=0),
        )

    @property
    def people(self) -> int:
        """How many people have a keypoint."""
        return int(np.isfinite(self.error_px).sum())

    @property
    def mean_px(self) -> float:
        """Mean over those; NaN without any."""
        finite = self.error_px[np.isfinite(self.error_px)]
        return float(finite.mean()) if len(finite) else float("nan")

    def mean_keypoints_px(self) -> dict[str, float]:
        """Mean of each annotated keypoint by name: OpenPose's or the others, whichever are more.

        The 49 hold most joints twice, and a data set annotates one of the two.
        """
        openpose = slice(0, OPENPOSE_KEYPOINTS)
        others = slice(OPENPOSE_KEYPOINTS, len(KEYPOINT_NAMES))
        more = openpose if self.seen[openpose].sum() > self.seen[others].sum() else others
        return {
            KEYPOINT_NAMES[index]: float(self.sums_px[index] / self.seen[index])
            for index in range(len(KEYPOINT_NAMES))[more]
            if self.seen[index]
        }


def keypoint_errors(
    body: KeypointBody, bodies: Sequence[BodyParameters], samples: Sequence[Sample]
) -> KeypointErrors:
    """Errors of N bodies, each in its own camera, against the keypoints of as many samples."""
    estimate = BodyEstimate.from_parameters(bodies)
    posed = body.keypoints(estimate.rotations, estimate.betas)
    cameras = camera_tensors([parameters.camera for parameters in bodies])
    projected = project_to_crop(posed, estimate.camera_translation, cameras)
    annotated = torch.from_numpy(np.stack([sample.fitted_keypoints_crop_px for sample in samples]))
    counted = annotated[..., 2] > 0
    apart = distances_px(projected, annotated[..., :2])
    return KeypointErrors(
        mean_error(apart, counted).numpy(),
        torch.where(counted, apart, 0.0).sum(0).numpy(),
        counted.sum(0).numpy(),
    )
