"""Judges regressors and dictionaries of the benchmark by the truth that trainings never see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.data.augmentation import NO_AUGMENTATION_SETTINGS
from core.engine.data.training_samples import CropDataset, TrainingRecord
from core.engine.evaluation.body_errors import ErrorSummary, body_errors
from core.engine.evaluation.predicted_bodies import predicted_bodies
from core.engine.regression.checkpoints import load_regressor
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import Smplify
from core.engine.synthetic.detector import NUM_BODY_25, DetectorNoise, detect_body_25
from core.errors import DictionaryError
from core.geometry.crop_camera import CROP_SIZE_PX, project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, facing_root
from core.geometry.row_selection import take_rows
from core.paper.people import visibility
from core.progress import CancelToken
from core.runs.fitting_profiles import profile_named
from core.types.bodies import BodyParameters
from core.types.samples import Sample

_AT_ONCE = 64
_DETECTOR_STREAM = 0xDE7
TRUE_JOINTS = "true joints"


def detector_name(factor: float) -> str:
    """How table 2 calls the 2D joints of a detector."""
    return TRUE_JOINTS if factor == 0 else f"detector, noise × {factor:g}"


class ReproductionJudge:
    """A set of people with their truth, and the ways to judge by them."""

    def __init__(
        self, people: Path, body: BodyModel, prior: PosePrior, *, noise_factors: tuple[float, ...]
    ) -> None:
        self._body = body
        self._smplify = Smplify(body, prior, profile_named("paper"))
        with Dictionary.open(people) as dictionary:
            self._samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
        self._truth = BodyEstimate.from_parameters([_truth(sample) for sample in self._samples])
        self._joints = {
            detector_name(factor): self._detected(visibility(people), factor)
            for factor in noise_factors
        }

    @property
    def truth(self) -> BodyEstimate:
        """The true bodies, in the order of all answers."""
        return self._truth

    def predictions(self, regressor_file: Path) -> BodyEstimate:
        """What a regressor says of the people."""
        regressor = load_regressor(regressor_file).eval()
        crops = CropDataset(
            [TrainingRecord.of(sample, with_truth=False) for sample in self._samples],
            size_px=regressor.input_size_px,
            settings=NO_AUGMENTATION_SETTINGS,
            seed=0,
        )
        parts = []
        for first in range(0, len(crops), _AT_ONCE):
            rows = range(first, min(first + _AT_ONCE, len(crops)))
            batch = crops.collate([crops[0, row] for row in rows])
            parts.append(predicted_bodies(regressor, batch.pictures))
        return BodyEstimate.joined(parts)

    def mean_bodies(self) -> BodyEstimate:
        """Always the mean body, facing the camera: what needs no learning."""
        count = len(self._samples)
        root = facing_root(torch.zeros(1))
        mean_pose = torch.as_tensor(self._smplify.prior.mean_pose).float()
        rotations = torch.cat([root, axis_angle_to_matrix(mean_pose.view(-1, 3))])
        return BodyEstimate(
            rotations.expand(count, -1, -1, -1), torch.zeros(count, 10), torch.zeros(count, 3)
        )

    def errors(self, predicted: BodyEstimate) -> ErrorSummary:
        """Errors of bodies of the people."""
        return body_errors(self._body, predicted, self._truth).summary()

    def dictionary_errors(self, project: Path) -> ErrorSummary:
        """Errors of a project's current fits against its samples' truth."""
        with Dictionary.open(project) as dictionary:
            samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
            fits = dictionary.fits.current([sample.id for sample in samples])
        fitted = [sample for sample in samples if sample.id in fits]
        return body_errors(
            self._body,
            BodyEstimate.from_parameters([fits[sample.id].parameters for sample in fitted]),
            BodyEstimate.from_parameters([_truth(sample) for sample in fitted]),
        ).summary()

    def refitted(self, predicted: BodyEstimate, cancel: CancelToken) -> dict[str, ErrorSummary]:
        """Errors after SMPLify has fitted the predictions to each detector's 2D joints."""
        return {name: self._refitted(predicted, one, cancel) for name, one in self._joints.items()}

    def _refitted(
        self, predicted: BodyEstimate, joints: Keypoints2D, cancel: CancelToken
    ) -> ErrorSummary:
        fitted = []
        for first in range(0, len(predicted), _AT_ONCE):
            cancel.raise_if_cancelled()
            rows = torch.arange(first, min(first + _AT_ONCE, len(predicted)))
            fits = self._smplify.fit(take_rows(joints, rows), take_rows(predicted, rows))
            fitted.append(fits.estimate)
        return self.errors(BodyEstimate.joined(fitted))

    def _detected(self, seen: NDArray[np.int64], factor: float) -> Keypoints2D:
        """2D joints of everybody as a detector of this badness finds them."""
        true_px = project_to_crop(self._true_keypoints(), self._truth.camera_translation).numpy()
        if factor == 0:
            certain = np.ones((*true_px.shape[:2], 1), dtype=np.float32)
            certain[:, NUM_BODY_25:] = 0
            return Keypoints2D.of(np.concatenate([true_px, certain], axis=-1))
        noise = _noise(factor)
        return Keypoints2D.of(
            np.stack(
                [
                    detect_body_25(
                        true_px[row],
                        seen[row],
                        side_px=CROP_SIZE_PX,
                        # The same draws for every factor: only their size differs.
                        rng=np.random.default_rng([_DETECTOR_STREAM, row]),
                        noise=noise,
                    )
                    for row in range(len(true_px))
                ]
            )
        )

    def _true_keypoints(self) -> Tensor:
        return self._smplify.body.keypoints(self._truth.rotations, self._truth.betas)


def _noise(factor: float) -> DetectorNoise:
    """The ordinary detector with its errors and their frequency multiplied."""
    ordinary = DetectorNoise()
    return replace(
        ordinary,
        jitter_share=ordinary.jitter_share * factor,
        outlier=ordinary.outlier * factor,
        swap=ordinary.swap * factor,
    )


def _truth(sample: Sample) -> BodyParameters:
    parameters = sample.ground_truth.parameters
    if parameters is None:
        raise DictionaryError(f"Sample {sample.id} of the benchmark has no ground truth.")
    return parameters
