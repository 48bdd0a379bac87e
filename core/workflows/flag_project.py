"""Flags for the keypoints and the fits of a project: whatever was not looked at yet, in batches.

The dictionary forgets an assessment in the transaction that changes the fit, the prediction or the
keypoints it was made of; so what is left to do is always known, and this may be stopped and called
again at any time, by several processes at once.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.dictionary.assessment.assessments import Assessment, FlagInputsVersion, RaisedFlag
from core.dictionary.assessment.derived_flags import DERIVED_FLAGS
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.failure_detection.assessor import FlagAssessor, FlagScores
from core.engine.failure_detection.inputs import FlagInputs
from core.engine.failure_detection.touches.expected_gains import TouchRanker
from core.engine.failure_detection.touches.inputs import InPicture, TouchInputs
from core.engine.project_models import project_body, project_prior
from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.seen_people import seen_people
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D, cameras_of
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.search_selection import COMPARED_KEYPOINTS
from core.engine.smplify.smplify import Smplify
from core.geometry.procrustes import procrustes_error
from core.geometry.rotations import geodesic_angle
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.fitting_profiles import STUDIO
from core.types.bodies import BodyParameters
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import Fit, FitLosses
from core.types.predictions import Prediction
from core.types.samples import Sample
from core.workflows.annotations.check_labels import check_labels, label_notices
from core.workflows.annotations.exchanged_sides import sides_seen_in_pictures
from core.workflows.batches.worked_ahead import batches_ahead, worked_ahead
from core.workflows.choices import FLAGGED_TOGETHER
from core.workflows.flag_report import FlagReport
from core.workflows.opinions.sample_opinions import SampleOpinions
from core.workflows.predictions.head_predictor import seen_with
from core.workflows.shared_work import SharedWork, shared_work

PHASE = "Flagging"
_FEWEST_TRUE_JOINTS = 6
"""Fewer known joints than this say little after Procrustes."""


def flag_samples(
    project: Path,
    *,
    again: bool = False,
    at_most: int | None = None,
    batch_size: int = FLAGGED_TOGETHER,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> FlagReport:
    """Check the keypoints of everybody, then assess every current fit that has no assessment.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        again: assess everything again, as after a change of pose prior or program.
        at_most: how many at most, the smallest ids first; None for all.
        batch_size: fits assessed together, and stored in one transaction.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        StudioError: a body or prior that cannot be used, or a dictionary that cannot be written.
            Batches before it stay.
    """
    started, cancel = time.monotonic(), cancel or CancelToken()
    report = FlagReport()
    with Dictionary.open(project) as dictionary:
        if again:
            dictionary.assessments.forget_all()
        labels = check_labels(
            dictionary, again=again, at_most=at_most, progress=progress, cancel=cancel
        )
        report = replace(report, labels=labels, cancelled=labels.cancelled)
        waiting = dictionary.assessments.due(limit=at_most)
        if waiting:
            meter = ProgressMeter(PHASE, len(waiting), progress)
            with shared_work(dictionary, "flag", waiting, batch_size=batch_size) as shared:
                report = _assess_all(dictionary, shared, meter, cancel, report)
        notices = [*sides_seen_in_pictures(dictionary), *label_notices(dictionary)]
        report = replace(report, notices=notices)
    return replace(report, seconds=time.monotonic() - started)


def _assess_all(
    dictionary: Dictionary,
    shared: SharedWork,
    meter: ProgressMeter,
    cancel: CancelToken,
    report: FlagReport,
) -> FlagReport:
    flagger = SampleFlagger(dictionary)
    due = _due_batches(dictionary, shared.batches(ahead=batches_ahead()), cancel)
    work = flagger.assessments_apart if batches_ahead() else flagger.assessments
    for batch, made in worked_ahead(due, lambda batch: work(batch.due)):
        if cancel.cancelled:
            return replace(report, cancelled=True)
        report = _counted(report, made, dictionary, len(batch.due))
        meter.advance(batch.claimed)
    return replace(report, cancelled=shared.is_open, left_to_others=shared.left_to_others)


@dataclass(frozen=True)
class _DueBatch:
    """Samples to assess. claimed: how many there were before others had done some."""

    claimed: int
    due: list[int]


def _due_batches(
    dictionary: Dictionary, batches: Iterable[list[int]], cancel: CancelToken
) -> Iterator[_DueBatch]:
    """What is to be assessed, until there is no more or the user asks to stop."""
    for claimed in batches:
        if cancel.cancelled:
            return
        yield _DueBatch(len(claimed), dictionary.assessments.due(among=claimed))


def _counted(
    report: FlagReport, made: Sequence[Assessment], dictionary: Dictionary, requested: int
) -> FlagReport:
    stored = dictionary.assessments.store(made)
    return replace(
        report,
        assessed=report.assessed + stored,
        flagged=report.flagged + sum(bool(assessment.flags) for assessment in made),
        outdated=report.outdated + requested - stored,
    )


@dataclass(frozen=True, eq=False)
class _Person:
    """What an assessment is made of."""

    basis: FlagInputsVersion
    sample: Sample
    fit: Fit
    prediction: Prediction | None


@dataclass(frozen=True, eq=False)
class _Known:
    """Keypoints of people with the directions of their bones, and what the detector measured."""

    keypoints: Keypoints2D
    detections: Mapping[int, DetectedLandmarks]


@dataclass(frozen=True, eq=False)
class FlagModels:
    """What assesses samples of a project, whichever object its dictionary is read through."""

    model: BodyModel
    body: KeypointBody
    assessor: FlagAssessor
    witness: HeadWitness
    smplify: Smplify

    @classmethod
    def of(cls, dictionary: Dictionary) -> FlagModels:
        """Those of a project; raises ``StudioError`` where a body or prior cannot be used."""
        model, prior = project_body(dictionary), project_prior(dictionary)
        body = KeypointBody(model)
        return cls(
            model,
            body,
            FlagAssessor(body, prior),
            HeadWitness(body),
            Smplify(model, prior, STUDIO),
        )


class SampleFlagger:
    """Assesses samples of one dictionary; body, prior and networks are loaded once.

    models, opinions: what it asks. touches: what says how much correcting a keypoint would gain.

    Args:
        dictionary: of the project.
        like: of the same project, through another object; its models are used.
    """

    def __init__(self, dictionary: Dictionary, *, like: SampleFlagger | None = None) -> None:
        self._dictionary = dictionary
        self.models: FlagModels = FlagModels.of(dictionary) if like is None else like.models
        models = self.models
        self._body, self._assessor = models.body, models.assessor
        self._witness, self._smplify = models.witness, models.smplify
        self.opinions: SampleOpinions = SampleOpinions(
            dictionary, models.model, models.body, like=None if like is None else like.opinions
        )
        self.touches = TouchRanker(
            self._smplify,
            self.opinions.head,
            self.opinions.lifter,
            body_name=models.model.name,
        )

    def assessments(self, sample_ids: Sequence[int]) -> list[Assessment]:
        """Assessments of those among the samples that have a current fit; nothing is stored."""
        people = self._people(sample_ids)
        return self._assessed(people, self._known(people)) if people else []

    def assessments_apart(self, sample_ids: Sequence[int]) -> list[Assessment]:
        """``assessments`` on any thread, several at once: the project is opened for this call."""
        with Dictionary.open(self._dictionary.project) as own:
            return SampleFlagger(own, like=self).assessments(sample_ids)

    def assessments_of(
        self, bodies: Mapping[int, BodyParameters]
    ) -> list[tuple[FitLosses, Assessment]]:
        """What other bodies would be measured and assessed as in the place of the current fits.

        Args:
            bodies: by sample; those without a current fit are left out. Nothing is stored.
        """
        people = self._people(list(bodies))
        if not people:
            return []
        known = self._known(people)
        estimate = BodyEstimate.from_parameters(
            [bodies[person.sample.id] for person in people],
            known.keypoints.cameras,
            root_joints=self._body.root_joint_like,
        )
        measured = self._smplify.measured(known.keypoints, estimate)
        there = [
            replace(
                person,
                fit=replace(
                    person.fit,
                    parameters=bodies[person.sample.id],
                    losses=measured.fit_losses(index),
                ),
            )
            for index, person in enumerate(people)
        ]
        made = self._assessed(there, known)
        return [(one.fit.losses, each) for one, each in zip(there, made, strict=True)]

    def _assessed(self, people: Sequence[_Person], known: _Known) -> list[Assessment]:
        inputs = self._inputs(people, known)
        scores = self._assessor.assess(inputs)
        touches = self._touch_gains_mm(people, known, inputs, scores)
        disagreement = self._disagreement_deg(people)
        errors = self._errors_3d_mm(people, scores)
        return [
            Assessment(
                basis=one.basis,
                suspicion=suspicion,
                informativeness=informativeness,
                disagreement_deg=turn,
                error_2d_px=residual_px if math.isfinite(residual_px) else None,
                error_3d_mm=error,
                flags=_raised_flags(scores, index),
                touch_gains_mm=None if touches is None else touches[index],
            )
            for index, (one, suspicion, informativeness, turn, residual_px, error) in enumerate(
                zip(
                    people,
                    scores.suspicion.tolist(),
                    scores.informativeness.tolist(),
                    disagreement,
                    scores.measures.orientation["residual_px"].tolist(),
                    errors,
                    strict=True,
                )
            )
        ]

    def _touch_gains_mm(
        self, people: Sequence[_Person], known: _Known, inputs: FlagInputs, scores: FlagScores
    ) -> NDArray[np.float32] | None:
        """Gains ``(B, 49)``, where the project asked for them: they cost more than all the rest."""
        if not self._dictionary.assessments.touch_gains_wanted:
            return None
        gains = self.touches.gains(_touch_inputs(people, known, inputs, scores))
        found: NDArray[np.float32] = gains.gain_mm.cpu().numpy()
        return found

    def inputs(self, sample_ids: Sequence[int]) -> FlagInputs:
        """What flags of these samples, all with a current fit, are computed from."""
        people = self._people(sample_ids)
        return self._inputs(people, self._known(people))

    def touch_inputs(self, sample_ids: Sequence[int]) -> TouchInputs:
        """What ``touches`` is given of these samples, all with a current fit."""
        people = self._people(sample_ids)
        known = self._known(people)
        inputs = self._inputs(people, known)
        return _touch_inputs(people, known, inputs, self._assessor.assess(inputs))

    def _people(self, sample_ids: Sequence[int]) -> list[_Person]:
        # The bases first: whatever is read after them is as they say, or storing refuses it.
        bases = self._dictionary.assessments.inputs(sample_ids)
        ids = [sample_id for sample_id in sample_ids if sample_id in bases]
        fits = self._dictionary.fits.current(ids)
        predictions = self._dictionary.predictions.latest(ids)
        samples = self._dictionary.samples.still_there(ids)
        return [
            _Person(bases[sample.id], sample, fits[sample.id], predictions.get(sample.id))
            for sample in samples
            if sample.id in fits and fits[sample.id].id == bases[sample.id].fit_id
        ]

    def _known(self, people: Sequence[_Person]) -> _Known:
        samples = [person.sample for person in people]
        ids = [sample.id for sample in samples]
        detections = self._dictionary.detections.get_many(ids, with_features=True)
        keypoints = with_detections(
            Keypoints2D.of_samples(samples), samples, detections, self._witness
        )
        return _Known(keypoints, detections)

    def _inputs(self, people: Sequence[_Person], known: _Known) -> FlagInputs:
        samples, fits = [person.sample for person in people], [person.fit for person in people]
        keypoints = known.keypoints
        predictions = {
            person.sample.id: person.prediction
            for person in people
            if person.prediction is not None
        }
        return FlagInputs(
            keypoints,
            BodyEstimate.from_parameters(
                [fit.parameters for fit in fits],
                keypoints.cameras,
                root_joints=self._body.root_joint_like,
            ),
            torch.tensor([fit.losses.comparison for fit in fits]),
            self.opinions.of(samples, keypoints, fits, predictions, known.detections),
        )

    def _disagreement_deg(self, people: Sequence[_Person]) -> list[float | None]:
        """Mean angle between the joints of prediction and fit; None without a prediction."""
        if all(person.prediction is None for person in people):
            return [None] * len(people)
        cameras = cameras_of([person.sample for person in people])
        fitted, predicted = (
            BodyEstimate.from_parameters(bodies, cameras).rotations
            for bodies in (
                [person.fit.parameters for person in people],
                [(person.prediction or person.fit).parameters for person in people],
            )
        )
        turns = torch.rad2deg(geodesic_angle(fitted, predicted).mean(1)).tolist()
        return [
            None if one.prediction is None else turn
            for one, turn in zip(people, turns, strict=True)
        ]

    def _errors_3d_mm(self, people: Sequence[_Person], scores: FlagScores) -> list[float | None]:
        """Joints after Procrustes against the truth; None where it is not known."""
        truth, weights = self._true_joints(people)
        has_truth = (weights > 0).sum(1) >= _FEWEST_TRUE_JOINTS
        compared = list(COMPARED_KEYPOINTS)
        fitted = scores.measures.posed.fit.keypoints[:, compared]
        errors = 1e3 * procrustes_error(fitted, truth.to(fitted), weights.to(fitted))
        return [
            error if measurable else None
            for error, measurable in zip(errors.tolist(), has_truth.tolist(), strict=True)
        ]

    def _true_joints(self, people: Sequence[_Person]) -> tuple[Tensor, Tensor]:
        """Known joints ``(B, 14, 3)`` and how much each counts ``(B, 14)``, 0 where unknown."""
        truths = [person.sample.ground_truth for person in people]
        joints = np.zeros((len(people), len(COMPARED_KEYPOINTS), 4), np.float32)
        with_body = [
            index
            for index, truth in enumerate(truths)
            if truth.joints_3d is None and truth.parameters is not None
        ]
        for index, truth in enumerate(truths):
            if truth.joints_3d is not None:
                joints[index] = truth.joints_3d[list(COMPARED_KEYPOINTS)]
        if with_body:
            bodies = [truths[index].parameters for index in with_body]
            true = BodyEstimate.from_parameters([body for body in bodies if body is not None])
            posed = self._body.keypoints(true.rotations, true.betas)
            joints[with_body, :, :3] = posed[:, list(COMPARED_KEYPOINTS)].numpy()
            joints[with_body, :, 3] = 1
        return torch.from_numpy(joints[..., :3]), torch.from_numpy(joints[..., 3])


def _touch_inputs(
    people: Sequence[_Person], known: _Known, inputs: FlagInputs, scores: FlagScores
) -> TouchInputs:
    samples = [person.sample for person in people]
    picture = InPicture.of(samples, known.detections)
    return TouchInputs(inputs, scores, _seen(people, known), picture)


def _seen(people: Sequence[_Person], known: _Known) -> SeenPeople:
    return seen_people(seen_with([person.sample for person in people], known.detections))


def _raised_flags(scores: FlagScores, index: int) -> tuple[RaisedFlag, ...]:
    """Of one fit of a batch; those that the dictionary derives by itself are left out."""
    return tuple(
        RaisedFlag(kind, float(scores.scores[kind][index]), reason)
        for kind, reason in scores.reasons(index).items()
        if kind not in DERIVED_FLAGS
    )
