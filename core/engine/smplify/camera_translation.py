"""The camera of a given body, from scratch: what makes losses of different fits comparable."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.smplify.levenberg_marquardt import minimise
from core.engine.smplify.projection import projection_rows, refuse_behind_camera
from core.engine.smplify.robust import robust_square, robust_weight
from core.geometry.camera_solve_limits import (
    DEFAULT_DEPTH_M,
    MIN_DEPTH_M,
    REFINEMENT_STEPS,
    TIE_TO_DEFAULT_PX2,
)
from core.geometry.crop_camera import CROP_CENTER_PX, FOCAL_LENGTH_PX, project_to_crop


def least_squares_translation(points: Tensor, seen_px: Tensor, weights: Tensor) -> Tensor:
    """The camera translation that is best in the linear least-squares sense.

    Minimises ``Σ w ‖f (S_xy + t_xy) + (c − x)(S_z + t_z)‖²`` in double precision. Samples whose
    joints do not determine it get the default depth of SPIN's mean camera
    (docs/method.md, "The normalised reprojection loss").

    Args:
        points: ``(B, N, 3)`` metres.
        seen_px: ``(B, N, 2)`` crop pixels.
        weights: ``(B, N)``.

    Returns:
        ``(B, 3)`` metres.
    """
    points_, weight = points.double(), weights.double()
    toward = CROP_CENTER_PX - seen_px.double()
    known = -(FOCAL_LENGTH_PX * points_[..., :2] + toward * points_[..., 2:])
    total = weight.sum(1)
    system = points_.new_zeros(len(points_), 3, 3)
    system[:, 0, 0] = system[:, 1, 1] = FOCAL_LENGTH_PX**2 * total
    mixed = FOCAL_LENGTH_PX * (weight[..., None] * toward).sum(1)
    system[:, :2, 2] = system[:, 2, :2] = mixed
    system[:, 2, 2] = (weight[..., None] * toward**2).sum((1, 2))
    right = torch.cat(
        [
            FOCAL_LENGTH_PX * (weight[..., None] * known).sum(1),
            (weight[..., None] * toward * known).sum((1, 2))[:, None],
        ],
        dim=1,
    )
    tie = TIE_TO_DEFAULT_PX2 * total + torch.finfo(torch.float32).tiny
    system[:, 2, 2] += tie
    right[:, 2] += tie * DEFAULT_DEPTH_M
    system.diagonal(dim1=1, dim2=2)[:, :2].add_((total <= 0).double()[:, None])
    translation = torch.linalg.solve(system, right)
    in_front = translation[:, 2:].clamp_min(2 * MIN_DEPTH_M)
    return torch.cat([translation[:, :2], in_front], dim=1).to(points.dtype)


@dataclass(frozen=True, eq=False)
class _Translation:
    camera_translation: Tensor


@dataclass(frozen=True, eq=False)
class _TranslationEvaluation:
    cost: Tensor
    residual: Tensor


@dataclass(frozen=True, eq=False)
class _TranslationProblem:
    """``Σ w² (ρ(dx) + ρ(dy))`` over the camera translation alone."""

    points: Tensor
    seen_px: Tensor
    squared_confidence: Tensor
    sigma_px: float

    def evaluate(self, state: _Translation) -> _TranslationEvaluation:
        residual = project_to_crop(self.points, state.camera_translation) - self.seen_px
        errors = robust_square(residual, self.sigma_px).sum(-1)
        cost = (self.squared_confidence * errors).sum(1)
        return _TranslationEvaluation(
            refuse_behind_camera(cost, state.camera_translation), residual
        )

    def normal_equations(
        self, state: _Translation, evaluation: _TranslationEvaluation
    ) -> tuple[Tensor, Tensor]:
        weight = self.squared_confidence[..., None] * robust_weight(
            evaluation.residual, self.sigma_px
        )
        jacobian = projection_rows(self.points, state.camera_translation).flatten(2)
        weighted = jacobian * weight.transpose(1, 2).flatten(1)[:, None]
        residual = evaluation.residual.transpose(1, 2).flatten(1)
        gradient = (weighted @ residual[..., None])[..., 0]
        return gradient, weighted @ jacobian.transpose(1, 2)

    def moved(self, state: _Translation, step: Tensor) -> _Translation:
        return _Translation(state.camera_translation + step)


def refined_translation(
    points: Tensor,
    seen_px: Tensor,
    confidence: Tensor,
    start: Tensor,
    *,
    sigma_px: float,
    steps: int = REFINEMENT_STEPS,
) -> tuple[Tensor, Tensor]:
    """Bring the robust reprojection error down over the translation alone.

    Args:
        points: ``(B, N, 3)`` metres.
        seen_px: ``(B, N, 2)`` crop pixels.
        confidence: ``(B, N)``.
        start: ``(B, 3)`` metres.
        sigma_px: where the robust error saturates.
        steps: how many steps are tried.

    Returns:
        Translation ``(B, 3)`` and ``Σ w² ρ`` ``(B,)`` there.
    """
    problem = _TranslationProblem(points, seen_px, confidence**2, sigma_px)
    state, evaluation = minimise(problem, _Translation(start), iterations=steps)
    return state.camera_translation, evaluation.cost
