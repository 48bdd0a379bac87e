"""Moments and subjects fitted together: one body for all pictures, offered to all or to none.

An accepted body is held, and the other pictures of its moment take its pose and shape. A moment
whose pictures one body does not explain is left as it is, and named. Where a calibration tells the
places of cameras, a moment has one root in their world; one whose pictures contradict the places is
fitted without them, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from core.body.usable_keypoints import enough_keypoints
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import record_body
from core.engine.smplify.detected_directions import with_detections
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.opinions.head_witness import HeadWitness
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.engine.smplify.rigs.shared_views import (
    LARGEST_DISAGREEMENT_PX2,
    MomentStarts,
    SharedFits,
    SharedViews,
    disagreement_px2,
)
from core.engine.smplify.rigs.world_scale import metres_per_unit
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.view_groups import ViewGroups
from core.geometry.row_selection import put_rows, select_rows, take_rows
from core.progress import CancelToken, ProgressCallback, ProgressMeter
from core.runs.fitting_profiles import FittingProfile, Solver
from core.types.arrays import FloatArray
from core.types.fits import Fit, NewFit, OfferOutcome, Origin, Verdict
from core.types.samples import Sample
from core.types.view_groups import GroupMembership
from core.workflows.groups.group_report import GroupReport
from core.workflows.open_run import open_run
from core.workflows.shards.share import WHOLE, Share

PHASE = "Fitting groups"
RUN_KIND = "fit groups"

MOST_TOGETHER = 128
"""A subject of more pictures is fitted in parts: the later ones take the shape of the first."""

_SAME_POSE_RAD = 1e-3
_SAME_BETA = 1e-3
"""Up to rounding, pictures of one group have one body."""

_CLEAR_GAIN = 1e-3
"""Of the objective of a group: less is rounding, and the body that stands stays."""


MoreStarts = Callable[[Sequence[Sample]], Sequence[MomentStarts]]
"""Bodies of the samples of a group that its moments may start from."""


def no_more_starts(_samples: Sequence[Sample]) -> Sequence[MomentStarts]:
    """The fits from the mean pose are enough."""
    return ()


def groups_to_fit(
    dictionary: Dictionary,
    among: Sequence[int] | None,
    profile: FittingProfile,
    share: Share = WHOLE,
) -> list[SampleGroup]:
    """The groups with any of some samples, whole: of several usable samples, not all accepted.

    Args:
        dictionary: of the project.
        among: the samples; None for all groups.
        profile: ``paper`` fits every sample by itself, so that it has no groups.
        share: of the groups.
    """
    found = share.of(members_of_groups(dictionary, among, profile))
    groups = (read_group(dictionary, sample_ids) for sample_ids in found)
    return [group for group in groups if group.movable]


def members_of_groups(
    dictionary: Dictionary, among: Sequence[int] | None, profile: FittingProfile
) -> list[list[int]]:
    """The samples of each group with any of some samples; whole, whether usable or not."""
    if profile.solver is not Solver.LEVENBERG_MARQUARDT:
        return []
    return dictionary.groups.fitted_together(among)


def read_group(dictionary: Dictionary, sample_ids: Sequence[int]) -> SampleGroup:
    """A group as it stands, without the samples that cannot be fitted."""
    memberships = dictionary.groups.of(sample_ids)
    samples = [
        sample
        for sample in dictionary.samples.still_there(sample_ids)
        if sample.id in memberships and enough_keypoints(sample.keypoints_crop_px)
    ]
    ids = [sample.id for sample in samples]
    current = dictionary.fits.current(ids)
    return SampleGroup(
        samples,
        [memberships[sample_id] for sample_id in ids],
        [current.get(sample_id) for sample_id in ids],
    )


def fit_groups(
    dictionary: Dictionary,
    smplify: Smplify,
    groups: Sequence[SampleGroup],
    *,
    body: BodyModel,
    more_starts: MoreStarts = no_more_starts,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> GroupReport:
    """Fit groups of samples together, each group in one transaction.

    Args:
        dictionary: of the project.
        smplify: of its body and prior, with a profile that can share unknowns.
        groups: of ``groups_to_fit``.
        body: of the project.
        more_starts: bodies that moments start from besides the fits from the mean pose.
        progress: told after each group.
        cancel: asked between groups; those before it stay.

    Raises:
        StudioError: the dictionary cannot be written.
    """
    report = GroupReport()
    if not groups:
        return report
    record_body(dictionary, body)
    work = _GroupWork(dictionary, smplify, body.name, more_starts)
    meter = ProgressMeter(PHASE, sum(len(group.samples) for group in groups), progress)
    configuration = {"profile": smplify.profile.name, "groups": len(groups)}
    with open_run(dictionary, RUN_KIND, configuration) as run:
        for group in groups:
            if cancel.cancelled:
                report = replace(report, cancelled=True)
                break
            report = work.fit(group, run.id, report)
            meter.advance(len(group.samples))
        run.close(cancelled=report.cancelled)
    return report


@dataclass(frozen=True)
class SampleGroup:
    """The usable samples of a subject, or of a moment without one, with their current fits."""

    samples: Sequence[Sample]
    memberships: Sequence[GroupMembership]
    current: Sequence[Fit | None]

    @property
    def accepted(self) -> list[bool]:
        """Whose body is held."""
        return [fit is not None and fit.verdict is Verdict.ACCEPTED for fit in self.current]

    @property
    def movable(self) -> bool:
        """Whether there is anything to fit together."""
        return len(self.samples) > 1 and not all(self.accepted)

    @property
    def views(self) -> ViewGroups:
        """Moments and subjects of the samples."""
        return ViewGroups.of(
            [member.moment for member in self.memberships],
            [member.subject for member in self.memberships],
        )

    @property
    def has_one_body(self) -> bool:
        """Whether the current fits are one body already: a pose a moment, a shape a subject."""
        fits = [fit for fit in self.current if fit is not None]
        if len(fits) < len(self.current) or any(fit.verdict is Verdict.REJECTED for fit in fits):
            return False
        poses: dict[int, FloatArray] = {}
        betas: dict[int, FloatArray] = {}
        views = self.views
        for fit, moment, subject in zip(fits, views.moments, views.subject_of_row, strict=True):
            pose = fit.parameters.pose_axis_angle[3:]
            first_pose = poses.setdefault(moment, pose)
            first_betas = betas.setdefault(subject, fit.parameters.betas)
            if np.abs(pose - first_pose).max() > _SAME_POSE_RAD:
                return False
            if np.abs(fit.parameters.betas - first_betas).max() > _SAME_BETA:
                return False
        return True

    def names_of(self, rows: Iterable[int]) -> dict[int, str]:
        """The moments of some rows, or else their subjects, by sample."""
        found = {row: self.memberships[row].moment or self.memberships[row].subject for row in rows}
        return {
            self.samples[row].id: "" if group is None else group.name
            for row, group in found.items()
        }

    def of_rows(self, rows: Sequence[int]) -> SampleGroup:
        """Some of the samples."""
        return SampleGroup(
            [self.samples[row] for row in rows],
            [self.memberships[row] for row in rows],
            [self.current[row] for row in rows],
        )


@dataclass(frozen=True)
class _GroupWork:
    """Fits one group after the other."""

    dictionary: Dictionary
    smplify: Smplify
    body_name: str
    more_starts: MoreStarts

    @cached_property
    def _witness(self) -> HeadWitness:
        return HeadWitness(self.smplify.body)

    def fit(self, group: SampleGroup, run_id: int, report: GroupReport) -> GroupReport:
        """Fit a group, offer the fits, and count what became of them."""
        found, doubtful = self._fitted(group)
        kept = [row for row in range(len(group.samples)) if row not in doubtful]
        report = report.with_doubtful(group.names_of(doubtful))
        group, fits = group.of_rows(kept), found.fits
        report = report.with_contradictions(group.names_of(found.contradicting))
        if not group.movable:
            return report
        if group.has_one_body and not self._is_better(group, fits):
            return replace(report, kept=report.kept + 1)
        offered = [
            _new_fit(group, fits, row, run_id)
            for row, accepted in enumerate(group.accepted)
            if not accepted
        ]
        results = self.dictionary.fits.offer_group(offered, body_name=self.body_name)
        if results[0].outcome is OfferOutcome.BECAME_CURRENT:
            return report.with_group(len(offered))
        return report.with_refusal(results[0].reason)

    def _fitted(self, group: SampleGroup) -> tuple[SharedFits, set[int]]:
        """The fits of what belongs together, and the rows of moments that do not."""
        keypoints, held = self._keypoints(group), torch.tensor(group.accepted)
        own = self._own_fits(keypoints, group)
        rows = list(range(len(group.samples)))
        found = self._together(keypoints, own, group, held)
        moments = group.views.rows_of_moments()
        disagreement = disagreement_px2(own, found.fits, keypoints, group.views).tolist()
        doubtful = {
            row
            for members, value in zip(moments, disagreement, strict=True)
            # Where a body is accepted, a person has said what the others have to follow.
            if value > LARGEST_DISAGREEMENT_PX2 and not any(group.accepted[row] for row in members)
            for row in members
        }
        rows = [row for row in rows if row not in doubtful]
        if not doubtful or len(rows) < 2:
            return found, doubtful
        # The others had to share a shape with what does not belong to them.
        chosen = torch.tensor(rows)
        found = self._together(
            take_rows(keypoints, chosen), own.of_rows(chosen), group.of_rows(rows), held[chosen]
        )
        return found, doubtful

    def _keypoints(self, group: SampleGroup) -> Keypoints2D:
        """Keypoints under the samples' cameras, and where a detector saw their bones point.

        What the landmarks of one picture have wrong, the other pictures of its moment contradict;
        only of a picture by itself does the head's witness say how far they are to be trusted.
        """
        samples = group.samples
        keypoints = Keypoints2D.of_samples(samples)
        ids = [sample.id for sample in samples]
        detections = self.dictionary.detections.get_many(ids, with_features=True)
        alone = with_detections(keypoints, samples, detections, self._witness)
        together = with_detections(keypoints, samples, detections)
        moments = group.views.moments
        several = torch.tensor([moments.count(moment) > 1 for moment in moments])
        return select_rows(several, together, alone)

    def _own_fits(self, keypoints: Keypoints2D, group: SampleGroup) -> FitBatch:
        """Every picture fitted by itself; accepted bodies as they are."""
        fits = self.smplify.fit_from_mean_pose(keypoints)
        rows = [row for row, accepted in enumerate(group.accepted) if accepted]
        if not rows:
            return fits
        put_rows(
            fits.estimate,
            torch.tensor(rows),
            take_rows(_bodies(group, keypoints, self.smplify), rows),
        )
        held = torch.tensor(group.accepted)
        return replace(
            self.smplify.measured(keypoints, fits.estimate),
            runner_up=fits.runner_up,
            has_runner_up=fits.has_runner_up & ~held.to(fits.has_runner_up.device),
        )

    def _together(
        self, keypoints: Keypoints2D, own: FitBatch, group: SampleGroup, held: Tensor
    ) -> SharedFits:
        """All samples fitted together, a large subject in parts with the shape of the first."""
        views, solver, rig = group.views, SharedViews(self.smplify), self._rig(keypoints, group)
        starts, parts = self.more_starts(group.samples), _parts(views)
        if len(parts) == 1:
            return solver.fit_placed(keypoints, own, views, rig, held=held, starts=starts)
        fits, still = own.of_rows(torch.arange(len(own))), held.clone()
        contradiction = torch.zeros_like(own.comparison)
        carrier: list[int] = []
        for part in parts:
            # A fitted row of the first part, held, carries its shape into the others.
            rows = torch.tensor([*part, *carrier])
            found = solver.fit_placed(
                take_rows(keypoints, rows),
                fits.of_rows(rows),
                group.of_rows(rows.tolist()).views,
                rig and rig.of_rows(rows),
                held=still[rows],
                starts=[take_rows(each, rows) for each in starts],
            )
            put_rows(fits.estimate, rows, found.fits.estimate)
            contradiction[part] = found.contradiction_px2[: len(part)]
            carrier = carrier or [part[0]]
            still[carrier] = True
        return SharedFits(self.smplify.measured(keypoints, fits.estimate), contradiction)

    def _rig(self, keypoints: Keypoints2D, group: SampleGroup) -> CameraRig | None:
        """Where the cameras of the samples stand; None where that is not known of any."""
        poses, moments = [sample.camera.pose for sample in group.samples], group.views.moments
        if not any(poses):
            return None
        units = metres_per_unit(self.smplify.body, keypoints, poses, moments)
        return CameraRig.of(poses, keypoints.cameras, moments, metres_per_unit=units)

    def _is_better(self, group: SampleGroup, fits: FitBatch) -> bool:
        """Whether the new bodies explain the pictures better than the common one that stands."""
        keypoints = self._keypoints(group)
        now = self.smplify.measured(keypoints, _bodies(group, keypoints, self.smplify))
        shares = group.views.shares(now.comparison)

        def energy(batch: FitBatch) -> float:
            losses = batch.losses
            pose = losses.pose_prior + losses.angle_prior
            parts = (
                losses.reprojection
                + losses.bone_directions
                + shares.pose * pose
                + shares.shape * losses.shape_prior
            )
            return float(parts.sum())

        return energy(fits) < (1 - _CLEAR_GAIN) * energy(now)


def _parts(views: ViewGroups) -> list[list[int]]:
    """Rows in parts of at most ``MOST_TOGETHER``, no moment cut; a larger moment is one part."""
    parts: list[list[int]] = [[]]
    for members in views.rows_of_moments():
        if parts[-1] and len(parts[-1]) + len(members) > MOST_TOGETHER:
            parts.append([])
        parts[-1] += members
    return parts


def _bodies(group: SampleGroup, keypoints: Keypoints2D, smplify: Smplify) -> BodyEstimate:
    """The current bodies under the samples' cameras; at rest where there is none."""
    bodies = BodyEstimate.at_rest(len(group.current))
    rows = [row for row, fit in enumerate(group.current) if fit is not None]
    stored = [fit.parameters for fit in group.current if fit is not None]
    chosen = torch.tensor(rows)
    found = BodyEstimate.from_parameters(
        stored,
        take_rows(keypoints.cameras, chosen),
        root_joints=smplify.body.root_joint_like,
    )
    put_rows(bodies, chosen, found)
    return bodies


def _new_fit(group: SampleGroup, fits: FitBatch, row: int, run_id: int) -> NewFit:
    sample, current = group.samples[row], group.current[row]
    return NewFit(
        sample_id=sample.id,
        parameters=fits.parameters(row),
        losses=fits.fit_losses(row),
        origin=Origin.REFIT,
        run_id=run_id,
        annotation_revision=sample.corrections,
        # One body for all pictures of a moment is truer than one for each: whatever stands gives
        # way, though a picture by itself is met better by a body of its own.
        supersedes_fit_id=None if current is None else current.id,
        group_id=group.memberships[row].group_id,
    )
