"""Correcting one sample: what the dictionary's edits need of bodies and SMPLify.

One ``Corrector`` belongs to a project and holds body, prior and solver; it reads nothing from the
dictionary and may be used from several threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from core.body.body_axis import turned_to_middle
from core.body.seen_keypoints import keypoints_in_crop
from core.body.usable_keypoints import enough_keypoints
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import project_body, project_prior
from core.engine.regression.seen_people import seen_people
from core.engine.smplify.corrected_fit import CorrectedFitting
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.dragging.body_dragger import BodyDragger
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.smplify.smplify import FitBatch, Smplify
from core.errors import StudioError
from core.progress import CancelToken
from core.runs.fitting_profiles import profile_named
from core.types.arrays import FloatArray
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import FitLosses, NewFit, Origin
from core.types.samples import Sample
from core.workflows.predictions.head_predictor import seen_with

MAX_ROUNDS = 5
"""Of the profile's refinement; from a good start the first two do nearly all."""

_LEAST_GAIN = 0.01
"""A round that lowers the objective by a smaller share is the last."""


@dataclass(frozen=True, eq=False)
class HandMadeBody:
    """A body with the losses it has against a sample's keypoints; origin says what made it."""

    parameters: BodyParameters
    losses: FitLosses
    origin: Origin

    def as_fit(self, sample: Sample) -> NewFit:
        """What the dictionary stores, for the keypoints as they stand."""
        return NewFit(
            sample_id=sample.id,
            parameters=self.parameters,
            losses=self.losses,
            origin=self.origin,
            annotation_revision=sample.corrections,
        )


class Corrector:
    """Measures, projects and refits single bodies of one project."""

    def __init__(self, body: BodyModel, prior: PosePrior, *, profile: str = "studio") -> None:
        own = profile_named(profile)
        self._smplify = Smplify(body, prior, own)
        self._corrected = CorrectedFitting(self._smplify, body_name=body.name)
        self.body = self._smplify.body
        self._witness = HeadWitness(self.body)
        self.body_name = body.name
        self.dragger = BodyDragger(body, prior)

    @classmethod
    def of_project(cls, dictionary: Dictionary) -> Corrector:
        """With the body and the prior of a project; raises ``StudioError`` as they do."""
        return cls(project_body(dictionary), project_prior(dictionary))

    def compare(
        self,
        keypoints_crop_px: FloatArray,
        bodies: Sequence[BodyParameters],
        camera: CropCamera = LONG_LENS,
    ) -> list[float] | None:
        """Comparison losses of bodies against (49, 3) keypoints of their crop, under one camera.

        None where no joint counts: nothing is known of any body then.
        """
        keypoints = Keypoints2D.of(keypoints_crop_px[None], [camera])
        if not len(bodies) or not (keypoints.body_confidence > 0).any():
            return None
        losses = comparison_loss(
            self.body,
            BodyEstimate.from_parameters([turned_to_middle(body) for body in bodies]),
            keypoints.repeated(len(bodies)),
        )
        return [float(loss) for loss in losses]

    def measured(
        self, sample: Sample, parameters: BodyParameters, origin: Origin = Origin.CORRECTED
    ) -> HandMadeBody:
        """A body made by hand with its losses.

        Raises:
            StudioError: no keypoint counts, so that it could never be compared with other fits.
        """
        keypoints = _keypoints(sample)
        if not (keypoints.body_confidence > 0).any():
            raise StudioError(
                f"{sample.name} has no keypoint a body could be measured by.",
                remedy="Place some keypoints first.",
            )
        body = self._under([parameters], keypoints)
        fits = self._smplify.measured(keypoints, body)
        return HandMadeBody(parameters, fits.fit_losses(0), origin)

    def refitted(
        self,
        sample: Sample,
        start: BodyParameters | None,
        *,
        stay_near: bool,
        detection: DetectedLandmarks | None = None,
        cancel: CancelToken | None = None,
    ) -> HandMadeBody:
        """SMPLify to the keypoints as they stand now.

        Near a body that a person has corrected, until a round gains less than a hundredth; else as
        ``fit`` does it, from what the head behind the detector says now and from ``start``.

        Args:
            sample: with the keypoints to fit.
            start: where to begin; None: where there is no body yet.
            stay_near: hold the fit near ``start``, as for a body that a person has corrected; a
                fit to keypoints that were wrong is left behind instead.
            detection: what the detector saw of the sample, with features of its trunk.
            cancel: asked between rounds.

        Raises:
            StudioError: the sample has too few keypoints.
            Cancelled: the user asked to stop.
        """
        detections = {} if detection is None else {sample.id: detection}
        keypoints = with_detections(_keypoints(sample), [sample], detections, self._witness)
        if not enough_keypoints(sample.keypoints_crop_px):
            raise StudioError(
                f"{sample.name} has too few keypoints to fit a body to.",
                remedy="Place at least four outside of neck and hips.",
            )
        cancel = cancel or CancelToken()
        cancel.raise_if_cancelled()
        body = None if start is None else self._under([start], keypoints)
        if body is not None and stay_near:
            near = EstimatePrior.uniform(body, cameras=keypoints.cameras)
            fits = _rounds(self._smplify, keypoints, body, near, cancel)
        else:
            people = seen_people(seen_with([sample], detections))
            fits = self._corrected.fit(keypoints, people, body)
        return HandMadeBody(fits.parameters(0), fits.fit_losses(0), Origin.REFIT)

    def placed(self, sample: Sample, parameters: BodyParameters) -> BodyParameters:
        """A body of another picture in this sample's, where its keypoints and limbs put it."""
        keypoints = _keypoints(sample)
        body = self._under([parameters], keypoints)
        camera = camera_start(self.body.keypoints(body.rotations, body.betas), keypoints)
        placed = BodyEstimate(body.rotations, body.betas, camera)
        return placed.to_parameters(keypoints.cameras)[0]

    def _under(self, bodies: Sequence[BodyParameters], keypoints: Keypoints2D) -> BodyEstimate:
        return BodyEstimate.from_parameters(
            bodies, keypoints.cameras, root_joints=self.body.root_joint_like
        )

    def keypoints_crop_px(self, parameters: BodyParameters) -> FloatArray:
        """Where a body's keypoints are seen in its crop: (49, 2) pixels."""
        estimate = BodyEstimate.from_parameters([parameters])
        with torch.no_grad():
            points = self.body.keypoints(estimate.rotations, estimate.betas)
        return keypoints_in_crop(points[0].numpy(), parameters)


def _rounds(
    smplify: Smplify,
    keypoints: Keypoints2D,
    start: BodyEstimate,
    estimate_prior: EstimatePrior | None,
    cancel: CancelToken,
) -> FitBatch:
    fits = smplify.fit(keypoints, start, estimate_prior=estimate_prior)
    for _ in range(MAX_ROUNDS - 1):
        cancel.raise_if_cancelled()
        before = float(fits.losses.total[0])
        there = fits.under(keypoints.cameras)
        again = smplify.fit(keypoints, there, estimate_prior=estimate_prior)
        after = float(again.losses.total[0])
        if not after < before:
            break
        fits = again
        if before - after < _LEAST_GAIN * before:
            break
    return fits


def _keypoints(sample: Sample) -> Keypoints2D:
    return Keypoints2D.of_samples([sample])
