"""Bodies for people whose joints in space are known: from motion capture or several cameras.

A data set such as Human3.6M or MPI-INF-3DHP, as SPIN's files hold it, states 24 joints about the
pelvis and often no body. The solver for points in space makes one (docs/method.md, "Fitting to
points in space"), and the 2D keypoints say where it stands. It is a fit of origin *ground truth*:
only a paired training learns from it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from core.body.true_joints import truth_in_crop
from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import text_of_query
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import project_body, project_prior, record_body
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.space.points_3d import Points3D
from core.engine.smplify.space.space_fitting import LEAST_POINTS, SpaceFits, SpaceFitting
from core.errors import StudioError
from core.geometry.camera_translation import least_squares_translation, refined_translation
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.fitting_profiles import NEAR_SIGMA_PX, profile_named
from core.types.counted_nouns import counted
from core.types.fits import Fit, NewFit, OfferOutcome, OfferResult, Origin, Verdict
from core.types.requested_numbers import refuse_below_one
from core.types.samples import Sample
from core.workflows.choices import FITTED_TOGETHER
from core.workflows.open_run import open_run

PHASE = "Fitting to joints in space"
RUN_KIND = "fit-joints"

SIGMA_M = 0.01
"""How far joints of motion capture lie from those that a body model means by the same names."""

OUTLIER_M = 0.1
"""A joint that is wrong, as triangulated joints may be, bends a body no farther than this."""

_EVERYBODY = SampleQuery()


@dataclass(frozen=True)
class FitJointsReport:
    """What became of it.

    fitted: people; became_current: of those. without_joints: people with fewer than six joints in
    space. done_before: people who have such a fit, an accepted one, or too few keypoints to say
    where they stand. distance_mm: the mean over people of the mean distance of their joints.
    """

    fitted: int = 0
    became_current: int = 0
    without_joints: int = 0
    done_before: int = 0
    distance_mm: float = 0.0
    seconds: float = 0.0
    cancelled: bool = False

    def summary(self) -> str:
        """One sentence for the command line."""
        people = counted(self.fitted, "person", "people")
        text = f"Fitted {people} to their joints in space in {self.seconds:.1f} s"
        if self.fitted:
            text += f": {self.became_current} became current, joints {self.distance_mm:.1f} mm off"
        if self.without_joints:
            text += f"; {self.without_joints} without joints in space"
        if self.done_before:
            text += f"; {self.done_before} left as they are"
        return text + ("; cancelled." if self.cancelled else ".")


def fit_to_joints(
    project: Path,
    *,
    where: SampleQuery = _EVERYBODY,
    sigma_m: float = SIGMA_M,
    batch_size: int = FITTED_TOGETHER,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> FitJointsReport:
    """Fit everybody with joints in space who has no such fit yet, and no accepted one.

    The fit takes the place of the current one whatever its 2D error: it knows more.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        where: which people.
        sigma_m: how exactly the joints are known, along each axis.
        batch_size: people fitted together, and stored in one transaction.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        StudioError: no one is selected or has joints in space, a body or prior that cannot be used,
            or a dictionary that cannot be written.
    """
    refuse_below_one("batch size", batch_size)
    started, cancel = time.monotonic(), cancel or CancelToken()
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids(where)
        if not len(ids):
            raise StudioError(
                f"No person in {dictionary.project} matches the filter '{text_of_query(where)}'.",
                remedy="Loosen the filter; main.py info PROJECT says what the project holds.",
            )
        work = _Work.of(dictionary, sigma_m)
        waiting = dictionary.search.awaiting_fit(Origin.GROUND_TRUTH, among=ids.tolist()).tolist()
        report = FitJointsReport(done_before=len(ids) - len(waiting))
        record_body(dictionary, work.body)
        meter = ProgressMeter(PHASE, len(waiting), progress)
        configuration = {"where": text_of_query(where), "sigma_m": sigma_m}
        with open_run(dictionary, RUN_KIND, configuration) as run:
            for start in range(0, len(waiting), batch_size):
                if cancel.cancelled:
                    report = replace(report, cancelled=True)
                    break
                batch = waiting[start : start + batch_size]
                report = work.fitted(report, batch, run_id=run.id)
                meter.advance(len(batch))
            run.close(cancelled=report.cancelled)
    if not report.fitted and report.without_joints and not report.cancelled:
        raise StudioError(
            "None of these people has joints in space.",
            remedy="Import a data set that states them, such as SPIN's npz of Human3.6M.",
        )
    return replace(report, seconds=time.monotonic() - started)


@dataclass(frozen=True)
class _Work:
    """What every batch needs."""

    dictionary: Dictionary
    smplify: Smplify
    space: SpaceFitting
    body: BodyModel
    sigma_m: float

    @classmethod
    def of(cls, dictionary: Dictionary, sigma_m: float) -> _Work:
        body, prior = project_body(dictionary), project_prior(dictionary)
        smplify = Smplify(body, prior, profile_named("studio"))
        return cls(dictionary, smplify, SpaceFitting(body, prior), body, sigma_m)

    def fitted(
        self, report: FitJointsReport, sample_ids: Sequence[int], *, run_id: int
    ) -> FitJointsReport:
        """Fit and store one batch."""
        found = self.dictionary.samples.still_there(sample_ids)
        truths = [truth_in_crop(sample).joints_3d for sample in found]
        known = [
            (sample, joints)
            for sample, joints in zip(found, truths, strict=True)
            if joints is not None and (joints[:, 3] > 0).sum() >= LEAST_POINTS
        ]
        report = replace(report, without_joints=report.without_joints + len(found) - len(known))
        if not known:
            return report
        samples = [sample for sample, _ in known]
        joints = torch.from_numpy(np.stack([joints for _, joints in known]).astype(np.float32))
        points = Points3D.of_keypoints(joints, sigma_m=self.sigma_m)
        fits = self.space.fit(points, outlier_m=OUTLIER_M)
        results = self._offered(samples, fits, run_id)
        total_mm = report.distance_mm * report.fitted + 1000 * float(fits.mean_distance_m.sum())
        fitted = report.fitted + len(samples)
        current = [result.outcome is OfferOutcome.BECAME_CURRENT for result in results]
        return replace(
            report,
            fitted=fitted,
            became_current=report.became_current + sum(current),
            distance_mm=total_mm / fitted,
        )

    def _offered(
        self, samples: Sequence[Sample], fits: SpaceFits, run_id: int
    ) -> list[OfferResult]:
        keypoints = Keypoints2D.of_samples(samples)
        placed = self.smplify.measured(keypoints, self._placed(fits.estimate, keypoints))
        current = self.dictionary.fits.current([sample.id for sample in samples])
        return self.dictionary.fits.offer(
            [
                _new_fit(placed, row, sample, current.get(sample.id), run_id)
                for row, sample in enumerate(samples)
            ],
            body_name=self.body.name,
        )

    def _placed(self, estimate: BodyEstimate, keypoints: Keypoints2D) -> BodyEstimate:
        """The bodies where their 2D keypoints see them; joints about the pelvis do not say it."""
        points: Tensor = self.space.body.keypoints(estimate.rotations, estimate.betas)
        seen, confidence = keypoints.positions_crop_px, keypoints.body_confidence
        start = least_squares_translation(points, seen, confidence**2, keypoints.cameras)
        translation, _ = refined_translation(
            points, seen, confidence, start, sigma_px=NEAR_SIGMA_PX, cameras=keypoints.cameras
        )
        return replace(estimate, camera_translation=translation)


def _new_fit(fits: FitBatch, row: int, sample: Sample, current: Fit | None, run_id: int) -> NewFit:
    takes_place = current is not None and current.verdict is not Verdict.ACCEPTED
    return NewFit(
        sample_id=sample.id,
        parameters=fits.parameters(row),
        losses=fits.fit_losses(row),
        origin=Origin.GROUND_TRUTH,
        run_id=run_id,
        annotation_revision=sample.corrections,
        supersedes_fit_id=current.id if current is not None and takes_place else None,
    )
