"""Judges heads and dictionaries of the benchmark by the truth that trainings never see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.evaluation.body_errors import ErrorSummary, body_errors
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.smplify.smplify import Smplify
from core.engine.synthetic.detector import NUM_BODY_25
from core.errors import DictionaryError
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, facing_root
from core.geometry.row_selection import put_rows, take_rows
from core.progress import CancelToken
from core.runs.fitting_profiles import profile_named
from core.types.bodies import BodyParameters
from core.types.samples import Sample
from core.workflows.predictions.head_predictor import HeadPredictor, seen_samples

_AT_ONCE = 64
TRUE_JOINTS = "true joints"
DETECTED_JOINTS = "detected joints"
"""How table 2 calls the 2D joints that are fitted to."""


class ReproductionJudge:
    """A set of people with their truth, and the ways to judge by them."""

    def __init__(self, people: Path, body: BodyModel, prior: PosePrior) -> None:
        self._body = body
        self._smplify = Smplify(body, prior, profile_named("paper"))
        with Dictionary.open(people) as dictionary:
            self._samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
            self._seen = seen_samples(dictionary, self._samples)
        self._truth = BodyEstimate.from_parameters([_truth(sample) for sample in self._samples])
        detected = np.stack([sample.keypoints_crop_px for sample in self._samples])
        self._joints: Mapping[str, Keypoints2D] = {
            TRUE_JOINTS: self._true_joints(),
            DETECTED_JOINTS: Keypoints2D.of(detected),
        }

    @property
    def truth(self) -> BodyEstimate:
        """The true bodies, in the order of all answers."""
        return self._truth

    def predictions(self, head_file: Path) -> BodyEstimate:
        """What a head says of the people; no picture is read."""
        predictor = HeadPredictor(
            load_detector_head(head_file), KeypointBody(self._body), keep_betas=True
        )
        return BodyEstimate.from_parameters(predictor(self._samples, self._seen))

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
        fitted, current = _current_fits(project)
        return self._errors_of(current, fitted)

    def fitted_again_errors(self, project: Path, times: int, cancel: CancelToken) -> ErrorSummary:
        """Errors of a project's fits after the paper's SMPLify has begun with them again.

        It does so ``times`` times; of two fits the one with less 2D error stays. What a dictionary
        gains in this way it gains without a regressor. The project stays as it is.
        """
        fitted, current = _current_fits(project)
        keypoints = Keypoints2D.of(np.stack([sample.keypoints_crop_px for sample in fitted]))
        parts = []
        for first in range(0, len(fitted), _AT_ONCE):
            rows = torch.arange(first, min(first + _AT_ONCE, len(fitted)))
            known, best = take_rows(keypoints, rows), take_rows(current, rows)
            loss = comparison_loss(self._smplify.body, best, known)
            for _ in range(times):
                cancel.raise_if_cancelled()
                fits = self._smplify.fit(known, best)
                better = torch.nonzero(fits.comparison < loss)[:, 0]
                put_rows(best, better, take_rows(fits.estimate, better))
                loss = torch.minimum(loss, fits.comparison)
            parts.append(best)
        return self._errors_of(BodyEstimate.joined(parts), fitted)

    def _errors_of(self, bodies: BodyEstimate, samples: Sequence[Sample]) -> ErrorSummary:
        truth = BodyEstimate.from_parameters([_truth(sample) for sample in samples])
        return body_errors(self._body, bodies, truth).summary()

    def refitted(self, predicted: BodyEstimate, cancel: CancelToken) -> dict[str, ErrorSummary]:
        """Errors after the paper's SMPLify has fitted the predictions to either 2D joints."""
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

    def _true_joints(self) -> Keypoints2D:
        """The true joints of BODY_25 in the crop, all certain."""
        points = self._smplify.body.keypoints(self._truth.rotations, self._truth.betas)
        true_px = project_to_crop(points, self._truth.camera_translation).numpy()
        certain = np.ones((*true_px.shape[:2], 1), dtype=np.float32)
        certain[:, NUM_BODY_25:] = 0
        return Keypoints2D.of(np.concatenate([true_px, certain], axis=-1))


def _current_fits(project: Path) -> tuple[list[Sample], BodyEstimate]:
    """The samples of a project that have a fit, and their current fits."""
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
        fits = dictionary.fits.current([sample.id for sample in samples])
    fitted = [sample for sample in samples if sample.id in fits]
    return fitted, BodyEstimate.from_parameters([fits[sample.id].parameters for sample in fitted])


def _truth(sample: Sample) -> BodyParameters:
    parameters = sample.ground_truth.parameters
    if parameters is None:
        raise DictionaryError(f"Sample {sample.id} of the benchmark has no ground truth.")
    return parameters
