"""SMPLify for a batch: bodies fitted to 2D keypoints, from an estimate or from the mean pose.

Stage 1 fits the camera and the root (``camera_stage``), stage 2 everything (``body_stage``), each
by the solver of the profile. docs/method.md, "SMPLify". Sources: Bogo et al. 2016, section 3;
Kolotouros et al. 2019, section 3.3.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TypeVar

import torch
from torch import Tensor

from core.body.reprojection_loss import normalised_reprojection_loss
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify import adam
from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.bone_direction_term import BoneDirectionTerm, BoneGeometry
from core.engine.smplify.camera_stage import CameraStage, CameraState
from core.engine.smplify.direction_starts import direction_starts
from core.engine.smplify.initial_poses import mean_pose_starts
from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate, Keypoints2D, RootJoints
from core.engine.smplify.objective import LossParts, Objective, PriorShares
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.search_selection import DIFFERENT_BODY_M, best_two_distinct, body_distance
from core.engine.smplify.state import BodyState
from core.errors import ShapeError
from core.geometry.crop_camera import CropCameras
from core.geometry.levenberg_marquardt import minimise
from core.geometry.row_selection import joined_rows, select_rows, take_rows
from core.runs.fitting_profiles import Descent, FittingProfile, Solver
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses

LEAST_GAIN_OVER_DIRECTED_PX2 = 400.0
"""By how much the objective of a fit from an upright start must be lower than that of one along the
directions of bones: 16 variances of a keypoint (5 px), the clear gain of the acceptance rule."""

TRUSTED_DEPTH_PX2 = 60.0
"""The mean weight of a person's directions in depth from which the above holds: a mean square of
0.2. People whose landmarks lie across their keypoints have 20, nearly all others more than 120."""

_MovableT = TypeVar("_MovableT", Keypoints2D, BodyEstimate, EstimatePrior)


@dataclass(frozen=True, eq=False)
class FitBatch:
    """B fits.

    estimate: the bodies. cameras: which they were fitted under, B of them: those of their keypoints
        or, by a profile that says so, the long lens.
    losses: the terms of the objective, each (B,) px² of the crop.
    comparison: (B,) px², the loss by which the dictionary compares fits, under the cameras of their
        keypoints.
    runner_up: the next best body of each sample. It is another body only where ``has_runner_up``
        (B,) holds, more than 50 mm away after Procrustes.
    bone_directions: the term of the B samples, by which other bodies of them are compared; None
        where no directions are known.
    """

    estimate: BodyEstimate
    cameras: CropCameras[Tensor]
    losses: LossParts
    comparison: Tensor
    runner_up: FitBatch | None
    has_runner_up: Tensor
    bone_directions: BoneDirectionTerm | None = None

    def __len__(self) -> int:
        return len(self.estimate)

    def of_rows(self, rows: Tensor) -> FitBatch:
        """The fits at the indices ``rows`` ``(N,)``, with their runner-ups."""
        return FitBatch(
            take_rows(self.estimate, rows),
            take_rows(self.cameras, rows),
            take_rows(self.losses, rows),
            self.comparison[rows],
            None if self.runner_up is None else self.runner_up.of_rows(rows),
            self.has_runner_up[rows],
            self.bone_directions and self.bone_directions.of_rows(rows),
        )

    def with_rows_of(self, others: FitBatch, mask: Tensor) -> FitBatch:
        """The rows of other fits of the same samples and cameras where ``mask`` ``(B,)`` holds."""
        here = mask.to(self.comparison.device)
        return replace(
            self,
            estimate=select_rows(here, others.estimate, self.estimate),
            losses=select_rows(here, others.losses, self.losses),
            comparison=select_rows(here, others.comparison, self.comparison),
        )

    def under(
        self, cameras: CropCameras[Tensor], *, root_joints: RootJoints | None = None
    ) -> BodyEstimate:
        """The bodies, written for other cameras of their crops, B of them.

        root_joints: see ``BodyEstimate.between_cameras``.
        """
        return self.estimate.between_cameras(self.cameras, cameras, root_joints=root_joints)

    def parameters(self, index: int) -> BodyParameters:
        """One fit as the dictionary stores it, its angles in [0, π] radians."""
        return self._parameters[index]

    @cached_property
    def _parameters(self) -> list[BodyParameters]:
        return self.estimate.to_parameters(self.cameras)

    def fit_losses(self, index: int) -> FitLosses:
        """The terms of one fit and its comparison loss."""
        terms = {
            term.name: float(getattr(self.losses, term.name)[index]) for term in fields(self.losses)
        }
        return FitLosses(**terms, comparison=float(self.comparison[index]))


@dataclass(frozen=True, eq=False)
class _Descended:
    """Where descents ended: B bodies, the terms of the last objective, keypoints (B, 49, 3)."""

    state: BodyState
    parts: LossParts
    keypoints_3d: Tensor


class Smplify:
    """Fits bodies to keypoints by one profile; keeps nothing of the samples that it has fitted."""

    def __init__(self, model: BodyModel, prior: PosePrior, profile: FittingProfile) -> None:
        self.body = KeypointBody(model)
        self._bones = BoneGeometry(self.body)
        self.prior, self.profile = prior, profile

    def with_profile(self, profile: FittingProfile) -> Smplify:
        """The same body and prior, fitted by another profile."""
        other = copy(self)
        other.profile = profile
        return other

    @torch.no_grad()
    def fit(
        self,
        keypoints: Keypoints2D,
        start: BodyEstimate,
        *,
        estimate_prior: EstimatePrior | None = None,
    ) -> FitBatch:
        """Fit from an estimate of every body.

        Args:
            keypoints: B samples.
            start: B bodies for the cameras of the keypoints, such as a regressor's predictions.
            estimate_prior: a prior toward an estimate, often ``start`` itself.

        Raises:
            ShapeError: the batch sizes differ.
        """
        if len(start) != len(keypoints):
            raise ShapeError(
                "start", actual=start.betas.shape, expected=f"({len(keypoints)}, 10) betas"
            )
        keypoints, start, profile = self._here(keypoints), self._here(start), self.profile
        seen = self._fitted(keypoints)
        state = BodyState.of(start.between_cameras(keypoints.cameras, seen.cameras))
        if estimate_prior is not None:
            here = self._here(estimate_prior)
            estimate_prior = here.between_cameras(keypoints.cameras, seen.cameras)
        # The depth is held where the estimate has it, in both stages: stage 1 may have traded it
        # against a lean of the torso.
        depth_start = state.camera_translation[:, 2]
        state = self._fit_camera(seen, state)
        ended = self._fit_body(
            seen, state, depth_start, profile.refinement, estimate_prior=estimate_prior
        )
        if estimate_prior is not None:
            # Told with the weight of the profile: people sort and compare fits by it.
            own_weight = ended.parts.pose_prior / estimate_prior.pose_prior_share
            ended = replace(ended, parts=replace(ended.parts, pose_prior=own_weight))
        return self._batch(keypoints, ended)

    @torch.no_grad()
    def fit_from_mean_pose(self, keypoints: Keypoints2D) -> FitBatch:
        """Fit without any estimate, from the mean pose in as many directions as the profile says.

        Where directions of bones are known, a body along them is one more start, and is left only
        for a clearly lower objective. All starts of all samples run as one batch. After a few
        iterations the best start and the best one that is a different body are fitted further; the
        better of the two is the fit, and the other its runner-up.

        Args:
            keypoints: B samples.
        """
        keypoints, profile = self._here(keypoints), self.profile
        if profile.starting_yaws == 1:
            start = mean_pose_starts(self.body, self.prior, keypoints, yaws=1)
            return self.fit(keypoints, start.estimate())
        seen = self._fitted(keypoints)
        # S starts of B samples are S·B rows, start by start: row s · B + b is start s of sample b.
        starts, handicap = self._starts(seen)
        repeated = seen.repeated(profile.starting_yaws + (self.bone_directions(seen) is not None))
        depth_start = starts.camera_translation[:, 2]
        state = self._fit_camera(repeated, starts)
        found = self._fit_body(repeated, state, depth_start, profile.search)
        chosen = self._finalists(found, handicap, samples=len(keypoints))
        ended = self._fit_body(
            seen.repeated(2),
            take_rows(found.state, chosen),
            depth_start[chosen],
            profile.finish,
        )
        return self._best_of_two(keypoints, ended, handicap[chosen])

    @torch.no_grad()
    def measured(self, keypoints: Keypoints2D, estimate: BodyEstimate) -> FitBatch:
        """Bodies as they are, with the losses of a fit that ended there.

        The terms for depth and pull are zero: they tell how far a solver went from where it began.
        The robust error is that of the last descent, so that the losses compare with those of fits.

        Args:
            keypoints: B samples.
            estimate: B bodies for the cameras of the keypoints.
        """
        keypoints, estimate = self._here(keypoints), self._here(estimate)
        seen = self._fitted(keypoints)
        state = BodyState.of(estimate.between_cameras(keypoints.cameras, seen.cameras))
        last = self.profile.refinement[-1]
        keypoints_3d = self._keypoints_of(state)
        parts = self.objective(seen, last.sigma_px).parts(
            keypoints_3d, state.body_pose, state.betas, state.camera_translation
        )
        return self._batch(keypoints, _Descended(state, parts, keypoints_3d))

    def _here(self, value: _MovableT) -> _MovableT:
        return value.to(device=self.body.device, dtype=self.body.dtype)

    def objective(
        self,
        keypoints: Keypoints2D,
        sigma_px: float,
        shares: PriorShares | None = None,
        *,
        estimate_prior: EstimatePrior | None = None,
    ) -> Objective:
        """The objective of this profile for B samples; ``sigma_px`` is σ of the robust error.

        Args:
            keypoints: B samples.
            sigma_px: crop pixels.
            shares: of the priors; None where every sample is one of its own.
            estimate_prior: the prior that stands beside it, which the pose prior makes room for.
        """
        weights = self.profile.weights
        if estimate_prior is not None:
            weights = replace(
                weights, pose_prior=weights.pose_prior * estimate_prior.pose_prior_share
            )
        return Objective(
            keypoints,
            self.prior,
            weights,
            sigma_px,
            shares,
            self.bone_directions(keypoints),
        )

    def bone_directions(self, keypoints: Keypoints2D) -> BoneDirectionTerm | None:
        """The term of B samples; None where no directions are known, and in ``paper``."""
        known = keypoints.bone_directions
        # The paper's objective, which its solver stands for, has no such term.
        if known is None or self.profile.solver is Solver.ADAM:
            return None
        return BoneDirectionTerm(self._bones, known)

    def _fitted(self, keypoints: Keypoints2D) -> Keypoints2D:
        """The keypoints under the cameras that this profile fits with."""
        return replace(keypoints, cameras=LONG_LENSES) if self.profile.long_lens else keypoints

    def _fit_camera(self, keypoints: Keypoints2D, state: BodyState) -> BodyState:
        stage = CameraStage(self.body, keypoints, state, self.profile)
        if self.profile.solver is Solver.ADAM:
            return adam.fit_camera(
                stage,
                state,
                steps=self.profile.camera_iterations,
                learning_rate=self.profile.learning_rate,
            )
        start = CameraState(state.root, state.camera_translation)
        with torch.inference_mode():
            found, _ = minimise(stage, start, iterations=self.profile.camera_iterations)
        camera = joined_rows([found])
        return replace(state, root=camera.root, camera_translation=camera.camera_translation)

    def _fit_body(
        self,
        keypoints: Keypoints2D,
        state: BodyState,
        depth_start: Tensor,
        descents: tuple[Descent, ...],
        *,
        estimate_prior: EstimatePrior | None = None,
    ) -> _Descended:
        """One descent after the other, with σ narrowing; the loss parts are those of the last.

        depth_start: ``(B,)`` metres, of the estimate and not of the result of stage 1.
        """
        if self.profile.solver is not Solver.ADAM:
            # A tenth of the time is what autograd would want to know of every operation. Tensors
            # that are made without it may never take part in a gradient, so copies are returned.
            with torch.inference_mode():
                ended = self._descended(keypoints, state, depth_start, descents, estimate_prior)
            return joined_rows([ended])
        for descent in descents:
            state, parts = adam.fit_body(
                self.body,
                self.objective(keypoints, descent.sigma_px, estimate_prior=estimate_prior),
                state,
                steps=descent.iterations,
                learning_rate=self.profile.learning_rate,
                estimate_prior=estimate_prior,
            )
        return _Descended(state, parts, self._keypoints_of(state))

    def _descended(
        self,
        keypoints: Keypoints2D,
        state: BodyState,
        depth_start: Tensor,
        descents: tuple[Descent, ...],
        estimate_prior: EstimatePrior | None,
    ) -> _Descended:
        """``_fit_body`` by Levenberg–Marquardt."""
        stages = [
            BodyStage(
                self.body,
                self.objective(keypoints, descent.sigma_px, estimate_prior=estimate_prior),
                depth_start=depth_start,
                # None freezes the camera, which only Adam can; here it is free, without a tie.
                depth_weight=self.profile.body_depth_weight or 0.0,
                estimate_prior=estimate_prior,
            )
            for descent in descents
        ]
        evaluation = stages[0].evaluate(state)
        for stage, descent in zip(stages, descents, strict=True):
            if stage is not stages[0]:
                evaluation = stage.judged_again(state, evaluation)
            state, evaluation = minimise(
                stage, state, iterations=descent.iterations, evaluation=evaluation
            )
        keypoints_3d = evaluation.posed.distinct[:, self.body.distinct_of_keypoint]
        return _Descended(state, evaluation.parts, keypoints_3d)

    def _keypoints_of(self, state: BodyState) -> Tensor:
        return self.body.keypoints(state.pose_matrices, state.betas)

    def _starts(self, seen: Keypoints2D) -> tuple[BodyState, Tensor]:
        """S·B starts, and what the objective of each is raised by before starts are compared."""
        yaws, samples = self.profile.starting_yaws, len(seen)
        upright = mean_pose_starts(self.body, self.prior, seen, yaws=yaws)
        if seen.bone_directions is None or self.bone_directions(seen) is None:
            return upright, upright.betas.new_zeros(yaws * samples)
        directed = direction_starts(self.body, self.prior, seen)
        weights = seen.bone_directions.weights
        trusted = weights[..., 2].mean(1) > TRUSTED_DEPTH_PX2
        of_upright = torch.where(trusted, LEAST_GAIN_OVER_DIRECTED_PX2, 0.0).repeat(yaws)
        # A sample without directions has no such start: at ∞ it is never the better one.
        of_directed = torch.where(weights.flatten(1).any(1), 0.0, torch.inf)
        handicap = torch.cat([of_upright, of_directed]).to(upright.betas)
        return joined_rows([upright, directed]), handicap

    def _finalists(self, found: _Descended, handicap: Tensor, *, samples: int) -> Tensor:
        """The rows ``(2 * samples,)`` of the starts that are fitted further.

        handicap: ``(S·B,)`` px², added to the objectives before they are compared.
        """
        cost = found.parts.total + handicap
        starts = len(cost) // samples if samples else self.profile.starting_yaws
        # A NaN would win every argmin; as ∞ it loses to any fit.
        cost = torch.nan_to_num(cost, nan=torch.inf, posinf=torch.inf).view(starts, samples)
        # Start s of sample b is row s · B + b: (2, B) of starts -> (2·B,) rows.
        chosen = best_two_distinct(cost, found.keypoints_3d.view(starts, samples, 49, 3))
        rows = torch.arange(samples, device=chosen.device)
        return (chosen * samples + rows).flatten()

    def _best_of_two(self, keypoints: Keypoints2D, ended: _Descended, handicap: Tensor) -> FitBatch:
        """The fits of B samples from 2·B rows, the first candidates before the second ones.

        handicap: ``(2·B,)`` px², added to the objectives before they are compared.
        """
        # The further iterations may have turned the order round, so it is decided again.
        rows = torch.arange(len(keypoints), device=self.body.device)
        first, second = take_rows(ended, rows), take_rows(ended, rows + len(keypoints))
        cost = ended.parts.total + handicap
        swapped = cost[rows + len(keypoints)] < cost[rows]
        best = self._batch(keypoints, select_rows(swapped, second, first))
        other = self._batch(keypoints, select_rows(swapped, first, second))
        distance = body_distance(first.keypoints_3d, second.keypoints_3d)
        return replace(best, runner_up=other, has_runner_up=distance > DIFFERENT_BODY_M)

    def _batch(self, keypoints: Keypoints2D, ended: _Descended) -> FitBatch:
        estimate = ended.state.estimate()
        # The crop's frame is the same for either camera, and comparison solves for the translation.
        comparison = normalised_reprojection_loss(
            ended.keypoints_3d,
            keypoints.positions_crop_px,
            keypoints.confidence,
            keypoints.cameras,
        )
        no_runner_up = torch.zeros(len(estimate), dtype=torch.bool, device=self.body.device)
        cameras = self._fitted(keypoints).cameras
        return FitBatch(
            estimate,
            cameras,
            ended.parts,
            comparison,
            None,
            no_runner_up,
            self.bone_directions(keypoints),
        )
