"""What SMPLify ends with for people under their cameras, for finding focal lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.dictionary.store import Dictionary
from core.engine.project_models import project_body, project_prior
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.smplify import Smplify
from core.runs.fitting_profiles import profile_named
from core.types.samples import Sample
from core.workflows.cameras.find_focal_length import ObjectiveOf
from core.workflows.choices import FITTED_TOGETHER


def fitted_objective(dictionary: Dictionary, *, profile: str = "studio") -> ObjectiveOf:
    """Fits from the mean pose, with what the detector saw; the sum of all weighted terms.

    Raises:
        StudioError: a body or prior of the project cannot be used.
    """
    smplify = Smplify(project_body(dictionary), project_prior(dictionary), profile_named(profile))
    witness = HeadWitness(smplify.body)

    @torch.no_grad()
    def objective(samples: Sequence[Sample]) -> NDArray[np.float64]:
        parts = [
            _of_batch(dictionary, smplify, witness, samples[start : start + FITTED_TOGETHER])
            for start in range(0, len(samples), FITTED_TOGETHER)
        ]
        return np.concatenate(parts)

    return objective


def _of_batch(
    dictionary: Dictionary, smplify: Smplify, witness: HeadWitness, samples: Sequence[Sample]
) -> NDArray[np.float64]:
    seen = np.stack([sample.fitted_keypoints_crop_px for sample in samples])
    keypoints = Keypoints2D.of(seen, [sample.crop_camera for sample in samples])
    ids = [sample.id for sample in samples]
    detections = dictionary.detections.get_many(ids, with_features=True)
    fits = smplify.fit_from_mean_pose(with_detections(keypoints, samples, detections, witness))
    total: NDArray[np.float64] = fits.losses.total.double().numpy()
    return total
