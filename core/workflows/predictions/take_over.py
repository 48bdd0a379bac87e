"""A prediction set, or some of it, becomes fits: to be judged, corrected, exported, trained on.

Bodies of another method become fits of origin ``imported``, those of this program's regressors fits
of origin ``network``. They are measured as any fit is, and offered by the dictionary's rules; or
they are kept in the histories, beside whatever is current.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.dictionary.fits.prediction_sets import PredictionSet, SetKind
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.project_models import project_body, project_prior
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.fit_selection import fits_superseded
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.lifted_start import KEYPOINT_SPREAD_PX
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.smplify import Smplify
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.fitting_profiles import profile_named
from core.types.bodies import BodyParameters
from core.types.fits import Fit, NewFit, OfferOutcome, OfferResult, Origin
from core.types.foreign.imported_bodies import Conversion
from core.types.samples import Sample
from core.workflows.predictions.take_over_plan import TakeOverReport, people_of_set

PHASE = "Taking over as fits"
_BATCH = 256
_ROUNDED = 1e-4
"""Radians, standard deviations of shape, metres."""

_EVERYTHING = SampleQuery()


def take_over(
    project: Path,
    set_name: str,
    *,
    where: SampleQuery = _EVERYTHING,
    sample_ids: Sequence[int] | None = None,
    beside: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> TakeOverReport:
    """Offer the bodies of a prediction set as fits, batch by batch.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        set_name: of the set.
        where: which of its people.
        sample_ids: exactly these of its people, whatever ``where`` says.
        beside: keep them in the histories only; whatever is current stays that.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        NoSuchRecordError: the project has no such set.
        StudioError: a body or prior cannot be used, or the dictionary cannot be written.
    """
    cancel = cancel or CancelToken()
    with Dictionary.open(project) as dictionary:
        chosen = dictionary.prediction_sets.named(set_name)
        ids = people_of_set(dictionary, chosen, where=where, sample_ids=sample_ids)
        work = _TakingOver(dictionary, chosen, beside=beside)
        meter = ProgressMeter(PHASE, len(ids), progress)
        report = TakeOverReport(set_name=chosen.name, people=len(ids))
        for first in range(0, len(ids), _BATCH):
            if cancel.cancelled:
                return replace(report, cancelled=True)
            batch = ids[first : first + _BATCH]
            report = work.batch(batch, report)
            meter.advance(len(batch))
    return report


class _TakingOver:
    """Measures and offers the bodies of one set."""

    def __init__(self, dictionary: Dictionary, chosen: PredictionSet, *, beside: bool) -> None:
        self._dictionary, self._set, self._beside = dictionary, chosen, beside
        self._body = project_body(dictionary)
        prior = project_prior(dictionary)
        self._smplify = Smplify(self._body, prior, profile_named("studio"))
        self._witness = HeadWitness(self._smplify.body)
        self._origin = Origin.IMPORTED if chosen.kind is SetKind.IMPORTED else Origin.NETWORK

    def batch(self, sample_ids: Sequence[int], report: TakeOverReport) -> TakeOverReport:
        sets, dictionary = self._dictionary.prediction_sets, self._dictionary
        bodies = sets.bodies(self._set.id, sample_ids)
        as_they_came = sets.imported_body_ids(self._set.id, sample_ids)
        samples = [
            sample for sample in dictionary.samples.still_there(sample_ids) if sample.id in bodies
        ]
        together = self._fitted_together([sample.id for sample in samples])
        current = dictionary.fits.current([sample.id for sample in samples])
        fits = [
            replace(
                fit,
                imported_body_id=as_they_came.get(fit.sample_id),
                runner_up=self._beside
                or fit.sample_id in together
                or _is_same_body(current.get(fit.sample_id), fit.parameters),
            )
            for fit in self._measured(samples, [bodies[sample.id] for sample in samples])
        ]
        results = dictionary.fits.offer(fits, body_name=self._body.name)
        unmeasured = sum(not fit.losses.is_measured for fit in fits)
        return self._counted(report, results, unmeasured=unmeasured)

    def _fitted_together(self, sample_ids: Sequence[int]) -> set[int]:
        """The members of moments and subjects, whose pictures share one body."""
        groups = self._dictionary.groups.fitted_together(sample_ids)
        return {sample_id for group in groups for sample_id in group}

    def _measured(
        self, samples: Sequence[Sample], bodies: Sequence[BodyParameters]
    ) -> Iterator[NewFit]:
        """Bodies with the losses that they have against their samples' keypoints."""
        if not samples:
            return
        ids = [sample.id for sample in samples]
        detections = self._dictionary.detections.get_many(ids, with_features=True)
        keypoints = with_detections(
            Keypoints2D.of_samples(samples), samples, detections, self._witness
        )
        root_joints = self._smplify.body.root_joint_like
        estimate = BodyEstimate.from_parameters(bodies, keypoints.cameras, root_joints=root_joints)
        measured = self._smplify.measured(keypoints, estimate)
        current = self._dictionary.fits.current(ids)
        superseded = fits_superseded(
            measured,
            [current.get(sample_id) for sample_id in ids],
            keypoints,
            None,
            keypoint_noise_px=KEYPOINT_SPREAD_PX,
            root_joints=root_joints,
        )
        for row, (sample, body) in enumerate(zip(samples, bodies, strict=True)):
            yield NewFit(
                sample_id=sample.id,
                # Not as measured: a body keeps the camera that its file has for it.
                parameters=body,
                losses=measured.fit_losses(row),
                origin=self._origin,
                run_id=self._set.run_id,
                annotation_revision=sample.corrections,
                supersedes_fit_id=superseded[row],
            )

    def _counted(
        self, report: TakeOverReport, results: Sequence[OfferResult], *, unmeasured: int
    ) -> TakeOverReport:
        outcomes = Counter(result.outcome for result in results)
        refused = Counter(
            result.reason for result in results if result.outcome is OfferOutcome.REFUSED
        )
        stored = [result.fit_id for result in results if result.fit_id is not None]
        as_they_came = self._dictionary.imported_bodies.of_fits(stored).values()
        errors_mm = [
            imported.body.conversion_error_mm
            for imported in as_they_came
            if imported.body.conversion is Conversion.THROUGH_JOINTS
            and imported.body.conversion_error_mm is not None
        ]
        converted = report.converted + len(errors_mm)
        total_mm = report.converted * report.mean_error_mm + sum(errors_mm)
        return replace(
            report,
            became_current=report.became_current + outcomes[OfferOutcome.BECAME_CURRENT],
            kept=report.kept + outcomes[OfferOutcome.KEPT],
            locked=report.locked + outcomes[OfferOutcome.LOCKED],
            refused=Counter(report.refused) + _without_numbers(refused),
            unmeasured=report.unmeasured + unmeasured,
            converted=converted,
            mean_error_mm=total_mm / converted if converted else 0.0,
            largest_error_mm=max([report.largest_error_mm, *errors_mm]),
        )


def _is_same_body(fit: Fit | None, body: BodyParameters) -> bool:
    """Whether a body is that of a fit but for rounding: what it costs is rounded, too."""
    return fit is not None and all(
        np.allclose(getattr(fit.parameters, name), getattr(body, name), atol=_ROUNDED)
        for name in ("pose_axis_angle", "betas", "camera_translation")
    )


def _without_numbers(reasons: Counter[str]) -> Counter[str]:
    """Reasons that differ in the number of a fit only, counted together."""
    told: Counter[str] = Counter()
    for reason, count in reasons.items():
        words = [word for word in reason.rstrip(".").split() if not word.isdigit()]
        told[" ".join(words)] += count
    return told
