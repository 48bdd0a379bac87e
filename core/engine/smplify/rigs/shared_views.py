"""Pictures of one person fitted together: one pose and shape a moment, one shape a subject.

Every picture keeps a root and a camera of its own, so no calibration is needed. Each moment starts
from the fit of every one of its pictures in turn, and the lowest objective wins: what is hidden or
ambiguous in one picture is plain in another, and a fit that took an arm the wrong way loses to one
that did not. Where a calibration tells the places of cameras, a moment has one root in their world
besides. docs/method.md, "Several pictures of one person".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from torch import Tensor

from core.engine.smplify.body_stage import BodyEvaluation, BodyStage
from core.engine.smplify.camera_stage import CameraStage, CameraState
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.engine.smplify.rigs.placement import placed_in_world
from core.engine.smplify.rigs.world_stage import WorldStage
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.state import BodyState
from core.engine.smplify.view_groups import ViewGroups, mean_of_groups, sum_of_groups
from core.errors import ShapeError, StudioError
from core.geometry.levenberg_marquardt import minimise
from core.geometry.rotations import axis_angle_to_matrix
from core.geometry.row_selection import joined_rows, put_rows, select_rows, take_rows
from core.runs.fitting_profiles import Descent, Solver

_BatchT = TypeVar("_BatchT", BodyState, Tensor)

MOST_STARTS = 8
"""A moment of more pictures starts from the fits of this many of them, the lowest objectives first:
the cost of all starts grows with the square of the pictures."""

_YAWS_RAD = (0.0, math.pi / 2, math.pi, -math.pi / 2)
"""How a picture's own root is turned about the body's vertical before it takes another picture's
pose: a fit of its own may face the wrong way, and no local solver turns it round."""


LARGEST_DISAGREEMENT_PX2 = 10.0
"""Above it the pictures of a moment do not show one body: no right group of real people comes so
far, and of wrong ones eight to nine tenths do, the fewer the more moments look alike
(docs/measurements.md, "Pictures that do not belong together")."""

LARGEST_CONTRADICTION_PX2 = 15.0
"""Above it the places that a calibration gives its cameras are not where the pictures were taken
from (docs/measurements.md, "Cameras whose places are wrong")."""

_MOST_FACINGS = 4
"""Pictures of a rig whose own roots are tried for the one root in the world."""


@dataclass(frozen=True)
class _MomentStart:
    """A start of a moment: its pictures, and the one among them that leads.

    lead: a row of all best fits, followed by all runner-ups and all other starts.
    """

    rows: tuple[int, ...]
    lead: int


@dataclass(frozen=True, eq=False)
class MomentStarts:
    """Bodies of B pictures that moments may start from, such as current fits.

    known: (B,) bool, which pictures have one.
    """

    estimate: BodyEstimate
    known: Tensor


@dataclass(frozen=True, eq=False)
class SharedFits:
    """Fits of B pictures together.

    contradiction_px2: (B,), how much worse the places of the cameras explain the pictures of a rig
    than places of their own do, in px² per confident joint; 0 where no place is known. Where it is
    above ``LARGEST_CONTRADICTION_PX2`` the places were left out.
    """

    fits: FitBatch
    contradiction_px2: Tensor

    @property
    def contradicting(self) -> list[int]:
        """The rows whose pictures contradict the places of their cameras."""
        return torch.nonzero(self.contradiction_px2 > LARGEST_CONTRADICTION_PX2)[:, 0].tolist()


@dataclass(frozen=True, eq=False)
class _Views:
    """B pictures that are fitted together.

    held: (B,) bool, whose bodies do not move. rig: where the cameras stand; None where that is not
    known of any. prior: what each picture's body is pulled toward; None where nothing is known.
    """

    keypoints: Keypoints2D
    groups: ViewGroups
    held: Tensor
    rig: CameraRig | None = None
    prior: EstimatePrior | None = None

    def copied(self, starts: Sequence[_MomentStart]) -> _Views:
        """The pictures of each start, which is a moment and a subject of its own."""
        number = [number for number, start in enumerate(starts) for _ in start.rows]
        rows = torch.tensor([row for start in starts for row in start.rows])
        return _Views(
            take_rows(self.keypoints, rows),
            ViewGroups(tuple(number), tuple(range(len(starts)))),
            self.held[rows],
            self.rig and self.rig.of_rows(rows, number),
            self.prior and self.prior.of_rows(rows),
        )

    def without_places(self) -> _Views:
        """The same pictures from cameras whose places are not known."""
        return replace(self, rig=None)

    @property
    def counted(self) -> Tensor:
        """Σ_j w_j² of each picture ``(B,)``."""
        return (self.keypoints.body_confidence**2).sum(1)


def disagreement_px2(
    own: FitBatch, together: FitBatch, keypoints: Keypoints2D, groups: ViewGroups
) -> Tensor:
    """How much worse one body explains the pictures of each moment than a body for each does.

    Σ_v w_v (comparison_together,v − comparison_own,v) / Σ_v w_v ``(M,)`` in px² per confident
    joint, with w_v = Σ_j w_j² of picture v. Pictures of one moment lose little, because the body is
    the same; those of different moments cannot all be met. It is 0 for a picture by itself, and not
    a number where nothing was seen.
    """
    counted = (keypoints.body_confidence**2).sum(1).to(own.comparison)
    worse = counted * (together.comparison - own.comparison)
    total = sum_of_groups(worse, groups.moments) / sum_of_groups(counted, groups.moments)
    alone = total.new_tensor([len(rows) == 1 for rows in groups.rows_of_moments()]) > 0
    disagreement: Tensor = torch.where(alone, torch.zeros_like(total), total)
    return disagreement


class SharedViews:
    """Fits groups of pictures by the profile of a ``Smplify``, which fits pictures by themselves.

    Raises:
        StudioError: the profile's solver cannot share unknowns (``paper``).
    """

    def __init__(self, smplify: Smplify) -> None:
        if smplify.profile.solver is not Solver.LEVENBERG_MARQUARDT:
            raise StudioError(
                f"The profile {smplify.profile.name!r} fits every picture by itself.",
                remedy="Choose the profile studio for groups of pictures.",
            )
        self._smplify, self._body = smplify, smplify.body

    def fit(
        self,
        keypoints: Keypoints2D,
        own: FitBatch,
        groups: ViewGroups,
        *,
        held: Tensor | None = None,
        starts: Sequence[MomentStarts] = (),
        prior: EstimatePrior | None = None,
    ) -> FitBatch:
        """Fit B pictures together from cameras whose places are not known; see ``fit_placed``."""
        return self.fit_placed(
            keypoints, own, groups, None, held=held, starts=starts, prior=prior
        ).fits

    @torch.no_grad()
    def fit_placed(
        self,
        keypoints: Keypoints2D,
        own: FitBatch,
        groups: ViewGroups,
        rig: CameraRig | None,
        *,
        held: Tensor | None = None,
        starts: Sequence[MomentStarts] = (),
        prior: EstimatePrior | None = None,
    ) -> SharedFits:
        """Fit B pictures together where they belong together; the others keep their own fit.

        Args:
            keypoints: B samples.
            own: the fit of every picture by itself; its runner-ups are starts, too.
            groups: of the B samples.
            rig: where their cameras stand; None where that is not known of any.
            held: ``(B,)`` bool, whose bodies in ``own`` stay as they are; the rest of their moment
                takes their pose and shape, the rest of their subject their shape. Places of cameras
                are left out where a body is held, whose own place nothing settled.
            starts: more bodies of the B pictures to start from.
            prior: what the body of each picture is pulled toward.

        Returns:
            The fits, equal in pose and betas within a moment and in betas within a subject. Their
            losses are those of each body by itself, priors in full.

        Raises:
            ShapeError: the batch sizes differ.
        """
        if not len(own) == len(keypoints) == len(groups.moments):
            raise ShapeError("own", actual=(len(own),), expected=f"({len(keypoints)},)")
        keypoints = keypoints.to(device=self._body.device, dtype=self._body.dtype)
        still = torch.zeros(len(own), dtype=torch.bool) if held is None else held
        still = still.to(self._body.device)
        if rig is not None:
            rig = rig.without(still.tolist())
            rig = rig.to(keypoints.positions_crop_px) if any(rig.placed) else None
        views = _Views(keypoints, groups, still, rig, prior)
        state, contradiction, views = self._moments(views, own, starts)
        state = self._subjects(views, state)
        fits = self._smplify.measured(keypoints, state.estimate())
        return SharedFits(fits, contradiction)

    def _moments(
        self, views: _Views, own: FitBatch, more: Sequence[MomentStarts]
    ) -> tuple[BodyState, Tensor, _Views]:
        """Every moment of several pictures from all of its starts; the best of each.

        Also how far the places of cameras contradict the pictures ``(B,)``, and the views without
        places that do.
        """
        state = BodyState.of(own.estimate)
        nothing = torch.zeros_like(own.comparison)
        starts = [
            starts
            for rows in views.groups.rows_of_moments()
            if len(rows) > 1
            for starts in self._starts(rows, own, views.held, more)
        ]
        if not starts:
            return state, nothing, views
        runner_up = own.estimate if own.runner_up is None else own.runner_up.estimate
        leads = [own.estimate, runner_up, *(each.estimate for each in more)]
        copies = views.copied(starts)
        found = self._started(copies, state, BodyState.of(BodyEstimate.joined(leads)), starts)
        profile = self._smplify.profile
        descents = (*profile.search, *profile.finish)
        found, free = self._descended(copies.without_places(), found, descents)
        best = _best_starts(starts, sum_of_groups(free.cost, copies.groups.moments))
        merged = _put_starts(state, found, starts, best)
        if views.rig is None or copies.rig is None:
            return merged, nothing, views
        placed, at_places = self._descended(copies, self._in_world(copies, found), descents)
        best_placed = _best_starts(starts, sum_of_groups(at_places.cost, copies.groups.moments))
        contradiction = _contradictions(
            views,
            _put_starts(nothing, free.parts.reprojection, starts, best),
            _put_starts(nothing, at_places.parts.reprojection, starts, best_placed),
        )
        agrees = contradiction <= LARGEST_CONTRADICTION_PX2
        chosen = select_rows(agrees, _put_starts(state, placed, starts, best_placed), merged)
        rig = views.rig.without((~agrees).tolist())
        return chosen, contradiction, replace(views, rig=rig if any(rig.placed) else None)

    def _starts(
        self,
        rows: Sequence[int],
        own: FitBatch,
        held: Tensor,
        more: Sequence[MomentStarts],
    ) -> list[_MomentStart]:
        """Where a moment starts: its first held picture, or its best fits and what else there is.

        Runner-ups and other starts follow the pictures whose own fits are best.
        """
        kept = [row for row in rows if bool(held[row])]
        if kept:
            return [_MomentStart(tuple(rows), kept[0])]
        total = own.losses.total.tolist()
        # Sorting a NaN is undefined; as ∞ it comes last.
        leads = sorted(rows, key=lambda row: total[row] if math.isfinite(total[row]) else math.inf)
        leads = leads[:MOST_STARTS]
        there = [own.has_runner_up, *(each.known for each in more)]
        others = [
            len(own) * place + row
            for place, known in enumerate(there, start=1)
            for row in leads
            if bool(known[row])
        ]
        return [_MomentStart(tuple(rows), lead) for lead in (*leads, *others)]

    def _started(
        self,
        copies: _Views,
        state: BodyState,
        leads: BodyState,
        starts: Sequence[_MomentStart],
    ) -> BodyState:
        """A row for each picture of each start, with the pose and shape of the one that leads."""
        device = copies.held.device
        rows = torch.tensor([row for start in starts for row in start.rows], device=device)
        lead = torch.tensor([start.lead for start in starts for _ in start.rows], device=device)
        here, leading = take_rows(state, rows), take_rows(leads, lead)
        moved = replace(here, body_pose=leading.body_pose, betas=leading.betas)
        moved = self._placed(copies.keypoints, moved)
        # The picture that leads is where its own fit has it, and so is one that is held.
        of_itself = lead % len(state.betas) == rows
        return select_rows(copies.held, here, select_rows(of_itself, leading, moved))

    def _placed(self, keypoints: Keypoints2D, state: BodyState) -> BodyState:
        """Bodies with the roots and cameras that fit best, from their own roots turned about."""
        count, profile = len(keypoints), self._smplify.profile
        angles = state.betas.new_tensor(_YAWS_RAD)
        turns = axis_angle_to_matrix(torch.outer(angles, angles.new_tensor([0.0, 1.0, 0.0])))
        repeated = take_rows(state, torch.arange(count, device=angles.device).repeat(len(angles)))
        # The body's vertical is y of its own frame, so the turn comes first: root · turn.
        repeated = replace(repeated, root=repeated.root @ turns.repeat_interleave(count, dim=0))
        seen = keypoints.repeated(len(angles))
        stage = CameraStage(self._body, seen, repeated, profile)
        camera, _ = minimise(
            stage,
            CameraState(repeated.root, repeated.camera_translation),
            iterations=profile.camera_iterations,
        )
        repeated = replace(repeated, root=camera.root, camera_translation=camera.camera_translation)
        cost = self._cost(seen, repeated)
        best = torch.nan_to_num(cost, nan=torch.inf).view(len(angles), count).argmin(0)
        return take_rows(repeated, best * count + torch.arange(count, device=best.device))

    def _cost(self, keypoints: Keypoints2D, state: BodyState) -> Tensor:
        """The objective ``(B,)`` of pictures by themselves, as wide as the search sees it."""
        objective = self._smplify.objective(keypoints, self._smplify.profile.search[0].sigma_px)
        depth_start = state.camera_translation[:, 2]
        stage = BodyStage(self._body, objective, depth_start=depth_start, depth_weight=0.0)
        return stage.evaluate(state).cost

    def _in_world(self, views: _Views, state: BodyState) -> BodyState:
        """The same bodies with one root for each rig: as that picture has it whose costs least."""
        rig = views.rig
        if rig is None:
            return state
        members: dict[int, list[int]] = {}
        for row, number in enumerate(rig.rigs):
            members.setdefault(number, []).append(row)
        in_world = rig.rotations.mT @ state.root
        best, least = state, torch.full_like(views.counted, torch.inf)
        for place in range(min(_MOST_FACINGS, max(map(len, members.values())))):
            leads = [members[number][place % len(members[number])] for number in rig.rigs]
            found = placed_in_world(self._body, state, rig, in_world[leads])
            cost = torch.nan_to_num(self._cost(views.keypoints, found), nan=torch.inf)
            of_rig = sum_of_groups(cost, rig.rigs)[list(rig.rigs)]
            better = (of_rig < least) | (place == 0)
            best, least = select_rows(better, found, best), torch.where(better, of_rig, least)
        return best

    def _subjects(self, views: _Views, state: BodyState) -> BodyState:
        """The moments of every subject once more, with one shape for all of them."""
        groups, held = views.groups, views.held
        if len(set(groups.subjects)) == len(groups.subjects):
            return state
        subject = groups.subject_of_row
        moments_of = [groups.subjects.count(number) for number in subject]
        several = torch.tensor([count > 1 for count in moments_of], device=held.device)
        # The mean of what moves, or of what is held where anything is.
        is_held = sum_of_groups(held.to(state.betas.dtype), subject)[list(subject)] > 0
        weight = torch.where(is_held, held, torch.ones_like(held)).to(state.betas.dtype)[:, None]
        betas = mean_of_groups(weight * state.betas, subject) / mean_of_groups(weight, subject)
        betas = torch.where((several & ~held)[:, None], betas, state.betas)
        state = replace(state, betas=betas)
        if views.rig is not None:
            # The pelvis of another shape is elsewhere in its body: it keeps its place.
            leads = [views.rig.rigs.index(rig) for rig in views.rig.rigs]
            in_world = (views.rig.rotations.mT @ state.root)[leads]
            state = placed_in_world(self._body, state, views.rig, in_world)
        # What is alone was fitted already, and is held here.
        views = replace(views, held=held | ~several)
        found, _ = self._descended(views, state, self._smplify.profile.finish)
        return found

    def _descended(
        self, views: _Views, state: BodyState, descents: Sequence[Descent]
    ) -> tuple[BodyState, BodyEvaluation]:
        """One descent after the other; the states, and the last descent's evaluation."""
        rig = views.rig
        shared = views.groups.shared_unknowns(views.held, None if rig is None else rig.rigs)
        shares = views.groups.shares(state.betas)
        profile, depth_start = self._smplify.profile, state.camera_translation[:, 2]
        depth_weight = state.betas.new_full((len(state.betas),), profile.body_depth_weight or 0.0)
        if rig is not None:
            # The rays of several cameras tell the depth, and need no tie to where it began.
            placed = torch.tensor(rig.placed, device=depth_weight.device)
            depth_weight = torch.where(placed, 0.0, depth_weight)
        for descent in descents:
            stage = BodyStage(
                self._body,
                self._smplify.objective(views.keypoints, descent.sigma_px, shares),
                depth_start=depth_start,
                depth_weight=depth_weight,
                estimate_prior=views.prior,
            )
            problem = stage if rig is None else WorldStage(stage, self._body, rig)
            state, evaluation = minimise(
                problem, state, iterations=descent.iterations, shared=shared
            )
        return state, evaluation


