"""Fitting again: SMPLify from several starts at once, the best one offered to the dictionary.

A start is where the solver begins: the regressor's prediction, the current fit, the body a network
lifts from the keypoints, what the head behind the detector says, or the mean pose. Accepted fits
are locked and therefore left out. Each batch is one transaction; what was offered stays, however
the work ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from core.body.usable_keypoints import enough_keypoints
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import project_body, project_prior, record_body
from core.engine.regression.detector_head import SeenPeople
from core.engine.regression.head_checkpoints import load_detector_head
from core.engine.regression.lifter import Lifter
from core.engine.regression.seen_people import seen_people
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.fit_selection import fits_superseded, scored
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.lifted_start import KEYPOINT_SPREAD_PX, LifterFitting, lifter_prior
from core.engine.smplify.network_start import NetworkFitting
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.rigs.shared_views import MomentStarts
from core.engine.smplify.smplify import FitBatch, Smplify
from core.errors import StudioError
from core.geometry.row_selection import put_rows
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.runs.fitting_profiles import FittingProfile, Solver, profile_named
from core.types.bodies import BodyParameters
from core.types.counted_nouns import counted
from core.types.fits import Fit, NewFit, OfferOutcome, Origin, Verdict
from core.types.requested_numbers import refuse_below_one
from core.types.samples import Sample
from core.workflows.choices import FITTED_TOGETHER, REFIT_STARTS, SET_PREFIX, start_title
from core.workflows.groups.fit_groups import (
    SampleGroup,
    fit_groups,
    groups_to_fit,
    members_of_groups,
)
from core.workflows.groups.group_report import GroupReport
from core.workflows.open_run import open_run
from core.workflows.predictions.head_predictor import seen_with
from core.workflows.shards.share import Share
from core.workflows.shards.work_source import WHOLE_PROJECT, WorkSource
from core.workflows.shared_work import IN_OTHER_HANDS, shared_work

PHASE = "Refitting"
RUN_KIND = "refit"

_EVERYTHING = SampleQuery()


@dataclass(frozen=True)
class RefitReport:
    """What a refit did.

    refitted: samples that at least one start was tried for; became_current, refused: what the
    dictionary made of the best fits. accepted, unusable, without_start: samples left out, because
    their fit is locked, they have too few keypoints, or none of the starts exists for them.
    best_starts: how often each start gave the best fit. groups: what became of moments and
    subjects, whose members are counted there.
    """

    refitted: int = 0
    became_current: int = 0
    refused: int = 0
    accepted: int = 0
    unusable: int = 0
    without_start: int = 0
    left_to_others: int = 0
    best_starts: Mapping[str, int] = field(default_factory=dict)
    groups: GroupReport = field(default_factory=GroupReport)
    seconds: float = 0.0
    cancelled: bool = False

    def summary(self) -> str:
        """One sentence for the status bar and the command line."""
        parts = [f"Refitted {counted(self.refitted, 'person', 'people')} in {self.seconds:.1f} s"]
        if self.refitted:
            best = ", ".join(
                f"{start_title(start)} {count}" for start, count in self.best_starts.items()
            )
            kept = self.refitted - self.became_current - self.refused
            parts += [
                f"{self.became_current} became current",
                f"{kept} kept in history",
                f"{self.refused} refused",
                f"best from {best}",
            ]
        parts += [
            f"{count} {words}"
            for count, words in (
                (self.accepted, "accepted and left alone"),
                (self.unusable, "with too few keypoints"),
                (self.without_start, "without any of these starts"),
                (self.left_to_others, IN_OTHER_HANDS),
            )
            if count
        ]
        text = "; ".join(parts) + self.groups.summary()
        return text + ("; cancelled." if self.cancelled else ".")


def refit_samples(
    project: Path,
    *,
    starts: Sequence[str] = ("mean", "current"),
    where: SampleQuery = _EVERYTHING,
    sample_ids: Sequence[int] | None = None,
    profile: str = "studio",
    batch_size: int = FITTED_TOGETHER,
    source: WorkSource = WHOLE_PROJECT,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> RefitReport:
    """Fit samples again and offer the best fit of each.

    Moments and subjects that they belong to are fitted together, whole, from the fits that their
    pictures have from the mean pose and the other starts; the lowest joint objective wins.

    Best is the lowest objective without the estimate prior: the same terms and weights for every
    start. In ``studio``, where the network or the lifter is among the starts, it is the most
    probable body given the keypoints and what that says: the objective prefers the mean pose's fit
    to nearly any other (docs/lifter.md).

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        starts: any of ``REFIT_STARTS``, and prediction sets as ``set:NAME``.
        where: which samples.
        sample_ids: exactly these samples, whatever ``where`` says.
        profile: ``studio`` or ``paper``.
        batch_size: people fitted together, and stored in one transaction.
        source: where people are read and fits stored, and whose turn it is here.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        StudioError: no start or an unknown one, an unknown profile, a body or prior that cannot be
            used, or a dictionary that cannot be written.
    """
    _check(starts, batch_size)
    started, cancel = time.monotonic(), cancel or CancelToken()
    with source.open(project) as dictionary:
        body = project_body(dictionary)
        starters = _Starters(dictionary, body, profile_named(profile), starts)
        ids = dictionary.search.ids(where) if sample_ids is None else np.asarray(sample_ids)
        if not len(ids):
            return RefitReport()
        record_body(dictionary, body)
        own = _own_work(starters, ids.tolist(), source.share, batch_size)
        report = _refit_groups(starters, body, own.groups, progress, cancel)
        alone = own.alone_and(report.groups.doubtful)
        if alone and not report.cancelled:
            configuration = {"profile": profile, "starts": list(starts), "samples": len(alone)}
            with open_run(dictionary, RUN_KIND, configuration) as run:
                name = f"{RUN_KIND} {profile} {starts}"
                work = _RefitWork(dictionary, starters, run.id, body.name, name, batch_size)
                meter = ProgressMeter(PHASE, len(alone), progress)
                report = _refit_all(work, alone, meter, cancel, report)
                run.close(cancelled=report.cancelled)
    return replace(report, seconds=time.monotonic() - started)


@dataclass(frozen=True)
class _OwnWork:
    """What is to be refitted here: groups, and samples by themselves, in their order."""

    sample_ids: Sequence[int]
    groups: Sequence[SampleGroup]
    alone: frozenset[int]

    def alone_and(self, doubtful: Iterable[int]) -> list[int]:
        """The samples by themselves, with those of moments that turned out doubtful."""
        chosen = self.alone | set(doubtful)
        return [sample_id for sample_id in self.sample_ids if sample_id in chosen]


def _own_work(
    starters: _Starters, sample_ids: Sequence[int], share: Share, batch_size: int
) -> _OwnWork:
    """A share of the groups with any of some samples, whole, and of the samples in no group."""
    members = members_of_groups(starters.dictionary, sample_ids, starters.profile)
    grouped = {sample_id for group in members for sample_id in group}
    in_none = [sample_id for sample_id in sample_ids if sample_id not in grouped]
    groups = groups_to_fit(starters.dictionary, sample_ids, starters.profile, share)
    together = {sample.id for group in groups for sample in group.samples}
    # Such as the only usable picture of a moment.
    left = {sample_id for group in share.of(members) for sample_id in group} - together
    alone = frozenset(share.of(in_none, together=batch_size)) | left
    return _OwnWork(sample_ids, groups, alone)


def _refit_groups(
    starters: _Starters,
    body: BodyModel,
    groups: Sequence[SampleGroup],
    progress: ProgressCallback,
    cancel: CancelToken,
) -> RefitReport:
    """Fit groups again; none is fitted for the samples of doubtful moments."""
    done = fit_groups(
        starters.dictionary,
        starters.smplify,
        groups,
        body=body,
        more_starts=starters.moment_starts,
        progress=progress,
        cancel=cancel,
    )
    return RefitReport(groups=done, cancelled=done.cancelled)


def _check(starts: Sequence[str], batch_size: int) -> None:
    unknown = [
        start for start in starts if start not in REFIT_STARTS and not start.startswith(SET_PREFIX)
    ]
    if unknown or not starts:
        found = f"{unknown[0]!r}" if unknown else "nothing"
        raise StudioError(
            f"Fits cannot start from {found}.",
            remedy=f"Choose one or several of: {', '.join(REFIT_STARTS)}, {SET_PREFIX}NAME.",
        )
    refuse_below_one("batch size", batch_size)


@dataclass(frozen=True)
class _Candidate:
    """The fit of one sample from one start: row ``index`` of a batch of fits.

    rating: px², the lower the better. supersedes_fit_id: the current fit that it is more probable
        than.
    """

    start: str
    fits: FitBatch
    index: int
    rating: float
    supersedes_fit_id: int | None = None


_Starter = Callable[[Sequence[Sample]], tuple[list[int], FitBatch | None]]
"""Samples in; rows that have the start, and their fits."""


class _Starters:
    """One way of fitting for each start."""

    def __init__(
        self,
        dictionary: Dictionary,
        body: BodyModel,
        profile: FittingProfile,
        starts: Sequence[str],
    ) -> None:
        self.dictionary = dictionary
        self._uses_prior = profile.solver is Solver.LEVENBERG_MARQUARDT
        self.profile, prior = profile, project_prior(dictionary)
        self.smplify = Smplify(body, prior, profile)
        self._witness = HeadWitness(self.smplify.body)
        self._lifter = Lifter.load() if "lifter" in starts else None
        self._lifting = (
            None if self._lifter is None else LifterFitting(body, prior, profile, self._lifter)
        )
        self._network = None
        if "network" in starts:
            head = load_detector_head()
            self._network = NetworkFitting(self.smplify, head, body_name=body.name)
        starters: dict[str, _Starter] = {
            "mean": self._from_mean,
            "current": self._from_current,
            "prediction": self._from_prediction,
            "lifter": self._from_lifter,
            "network": self._from_network,
        }
        self._starters = {
            start: self._from_set(start) if start.startswith(SET_PREFIX) else starters[start]
            for start in dict.fromkeys(starts)
        }

    def best_fits(self, samples: Sequence[Sample]) -> list[_Candidate | None]:
        """The best candidate of each sample; None where no start exists for it."""
        best: list[_Candidate | None] = [None] * len(samples)
        opinion = self._opinion(samples)
        for start, fit in self._starters.items():
            rows, fits = fit(samples)
            if fits is None:
                continue
            rating, superseded = self._rated([samples[row] for row in rows], rows, fits, opinion)
            for index, row in enumerate(rows):
                candidate = best[row]
                # A sum that is not a number loses against anything.
                if np.isfinite(rating[index]) and (
                    candidate is None or rating[index] < candidate.rating
                ):
                    best[row] = _Candidate(start, fits, index, rating[index], superseded[index])
        return best

    def moment_starts(self, samples: Sequence[Sample]) -> list[MomentStarts]:
        """What moments may start from besides the mean pose's fits, from each of the starts."""
        found = []
        for start, fit in self._starters.items():
            rows, fits = ([], None) if start == "mean" else fit(samples)
            if fits is None:
                continue
            cameras = Keypoints2D.of_samples([samples[row] for row in rows]).cameras
            bodies, known = BodyEstimate.at_rest(len(samples)), torch.zeros(len(samples)) > 0
            chosen = torch.tensor(rows)
            put_rows(bodies, chosen, fits.under(cameras))
            known[chosen] = True
            found.append(MomentStarts(bodies, known))
        return found

    def _opinion(self, samples: Sequence[Sample]) -> EstimatePrior | None:
        """The prior toward what a network makes of each sample, where candidates are rated by it.

        The head behind the detector has seen more than the lifter.
        """
        if not self._uses_prior:
            return None
        if self._network is not None:
            return self._network.opinion(*self._seen_by_head(samples))
        if self._lifter is None or self._lifting is None:
            return None
        return lifter_prior(self._lifter, self._lifting.start(Keypoints2D.of_samples(samples)))

    def _rated(
        self,
        samples: Sequence[Sample],
        rows: list[int],
        fits: FitBatch,
        opinion: EstimatePrior | None,
    ) -> tuple[list[float], list[int | None]]:
        """What each fit is chosen by, and the current fit that it is clearly more probable than."""
        keypoints = Keypoints2D.of_samples(samples)
        estimate_prior = None if opinion is None else opinion.of_rows(torch.tensor(rows))
        if estimate_prior is None:
            rating: list[float] = (fits.losses.total - fits.losses.pull).tolist()
        else:
            bodies = scored(
                fits.under(keypoints.cameras),
                fits.comparison,
                keypoints,
                estimate_prior,
                fits.bone_directions,
            )
            rating = bodies.energy.tolist()
        fits_now = self.dictionary.fits.current([sample.id for sample in samples])
        current = [fits_now.get(sample.id) for sample in samples]
        return rating, fits_superseded(
            fits,
            current,
            keypoints,
            estimate_prior,
            keypoint_noise_px=KEYPOINT_SPREAD_PX,
            root_joints=self.smplify.body.root_joint_like,
        )

    def _seen(self, samples: Sequence[Sample]) -> Keypoints2D:
        """Keypoints of samples, and where a detector saw their bones point."""
        ids = [sample.id for sample in samples]
        detections = self.dictionary.detections.get_many(ids, with_features=True)
        keypoints = Keypoints2D.of_samples(samples)
        return with_detections(keypoints, samples, detections, self._witness)

    def _seen_by_head(self, samples: Sequence[Sample]) -> tuple[Keypoints2D, SeenPeople]:
        """The same, and what the head behind the detector sees of them."""
        ids = [sample.id for sample in samples]
        detections = self.dictionary.detections.get_many(ids, with_features=True)
        keypoints = with_detections(
            Keypoints2D.of_samples(samples), samples, detections, self._witness
        )
        return keypoints, seen_people(seen_with(samples, detections))

    def _from_mean(self, samples: Sequence[Sample]) -> tuple[list[int], FitBatch | None]:
        rows = list(range(len(samples)))
        return rows, self.smplify.fit_from_mean_pose(self._seen(samples))

    def _from_lifter(self, samples: Sequence[Sample]) -> tuple[list[int], FitBatch | None]:
        if self._lifting is None:
            return [], None
        return list(range(len(samples))), self._lifting.fit(self._seen(samples))

    def _from_network(self, samples: Sequence[Sample]) -> tuple[list[int], FitBatch | None]:
        """As ``fit`` begins: at what the head behind the detector says, and held near it."""
        if self._network is None:
            return [], None
        return list(range(len(samples))), self._network.fit(*self._seen_by_head(samples))

    def _from_current(self, samples: Sequence[Sample]) -> tuple[list[int], FitBatch | None]:
        """From current fits that were not rejected; those would only lead back to themselves."""
        fits = self.dictionary.fits.current([sample.id for sample in samples])
        found = [_start_of(fits.get(sample.id)) for sample in samples]
        return self._from_estimates(samples, found, uses_prior=False)

    def _from_prediction(self, samples: Sequence[Sample]) -> tuple[list[int], FitBatch | None]:
        """From predictions, and in ``studio`` held near them, as in the training loop."""
        predictions = [self.dictionary.predictions.latest_of(sample.id) for sample in samples]
        found = [
            None if prediction is None else prediction.parameters for prediction in predictions
        ]
        return self._from_estimates(samples, found, uses_prior=self._uses_prior)

    def _from_set(self, start: str) -> _Starter:
        """From the bodies of a prediction set, as from predictions."""
        sets = self.dictionary.prediction_sets
        set_id = sets.named(start.removeprefix(SET_PREFIX)).id

        def fit(samples: Sequence[Sample]) -> tuple[list[int], FitBatch | None]:
            bodies = sets.bodies(set_id, [sample.id for sample in samples])
            found = [bodies.get(sample.id) for sample in samples]
            return self._from_estimates(samples, found, uses_prior=self._uses_prior)

        return fit

    def _from_estimates(
        self,
        samples: Sequence[Sample],
        found: Sequence[BodyParameters | None],
        *,
        uses_prior: bool,
    ) -> tuple[list[int], FitBatch | None]:
        rows = [row for row, parameters in enumerate(found) if parameters is not None]
        if not rows:
            return [], None
        keypoints = self._seen([samples[row] for row in rows])
        start = BodyEstimate.from_parameters(
            [parameters for parameters in found if parameters is not None],
            keypoints.cameras,
            root_joints=self.smplify.body.root_joint_like,
        )
        estimate_prior = (
            EstimatePrior.uniform(start, cameras=keypoints.cameras) if uses_prior else None
        )
        return rows, self.smplify.fit(keypoints, start, estimate_prior=estimate_prior)


