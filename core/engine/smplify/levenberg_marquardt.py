"""Levenberg–Marquardt for a batch of independent problems.

Every sample has its own damping and accepts or refuses its own steps, so that a sample's result
does not depend on its companions. Gradients and curvatures are *halved* throughout: for a cost
``Σ w e²`` the gradient is ``Σ w e J`` and the curvature ``Σ w JᵀJ``. The algorithm, its limits and
their reasons: docs/method.md, "The solver: Levenberg–Marquardt".
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import torch
from torch import Tensor

from core.engine.smplify.row_selection import select_rows
from core.geometry.camera_solve_limits import DAMPING_RANGE, FIRST_DAMPING, SMALLEST_CURVATURE

StateT = TypeVar("StateT")


class Evaluation(Protocol):
    """What a problem knows of a state; a frozen dataclass of tensors."""

    @property
    def cost(self) -> Tensor:
        """``(B,)``, not halved."""


EvaluationT = TypeVar("EvaluationT", bound=Evaluation)


class Problem(Protocol[StateT, EvaluationT]):
    """A batch of sums of squares over states that may live on a manifold."""

    def evaluate(self, state: StateT) -> EvaluationT:
        """Cost and whatever ``normal_equations`` needs."""

    def normal_equations(self, state: StateT, evaluation: EvaluationT) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, N)`` and curvature ``(B, N, N)``."""

    def moved(self, state: StateT, step: Tensor) -> StateT:
        """The state after a step ``(B, N)``."""


def minimise(
    problem: Problem[StateT, EvaluationT],
    state: StateT,
    *,
    iterations: int,
) -> tuple[StateT, EvaluationT]:
    """Take ``iterations`` trial steps; a step that does not lower the cost, or is NaN, is refused.

    Returns:
        The best state of every sample and its evaluation.
    """
    evaluation = problem.evaluate(state)
    damping = torch.full_like(evaluation.cost, FIRST_DAMPING)
    growth = torch.full_like(damping, 2.0)
    for _ in range(iterations):
        gradient, curvature = problem.normal_equations(state, evaluation)
        step, promised = _damped_step(gradient, curvature, damping)
        candidate = problem.moved(state, step)
        outcome = problem.evaluate(candidate)
        accepted = outcome.cost < evaluation.cost
        gained = (evaluation.cost - outcome.cost) / promised.clamp_min(1e-9)
        damping, growth = _adapted(damping, growth, accepted, gained)
        state = select_rows(accepted, candidate, state)
        evaluation = select_rows(accepted, outcome, evaluation)
    return state, evaluation


def _damped_step(gradient: Tensor, curvature: Tensor, damping: Tensor) -> tuple[Tensor, Tensor]:
    """Step ``(B, N)`` and the decrease of the cost ``(B,)`` that the quadratic model promises.

    Solved in double precision: the curvature spans eight orders of magnitude. Where it is not
    positive definite or not finite the step is zero, which is refused and raises the damping.
    """
    scale = curvature.diagonal(dim1=1, dim2=2).to(torch.float64, copy=True)
    damped = curvature.to(torch.float64, copy=True)
    damped.diagonal(dim1=1, dim2=2).add_(damping[:, None] * scale + SMALLEST_CURVATURE)
    factor, failed = torch.linalg.cholesky_ex(damped)
    slope = gradient.double()
    step = -torch.cholesky_solve(slope[..., None], factor)[..., 0]
    usable = (failed == 0) & torch.isfinite(step).all(1)
    step = torch.where(usable[:, None], step, torch.zeros_like(step))
    promised = (step * (damping[:, None] * scale * step - slope)).sum(1)
    return step.to(gradient.dtype), promised.to(gradient.dtype)


def _adapted(
    damping: Tensor, growth: Tensor, accepted: Tensor, gained: Tensor
) -> tuple[Tensor, Tensor]:
    """Nielsen 1999: less damping the better the model held, ever faster growth on refusal."""
    shrink = (1 - (2 * gained - 1) ** 3).clamp(1 / 5, 2.0)
    changed = torch.where(accepted, damping * shrink, damping * growth)
    next_growth = torch.where(accepted, torch.full_like(growth, 2.0), growth * 2)
    return changed.clamp(*DAMPING_RANGE), next_growth.clamp_max(1e6)
