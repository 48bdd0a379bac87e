"""Initial fits for the people of a project, batch by batch into its dictionary.

Each batch is one transaction. What was fitted stays, however the work ends, and the next call goes
on with what has no fit of that origin yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import text_of_query
from core.dictionary.storage.ids import SampleIds
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import project_body, project_prior, record_body
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.fit_selection import fits_superseded
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.lifted_start import KEYPOINT_SPREAD_PX, LifterFitting
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.errors import StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.fitting_profiles import FittingProfile, profile_named
from core.types.counted_nouns import counted
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import NewFit, OfferOutcome, OfferResult, Origin
from core.types.requested_numbers import refuse_below_one
from core.types.samples import Sample
from core.workflows.batches.new_fits import new_fits
from core.workflows.batches.worked_ahead import batches_ahead, worked_ahead
from core.workflows.choices import DEFAULT_FIT_STARTS, FITTED_TOGETHER
from core.workflows.groups.fit_groups import SampleGroup, fit_groups, groups_to_fit
from core.workflows.groups.group_report import GroupReport
from core.workflows.open_run import open_run
from core.workflows.predictions.head_predictor import seen_with
from core.workflows.shards.share import Share
from core.workflows.shards.work_source import WHOLE_PROJECT, WorkSource
from core.workflows.shared_work import IN_OTHER_HANDS, SharedWork, shared_work
from core.workflows.starting_points import STARTING_POINTS

FitFunction = Callable[[Keypoints2D, Sequence[SeenSample]], tuple[FitBatch, EstimatePrior | None]]
"""Fits samples to their keypoints, and says what held the fits to an estimate."""

PHASE = "Fitting"
RUN_KIND = "fit"

_EVERYBODY = SampleQuery()


@dataclass(frozen=True)
class FitReport:
    """What a fitting did.

    people: selected, in the whole project where no filter was given. fitted: of those;
    became_current, refused: what the dictionary made of their best fits.
    skipped_unusable: people with too few keypoints. left_accepted: people
    without a fit of this origin whose fit is accepted. left_to_others: people whom another process
    was still fitting at the end. groups: what became of moments and subjects.
    """

    people: int = 0
    fitted: int = 0
    became_current: int = 0
    skipped_unusable: int = 0
    left_accepted: int = 0
    refused: int = 0
    left_to_others: int = 0
    groups: GroupReport = field(default_factory=GroupReport)
    seconds: float = 0.0
    cancelled: bool = False

    @property
    def none_can_be_fitted(self) -> bool:
        """Whether all the people selected have too few keypoints."""
        return self.skipped_unusable == self.people

    def summary(self) -> str:
        """One sentence for the status bar and the command line."""
        text = f"Fitted {counted(self.fitted, 'person', 'people')} in {self.seconds:.1f} s"
        if self.fitted:
            text += f": {self.became_current} became current"
            kept = self.fitted - self.became_current - self.refused
            text += f", {kept} kept in history" if kept else ""
            text += f", {self.refused} refused" if self.refused else ""
        if self.skipped_unusable:
            verb = "has" if self.skipped_unusable == 1 else "have"
            text += f"; {self.skipped_unusable} {verb} too few keypoints"
        if self.left_accepted:
            fits = "accepted fit was" if self.left_accepted == 1 else "accepted fits were"
            text += f"; {self.left_accepted} {fits} left alone"
        if self.left_to_others:
            text += f"; {self.left_to_others} {IN_OTHER_HANDS}"
        text += self.groups.summary()
        return (
            f"{text}; cancelled, the rest is left for the next time."
            if self.cancelled
            else (f"{text}.")
        )


def fit_samples(
    project: Path,
    *,
    profile: str = "studio",
    init: str | None = None,
    where: SampleQuery = _EVERYBODY,
    batch_size: int = FITTED_TOGETHER,
    source: WorkSource = WHOLE_PROJECT,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> FitReport:
    """Fit every usable person that has no fit of this origin yet, and no accepted fit.

    Then the moments and subjects that these people belong to get one body each, whole.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        profile: ``studio`` or ``paper``.
        init: where fits start, one of ``FIT_STARTS``; None is what suits the profile.
        where: which people.
        batch_size: people fitted together, and stored in one transaction.
        source: where people are read and fits stored, and whose turn it is here.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        StudioError: no person is selected, an unknown profile or init, a body or prior that cannot
            be used, or a dictionary that cannot be written. Batches before it stay.
    """
    init = init or DEFAULT_FIT_STARTS.get(profile, "mean")
    origin = _origin_of(init)
    refuse_below_one("batch size", batch_size)
    started, cancel = time.monotonic(), cancel or CancelToken()
    with source.open(project) as dictionary:
        body = project_body(dictionary)
        smplify = Smplify(body, project_prior(dictionary), profile_named(profile))
        fit = _fitting(init, body, smplify)
        among = _selected(dictionary, where)
        waiting = _share_of(source, dictionary.search.awaiting_fit(origin, among=among), batch_size)
        report = _report_before(dictionary, origin, among)
        if len(waiting):
            record_body(dictionary, body)
            told = {"profile": profile, "init": init, "where": text_of_query(where)}
            configuration = {**told, "batch_size": batch_size, "body": body.name}
            with open_run(dictionary, RUN_KIND, configuration) as run:
                work = _FitWork(dictionary, fit, smplify, origin, run.id, body.name, batch_size)
                meter = ProgressMeter(PHASE, len(waiting), progress)
                report = _fit_all(work, waiting, meter, cancel, report)
                run.close(cancelled=report.cancelled)
        if not report.cancelled:
            groups = _waiting_groups(dictionary, among, smplify.profile, source.share)
            done = fit_groups(
                dictionary, smplify, groups, body=body, progress=progress, cancel=cancel
            )
            report = replace(report, groups=done, cancelled=done.cancelled)
    return replace(report, seconds=time.monotonic() - started)


def _share_of(source: WorkSource, waiting: SampleIds, batch_size: int) -> SampleIds:
    return waiting[source.share.rows(len(waiting), together=batch_size)]


def _waiting_groups(
    dictionary: Dictionary, among: Sequence[int] | None, profile: FittingProfile, share: Share
) -> list[SampleGroup]:
    """What belongs together and has not one body yet, as far as it is this share's."""
    groups = groups_to_fit(dictionary, among, profile, share)
    return [group for group in groups if not group.has_one_body]


