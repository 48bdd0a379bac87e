"""Bodies among points in space, as a problem for the second-order solver.

The unknowns are those of stage 2 (``body_stage``), and the objective is

    E = Σ_i w_i ρ(e_i) + 4.78² E_θ + 15.2² E_a + 5² |β|² (+ E_pull)                    px²
    e_i = X_i + t − p_i        ρ(e) = |e|² / (1 + |e|² / τ²)

over the points i that are known, with X_i where the body has a keypoint or a joint, t its
translation and p_i where it should be. τ, in metres, is from where on a point counts for wrong; the
norm is taken of all three coordinates, so that the frame does not matter. docs/method.md, "Fitting
to points in space".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.keypoint_posing import PosedKeypoints
from core.engine.body.joint_levers import joints_by_betas, joints_by_turns
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.angle_prior import angle_prior_energy
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.prior_derivatives import add_estimate_prior, priors_equations
from core.engine.smplify.space.points_3d import Points3D
from core.engine.smplify.state import BodyState, moved_state
from core.geometry.robust import robust_weight
from core.geometry.rotation_jacobian import right_jacobian, unskew
from core.runs.fitting_profiles import ObjectiveWeights
from core.types.arrays import NUM_JOINTS


@dataclass(frozen=True, eq=False)
class SpaceEvaluation:
    """The objective at a state, with what its derivatives are made of.

    cost: (B,) px². posed: the bodies. pose_matrices: (B, 24, 3, 3). turns: (B, 24, 3) radians, τ_j
    from the estimate; 0 without one.
    """

    cost: Tensor
    posed: PosedKeypoints[Tensor]
    pose_matrices: Tensor
    turns: Tensor


class SpaceStage:
    """The problem of B bodies; ``minimise`` works on their state.

    outlier_m: τ, infinite where every point is to be trusted.
    """

    def __init__(
        self,
        body: KeypointBody,
        prior: PosePrior,
        points: Points3D,
        *,
        outlier_m: float,
        estimate_prior: EstimatePrior | None = None,
    ) -> None:
        self._body, self._prior, self._points = body, prior, points
        self._outlier_m, self._estimate_prior = outlier_m, estimate_prior
        one = torch.ones(len(points), dtype=body.dtype, device=body.device)
        weights = ObjectiveWeights()
        share = 1.0 if estimate_prior is None else estimate_prior.pose_prior_share
        self._prior_weights = (
            share * weights.pose_prior * one,
            weights.angle_prior * one,
            weights.shape_prior * one,
        )
        identity = torch.eye(body.num_distinct, dtype=body.dtype, device=body.device)
        # (U, 49), what adds up the names of a distinct keypoint.
        self._to_distinct = identity[:, body.distinct_of_keypoint]
        # Functions of a keypoint that are its three coordinates: (1, 3, 3, U).
        axes = torch.eye(3, dtype=body.dtype, device=body.device)
        self._coordinates = axes[None, :, :, None].expand(1, 3, 3, body.num_distinct)

    def evaluate(self, state: BodyState) -> SpaceEvaluation:
        """The objective of a state."""
        matrices = state.pose_matrices
        posed = self._body.posed(matrices, state.betas)
        pose_weight, angle_weight, shape_weight = self._prior_weights
        cost = (
            self._energy(posed, state.camera_translation)
            + pose_weight * self._prior.energy(state.body_pose)
            + angle_weight * angle_prior_energy(state.body_pose)
            + shape_weight * (state.betas**2).sum(1)
        )
        turns = torch.zeros_like(posed.joints)
        if self._estimate_prior is not None:
            turns = self._estimate_prior.turns(matrices)
            cost = cost + self._estimate_prior.energy(turns, state.betas, state.camera_translation)
        return SpaceEvaluation(cost, posed, matrices, turns)

    def distances_m(self, evaluation: SpaceEvaluation, state: BodyState) -> tuple[Tensor, Tensor]:
        """How far keypoints ``(B, 49)`` and joints ``(B, 24)`` lie from where they should be."""
        errors = self._errors(evaluation.posed, state.camera_translation)
        of_keypoints, of_joints = (_length(error) for error in errors)
        return of_keypoints, of_joints

    def normal_equations(
        self, state: BodyState, evaluation: SpaceEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 85)``, exact, and Gauss–Newton curvature ``(B, 85, 85)``."""
        right_jacobians = right_jacobian(state.body_pose.reshape(-1, 23, 3))
        turned = evaluation.posed.bone_rotations
        frames = torch.cat([turned[:, :1], turned[:, 1:] @ right_jacobians], dim=1)
        gradient, curvature = priors_equations(state, self._prior, self._prior_weights)
        for more, more_curved in (
            self._of_joints(state, evaluation, frames),
            self._of_keypoints(state, evaluation, frames, right_jacobians),
        ):
            gradient, curvature = gradient + more, curvature + more_curved
        if self._estimate_prior is not None:
            add_estimate_prior(
                self._estimate_prior,
                gradient,
                curvature,
                state,
                turns=evaluation.turns,
                right_jacobians=right_jacobians,
            )
        return gradient, curvature

    def moved(self, state: BodyState, step: Tensor) -> BodyState:
        """The state after a step ``(B, 85)``, the body's angles wrapped into [0, π]."""
        return moved_state(state, step)

    def _errors(self, posed: PosedKeypoints[Tensor], translation: Tensor) -> tuple[Tensor, Tensor]:
        """e_i of keypoints ``(B, 49, 3)`` and of joints ``(B, 24, 3)`` in metres."""
        shift, points = translation[:, None], self._points
        keypoints = posed.distinct[:, self._body.distinct_of_keypoint] + shift
        return keypoints - points.keypoints_m, posed.joints + shift - points.joints_m

    def _weights(self, error: Tensor, weights: Tensor) -> Tensor:
        """w_i ρ'(|e_i|²) of errors ``(B, N, 3)``."""
        return weights * robust_weight(_length(error), self._outlier_m)

    def _energy(self, posed: PosedKeypoints[Tensor], translation: Tensor) -> Tensor:
        energy = torch.zeros_like(translation[:, 0])
        weights = (self._points.keypoint_weights, self._points.joint_weights)
        for error, weight in zip(self._errors(posed, translation), weights, strict=True):
            square = (error**2).sum(-1)
            energy = energy + (weight * square / (1 + square / self._outlier_m**2)).sum(1)
        return energy

    def _of_joints(
        self, state: BodyState, evaluation: SpaceEvaluation, frames: Tensor
    ) -> tuple[Tensor, Tensor]:
        posed, slopes = evaluation.posed, self._body.relative_slopes
        _, error = self._errors(posed, state.camera_translation)
        weight = self._weights(error, self._points.joint_weights)
        jacobian = torch.cat(
            [
                joints_by_turns(posed.joints, frames, range(NUM_JOINTS)),
                joints_by_betas(posed.parent_rotations, slopes),
                torch.eye(3).to(error).expand(*error.shape, 3),
            ],
            dim=3,
        ).flatten(1, 2)
        weighted = jacobian * weight[..., None].expand_as(error).flatten(1)[..., None]
        gradient = (weighted.mT @ error.flatten(1)[..., None])[..., 0]
        return gradient, weighted.mT @ jacobian

    def _of_keypoints(
        self,
        state: BodyState,
        evaluation: SpaceEvaluation,
        frames: Tensor,
        right_jacobians: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """As ``BodyStage`` has them, with the three coordinates in place of two pixels."""
        body, posed = self._body, evaluation.posed
        error, _ = self._errors(posed, state.camera_translation)
        weight = self._weights(error, self._points.keypoint_weights)
        force = self._to_distinct @ (weight[..., None] * error)
        by_matrices, by_betas = body.vjp(posed, force)
        by_turns = unskew(evaluation.pose_matrices.mT @ by_matrices)
        by_body = (by_turns[:, 1:, None] @ right_jacobians).reshape(-1, 69)
        gradient = torch.cat([by_turns[:, 0], by_body, by_betas, force.sum(1)], dim=1)
        rows = self._coordinates.expand(len(error), -1, -1, -1)
        jacobian = body.row_derivatives(posed, rows, frames).flatten(2)
        # (B, U) for each of the three coordinates: (B, 1, 3·U)
        on_distinct = (self._to_distinct @ weight[..., None])[..., 0].repeat(1, 3)[:, None]
        return gradient, (jacobian * on_distinct) @ jacobian.mT


def _length(vectors: Tensor) -> Tensor:
    length: Tensor = torch.linalg.vector_norm(vectors, dim=-1)
    return length