def _best_starts(starts: Sequence[_MomentStart], cost: Tensor) -> dict[tuple[int, ...], int]:
    """For the rows of each moment the start that ended lowest; cost: ``(S,)`` of the starts."""
    best: dict[tuple[int, ...], tuple[float, int]] = {}
    for number, (start, total) in enumerate(zip(starts, cost.tolist(), strict=True)):
        # A sum that is not a number loses against anything.
        rated = (total if math.isfinite(total) else math.inf, number)
        best[start.rows] = min(rated, best.get(start.rows, rated))
    return {rows: number for rows, (_, number) in best.items()}


def _put_starts(
    values: _BatchT,
    found: _BatchT,
    starts: Sequence[_MomentStart],
    best: dict[tuple[int, ...], int],
) -> _BatchT:
    """Values of B pictures, with those of the best start of each moment in their places."""
    first_row = [0]
    for start in starts:
        first_row.append(first_row[-1] + len(start.rows))
    put = joined_rows([values])
    for rows, number in best.items():
        put_rows(put, list(rows), take_rows(found, slice(first_row[number], first_row[number + 1])))
    return put


def _contradictions(views: _Views, free: Tensor, at_places: Tensor) -> Tensor:
    """For each row how much worse the places of its rig explain the keypoints ``(B,)``.

    Σ_v (E_places,v − E_free,v) / Σ_v w_v in px² per confident joint, with E the robust reprojection
    error of picture v; 0 where no place is known, ∞ where it puts the body behind a camera.
    """
    if views.rig is None:
        return torch.zeros_like(free)
    rigs = views.rig.rigs
    counted = sum_of_groups(views.counted, rigs).clamp_min(1e-9)
    worse = (sum_of_groups(at_places - free, rigs) / counted)[list(rigs)]
    placed = torch.tensor(views.rig.placed, device=worse.device)
    return torch.where(placed, torch.nan_to_num(worse, nan=torch.inf), 0.0)