def _report_before(
    dictionary: Dictionary, origin: Origin, among: Sequence[int] | None
) -> FitReport:
    """Whom there is, and who is left out, before anything is fitted."""
    return FitReport(
        people=dictionary.search.count() if among is None else len(among),
        skipped_unusable=dictionary.search.count_unusable(among=among),
        left_accepted=dictionary.search.count_accepted_without_fit(origin, among=among),
    )


def _selected(dictionary: Dictionary, where: SampleQuery) -> list[int] | None:
    """Ids of the people that a filter lets through; None where there is no filter."""
    if where.filters == _EVERYBODY:
        return None
    ids: list[int] = dictionary.search.ids(where.filters).tolist()
    if not ids:
        raise StudioError(
            f"No person in {dictionary.project} matches the filter '{text_of_query(where)}'.",
            remedy="Loosen the filter; main.py info PROJECT says what the project holds.",
        )
    return ids


def _origin_of(init: str) -> Origin:
    if init not in STARTING_POINTS:
        raise StudioError(
            f"Fits cannot start from {init!r}.",
            remedy=f"Choose one of: {', '.join(STARTING_POINTS)}.",
        )
    return STARTING_POINTS[init]


def _fitting(init: str, body: BodyModel, smplify: Smplify) -> FitFunction:
    if init == "lifter":
        lifting = LifterFitting(body, smplify.prior, smplify.profile, Lifter.load())
        return lambda keypoints, _: lifting.fit_with_prior(keypoints)
    if init == "network":
        network = NetworkFitting(smplify, load_detector_head(), body_name=body.name)
        return lambda keypoints, seen: network.fit_with_prior(keypoints, seen_people(seen))
    return lambda keypoints, _: (smplify.fit_from_mean_pose(keypoints), None)


@dataclass(frozen=True, eq=False)
class _WaitingBatch:
    """People who are to be fitted, as read. claimed: how many more there were, done by others."""

    claimed: int
    samples: Sequence[Sample]
    detections: Mapping[int, DetectedLandmarks]


@dataclass(frozen=True, eq=False)
class _FittedBatch:
    """What came of them. best, runner_ups: as they are offered."""

    keypoints: Keypoints2D
    fits: FitBatch
    estimate_prior: EstimatePrior | None
    best: Sequence[NewFit]
    runner_ups: Sequence[NewFit]