def _start_of(fit: Fit | None) -> BodyParameters | None:
    return None if fit is None or fit.verdict is Verdict.REJECTED else fit.parameters


@dataclass(frozen=True)
class _RefitWork:
    """What every batch needs."""

    dictionary: Dictionary
    starters: _Starters
    run_id: int
    body_name: str
    name: str
    batch_size: int


def _refit_all(
    work: _RefitWork,
    sample_ids: Sequence[int],
    meter: ProgressMeter,
    cancel: CancelToken,
    report: RefitReport,
) -> RefitReport:
    with shared_work(work.dictionary, work.name, sample_ids, batch_size=work.batch_size) as shared:
        for batch in shared.batches():
            if cancel.cancelled:
                return replace(report, cancelled=True)
            report = _refit_batch(work, batch, report)
            meter.advance(len(batch))
    return replace(report, left_to_others=shared.left_to_others)


def _refit_batch(work: _RefitWork, batch: Sequence[int], report: RefitReport) -> RefitReport:
    samples = work.dictionary.samples.still_there(batch)
    usable = [sample for sample in samples if enough_keypoints(sample.keypoints_crop_px)]
    current = work.dictionary.fits.current([sample.id for sample in usable])
    open_samples = [sample for sample in usable if not _is_accepted(current.get(sample.id))]
    best = work.starters.best_fits(open_samples) if open_samples else []
    chosen = [
        (sample, candidate)
        for sample, candidate in zip(open_samples, best, strict=True)
        if candidate is not None
    ]
    results = work.dictionary.fits.offer(
        [_new_fit(work, *item) for item in chosen], body_name=work.body_name
    )
    outcomes = [result.outcome for result in results]
    best_starts = dict(report.best_starts)
    for _, candidate in chosen:
        best_starts[candidate.start] = best_starts.get(candidate.start, 0) + 1
    return replace(
        report,
        refitted=report.refitted + len(chosen),
        became_current=report.became_current + outcomes.count(OfferOutcome.BECAME_CURRENT),
        refused=report.refused + outcomes.count(OfferOutcome.REFUSED),
        accepted=report.accepted + len(usable) - len(open_samples),
        unusable=report.unusable + len(samples) - len(usable),
        without_start=report.without_start + len(open_samples) - len(chosen),
        best_starts=best_starts,
    )


def _is_accepted(fit: Fit | None) -> bool:
    return fit is not None and fit.verdict is Verdict.ACCEPTED


def _new_fit(work: _RefitWork, sample: Sample, candidate: _Candidate) -> NewFit:
    return NewFit(
        sample_id=sample.id,
        parameters=candidate.fits.parameters(candidate.index),
        losses=candidate.fits.fit_losses(candidate.index),
        origin=Origin.REFIT,
        run_id=work.run_id,
        annotation_revision=sample.corrections,
        supersedes_fit_id=candidate.supersedes_fit_id,
    )
