"""Pictures of one person fitted together: one pose and shape a moment, one shape a subject.

Every picture keeps a root and a camera of its own, so no calibration is needed. Each moment starts
from the fit of every one of its pictures in turn, and the lowest objective wins: what is hidden or
ambiguous in one picture is plain in another, and a fit that took an arm the wrong way loses to one
that did not. docs/method.md, "Several pictures of one person".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.camera_stage import CameraStage, CameraState
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.objective import PriorShares
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.state import BodyState
from core.engine.smplify.view_groups import ViewGroups, mean_of_groups, sum_of_groups
from core.errors import ShapeError, StudioError
from core.geometry.levenberg_marquardt import minimise
from core.geometry.rotations import axis_angle_to_matrix
from core.geometry.row_selection import put_rows, select_rows, take_rows
from core.runs.fitting_profiles import Descent, Solver

MOST_STARTS = 8
"""A moment of more pictures starts from the fits of this many of them, the lowest objectives first:
the cost of all starts grows with the square of the pictures."""

_YAWS_RAD = (0.0, math.pi / 2, math.pi, -math.pi / 2)
"""How a picture's own root is turned about the body's vertical before it takes another picture's
pose: a fit of its own may face the wrong way, and no local solver turns it round."""


LARGEST_DISAGREEMENT_PX2 = 15.0
"""Above it the pictures of a moment do not show one body: no right group of real people comes so
far, and of wrong ones two thirds to nine tenths do, the fewer the more moments look alike
(docs/measurements.md, "Pictures that do not belong together")."""


@dataclass(frozen=True)
class _MomentStart:
    """A start of a moment: its pictures, and the one among them (or its runner-up) that leads.

    lead: a row of all best fits, followed by all runner-ups.
    """

    rows: tuple[int, ...]
    lead: int


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

    @torch.no_grad()
    def fit(
        self,
        keypoints: Keypoints2D,
        own: FitBatch,
        groups: ViewGroups,
        *,
        held: Tensor | None = None,
    ) -> FitBatch:
        """Fit B pictures together where they belong together; the others keep their own fit.

        Args:
            keypoints: B samples.
            own: the fit of every picture by itself; its runner-ups are starts, too.
            groups: of the B samples.
            held: ``(B,)`` bool, whose bodies in ``own`` stay as they are; the rest of their moment
                takes their pose and shape, the rest of their subject their shape.

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
        state = self._moments(keypoints, own, groups, still)
        state = self._subjects(keypoints, state, groups, still)
        return self._smplify.measured(keypoints, state.estimate())

    def _moments(
        self, keypoints: Keypoints2D, own: FitBatch, groups: ViewGroups, held: Tensor
    ) -> BodyState:
        """Every moment of several pictures from all of its starts; the best of each."""
        state = BodyState.of(own.estimate)
        starts = [
            starts
            for rows in groups.rows_of_moments()
            if len(rows) > 1
            for starts in self._starts(rows, own, held)
        ]
        if not starts:
            return state
        runner_up = own.estimate if own.runner_up is None else own.runner_up.estimate
        leads = BodyState.of(BodyEstimate.joined([own.estimate, runner_up]))
        found, cost = self._from_starts(keypoints, state, leads, starts, held)
        best: dict[tuple[int, ...], tuple[float, int]] = {}
        for number, (start, total) in enumerate(zip(starts, cost.tolist(), strict=True)):
            # A sum that is not a number loses against anything.
            rated = (total if math.isfinite(total) else math.inf, number)
            best[start.rows] = min(rated, best.get(start.rows, rated))
        first_row = [0]
        for start in starts:
            first_row.append(first_row[-1] + len(start.rows))
        state = take_rows(state, torch.arange(len(own), device=held.device))
        for rows, (_, number) in best.items():
            chosen = slice(first_row[number], first_row[number + 1])
            put_rows(state, list(rows), take_rows(found, chosen))
        return state

    def _starts(self, rows: Sequence[int], own: FitBatch, held: Tensor) -> list[_MomentStart]:
        """Where a moment starts: its first held picture, or its best fits and their runner-ups."""
        kept = [row for row in rows if bool(held[row])]
        if kept:
            return [_MomentStart(tuple(rows), kept[0])]
        total = own.losses.total.tolist()
        # Sorting a NaN is undefined; as ∞ it comes last.
        leads = sorted(rows, key=lambda row: total[row] if math.isfinite(total[row]) else math.inf)
        leads = leads[:MOST_STARTS]
        others = [len(own) + row for row in leads if bool(own.has_runner_up[row])]
        return [_MomentStart(tuple(rows), lead) for lead in (*leads, *others)]

    def _from_starts(
        self,
        keypoints: Keypoints2D,
        state: BodyState,
        leads: BodyState,
        starts: Sequence[_MomentStart],
        held: Tensor,
    ) -> tuple[BodyState, Tensor]:
        """All starts as one batch, a row for each picture of each start; and each start's cost."""
        device = held.device
        rows = torch.tensor([row for start in starts for row in start.rows], device=device)
        lead = torch.tensor([start.lead for start in starts for _ in start.rows], device=device)
        number = [number for number, start in enumerate(starts) for _ in start.rows]
        seen, here, still = take_rows(keypoints, rows), take_rows(state, rows), held[rows]
        leading = take_rows(leads, lead)
        moved = replace(here, body_pose=leading.body_pose, betas=leading.betas)
        moved = self._placed(seen, moved)
        # The picture that leads is where its own fit has it, and so is one that is held.
        of_itself = lead % len(state.betas) == rows
        here = select_rows(still, here, select_rows(of_itself, leading, moved))
        groups = ViewGroups(tuple(number), tuple(range(len(starts))))
        profile = self._smplify.profile
        found, cost = self._descended(
            seen, here, groups, (*profile.search, *profile.finish), held=still
        )
        return found, sum_of_groups(cost, number)

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
        cost = self._stage(seen, repeated, profile.search[0].sigma_px, None).evaluate(repeated).cost
        best = torch.nan_to_num(cost, nan=torch.inf).view(len(angles), count).argmin(0)
        return take_rows(repeated, best * count + torch.arange(count, device=best.device))

    def _subjects(
        self, keypoints: Keypoints2D, state: BodyState, groups: ViewGroups, held: Tensor
    ) -> BodyState:
        """The moments of every subject once more, with one shape for all of them."""
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
        # What is alone was fitted already, and is held here.
        found, _ = self._descended(
            keypoints,
            replace(state, betas=betas),
            groups,
            self._smplify.profile.finish,
            held=held | ~several,
        )
        return found

    def _descended(
        self,
        keypoints: Keypoints2D,
        state: BodyState,
        groups: ViewGroups,
        descents: Sequence[Descent],
        *,
        held: Tensor,
    ) -> tuple[BodyState, Tensor]:
        """One descent after the other; the states and each row's cost ``(B,)`` in the last."""
        shared = groups.shared_unknowns(held)
        shares = groups.shares(state.betas)
        depth_start = state.camera_translation[:, 2]
        for descent in descents:
            stage = self._stage(keypoints, state, descent.sigma_px, shares, depth_start)
            state, evaluation = minimise(stage, state, iterations=descent.iterations, shared=shared)
        return state, evaluation.cost

    def _stage(
        self,
        keypoints: Keypoints2D,
        state: BodyState,
        sigma_px: float,
        shares: PriorShares | None,
        depth_start: Tensor | None = None,
    ) -> BodyStage:
        profile = self._smplify.profile
        return BodyStage(
            self._body,
            self._smplify.objective(keypoints, sigma_px, shares),
            depth_start=state.camera_translation[:, 2] if depth_start is None else depth_start,
            depth_weight=profile.body_depth_weight or 0.0,
        )
