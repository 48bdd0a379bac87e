"""What the stored detections of samples tell the solver of the directions of bones.

The weight of a component follows from how far it is probably off, by Bayes' rule: with σ_k the
standard deviation of a keypoint and σ_b² the variance of the component, w = share · σ_k² / σ_b².
docs/method.md, "The directions of bones".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.bone_directions import BONES
from core.body.bone_trust import bone_error_variances, corrected_bone_directions
from core.engine.smplify.inputs import BoneDirections, Keypoints2D
from core.engine.smplify.lifted_start import KEYPOINT_SPREAD_PX
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.types.detected_landmarks import DetectedLandmarks
from core.types.keypoint_sources import KeypointSource
from core.types.samples import Sample

_SHARES = np.array([0.25, 0.25, 0.5])
"""Of what Bayes' rule gives for independent errors. The bones of one person are wrong together, and
in the picture's plane together with the keypoints, which the networks see in the same pixels. Half
and twice as much were no better on made people, MPI-INF-3DHP and Panoptic."""


@dataclass(frozen=True, eq=False)
class DetectedDirections:
    """Directions of bones by sample id, for the samples that the detector has landmarks of.

    by_sample: unit vectors (12, 3) in the crop's frame, and weights (12, 3) in px².
    """

    by_sample: Mapping[int, tuple[NDArray[np.float32], NDArray[np.float32]]]

    @classmethod
    def of(
        cls,
        samples: Sequence[Sample],
        detections: Mapping[int, DetectedLandmarks],
        witness: HeadWitness | None = None,
    ) -> DetectedDirections:
        """From what is stored of samples; some may not have been measured.

        Args:
            samples: the samples.
            detections: by sample id, with features of the trunk where a witness can have them.
            witness: what tells how far the landmarks are to be trusted, besides keypoints.
        """
        said = {} if witness is None else witness.directions(samples, detections)
        found = {}
        for sample in samples:
            detection = detections.get(sample.id)
            if detection is not None and detection.landmarks_m is not None:
                found[sample.id] = _directions(sample, detection, said.get(sample.id))
        return cls(found)

    def of_samples(self, sample_ids: Sequence[int]) -> BoneDirections | None:
        """What is known of B samples; None where nothing is."""
        if not any(sample_id in self.by_sample for sample_id in sample_ids):
            return None
        directions = np.zeros((len(sample_ids), len(BONES), 3), dtype=np.float32)
        weights = np.zeros_like(directions)
        for row, sample_id in enumerate(sample_ids):
            if sample_id in self.by_sample:
                directions[row], weights[row] = self.by_sample[sample_id]
        return BoneDirections(torch.from_numpy(directions), torch.from_numpy(weights))


def with_detections(
    keypoints: Keypoints2D,
    samples: Sequence[Sample],
    detections: Mapping[int, DetectedLandmarks],
    witness: HeadWitness | None = None,
) -> Keypoints2D:
    """Keypoints of B samples together with the directions of bones that the detector saw.

    Args:
        keypoints: of the B samples.
        samples: the samples.
        detections: by sample id; samples may be missing, and detections may have no landmarks.
        witness: as in ``DetectedDirections.of``.
    """
    found = DetectedDirections.of(samples, detections, witness)
    known = found.of_samples([sample.id for sample in samples])
    return keypoints if known is None else replace(keypoints, bone_directions=known)


def _directions(
    sample: Sample, detection: DetectedLandmarks, witness: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    landmarks_m, landmarks_px = detection.landmarks_m, detection.landmarks_px
    if landmarks_m is None or landmarks_px is None:
        nothing = np.zeros((len(BONES), 3), np.float32)
        return nothing, nothing
    placed_by_detector = sample.keypoint_sources == KeypointSource.DETECTED
    variances = bone_error_variances(
        landmarks_m,
        landmarks_px,
        sample.keypoints_px,
        placed_by_detector,
        witness=None if witness is None else witness.astype(landmarks_m.dtype),
    )
    weights = direction_weights(variances)
    return corrected_bone_directions(landmarks_m).astype(np.float32), weights.astype(np.float32)


def direction_weights(variances: NDArray[np.floating]) -> NDArray[np.float64]:
    """Weights ``(..., 12, 3)`` px² of components whose mean squared errors are ``variances``."""
    # A bone without a direction has an infinite variance, and so no weight.
    weights: NDArray[np.float64] = _SHARES * KEYPOINT_SPREAD_PX**2 / variances
    return weights