@dataclass(frozen=True)
class _FitWork:
    """What every batch needs."""

    dictionary: Dictionary
    fit: FitFunction
    smplify: Smplify
    origin: Origin
    run_id: int
    body_name: str
    batch_size: int

    @cached_property
    def witness(self) -> HeadWitness:
        """What tells how far landmarks are to be trusted."""
        return HeadWitness(self.smplify.body)

    def shared(self, sample_ids: SampleIds) -> AbstractContextManager[SharedWork]:
        """The batches that no other process is at."""
        name = f"{RUN_KIND} {self.origin}"
        return shared_work(self.dictionary, name, sample_ids.tolist(), batch_size=self.batch_size)

    def fitted(self, batch: _WaitingBatch) -> _FittedBatch | None:
        """Fit one batch, on any thread; None where no one is left in it."""
        samples = batch.samples
        if not samples:
            return None
        keypoints = with_detections(
            Keypoints2D.of_samples(samples), samples, batch.detections, self.witness
        )
        fits, estimate_prior = self.fit(keypoints, seen_with(samples, batch.detections))
        return _FittedBatch(
            keypoints,
            fits,
            estimate_prior,
            new_fits(fits, samples, origin=self.origin, run_id=self.run_id),
            self._runner_ups(fits, samples),
        )

    def _runner_ups(self, fits: FitBatch, samples: Sequence[Sample]) -> list[NewFit]:
        if fits.runner_up is None:
            return []
        every = new_fits(
            fits.runner_up, samples, origin=self.origin, run_id=self.run_id, runner_up=True
        )
        return [fit for fit, has in zip(every, fits.has_runner_up.tolist(), strict=True) if has]


def _fit_all(
    work: _FitWork,
    sample_ids: SampleIds,
    meter: ProgressMeter,
    cancel: CancelToken,
    report: FitReport,
) -> FitReport:
    with work.shared(sample_ids) as shared:
        claimed = shared.batches(ahead=batches_ahead())
        for batch, fitted in worked_ahead(_waiting_batches(work, claimed, cancel), work.fitted):
            if cancel.cancelled:
                return replace(report, cancelled=True)
            if fitted is not None:
                report = _counted(report, _store(work, batch, fitted))
            meter.advance(batch.claimed)
        if shared.is_open:
            return replace(report, cancelled=True)
    return replace(report, left_to_others=shared.left_to_others)


def _waiting_batches(
    work: _FitWork, batches: Iterable[list[int]], cancel: CancelToken
) -> Iterator[_WaitingBatch]:
    """Who is to be fitted, until there are no more of them or the user asks to stop."""
    for claimed in batches:
        if cancel.cancelled:
            return
        # Another process may have fitted some of these before they were claimed.
        waiting = work.dictionary.search.awaiting_fit(work.origin, among=claimed).tolist()
        samples = work.dictionary.samples.still_there(waiting)
        ids = [sample.id for sample in samples]
        detections = work.dictionary.detections.get_many(ids, with_features=True)
        yield _WaitingBatch(len(claimed), samples, detections)


def _counted(report: FitReport, results: Sequence[OfferResult]) -> FitReport:
    outcomes = [result.outcome for result in results]
    return replace(
        report,
        fitted=report.fitted + len(outcomes),
        became_current=report.became_current + outcomes.count(OfferOutcome.BECAME_CURRENT),
        refused=report.refused + outcomes.count(OfferOutcome.REFUSED),
    )


def _store(work: _FitWork, batch: _WaitingBatch, fitted: _FittedBatch) -> list[OfferResult]:
    """Offer one batch; the results of the best fits, runner-ups left out."""
    # By 2D error alone most lifted fits would lose to worse bodies from the mean pose, and fits
    # that know where bones point to fits that do not.
    found = work.dictionary.fits.current([sample.id for sample in batch.samples])
    superseded = fits_superseded(
        fitted.fits,
        [found.get(sample.id) for sample in batch.samples],
        fitted.keypoints,
        fitted.estimate_prior,
        keypoint_noise_px=KEYPOINT_SPREAD_PX,
        root_joints=work.smplify.body.root_joint_like,
    )
    best = [
        fit if fit_id is None else replace(fit, supersedes_fit_id=fit_id)
        for fit, fit_id in zip(fitted.best, superseded, strict=True)
    ]
    offered = [*best, *fitted.runner_ups]
    return work.dictionary.fits.offer(offered, body_name=work.body_name)[: len(best)]
