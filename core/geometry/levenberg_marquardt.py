"""Levenberg–Marquardt for a batch of independent problems, of arrays or of tensors.

Every sample has its own damping and accepts or refuses its own steps, so that a sample's result
does not depend on its companions. Gradients and curvatures are *halved* throughout: for a cost
``Σ w e²`` the gradient is ``g = Σ w e J`` and the curvature ``H = Σ w JᵀJ``. All formulas, and the
reason for each limit: docs/method.md, "The solver: Levenberg–Marquardt".
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from core.geometry.array_namespace import array_namespace
from core.geometry.linear_systems import solve_positive_definite
from core.geometry.row_selection import select_rows

FIRST_DAMPING = 1e-2

DAMPING_RANGE = (1e-7, 1e6)
"""Below, the damping no longer changes a step but takes many refusals to grow back."""

SMALLEST_CURVATURE = 1e-6
"""Keeps directions that nothing determines from making the system singular."""

_LARGEST_GROWTH = 1e6
_LEAST_PROMISE = 1e-9
"""A step of zero promises nothing: 0 / 0."""

StateT = TypeVar("StateT")


class Evaluation(Protocol):
    """What a problem knows of a state; a frozen dataclass of arrays or tensors."""

    @property
    def cost(self) -> Any:
        """``(B,)``, not halved."""


EvaluationT = TypeVar("EvaluationT", bound=Evaluation)


class Problem(Protocol[StateT, EvaluationT]):
    """A batch of sums of squares over states that may live on a manifold."""

    def evaluate(self, state: StateT) -> EvaluationT:
        """Cost and whatever ``normal_equations`` needs."""

    def normal_equations(self, state: StateT, evaluation: EvaluationT) -> tuple[Any, Any]:
        """Halved gradient ``(B, N)`` and curvature ``(B, N, N)``."""

    def moved(self, state: StateT, step: Any) -> StateT:
        """The state after a step ``(B, N)``."""


def minimise(
    problem: Problem[StateT, EvaluationT],
    state: StateT,
    *,
    iterations: int,
) -> tuple[StateT, EvaluationT]:
    """Take ``iterations`` trial steps; a step that does not lower the cost, or is NaN, is refused.

    The gain ratio is the decrease of the cost over the decrease that the quadratic model promised:
    1 where the model holds.

    Returns:
        The best state of every sample and its evaluation.
    """
    evaluation = problem.evaluate(state)
    xp = array_namespace(evaluation.cost)
    damping = xp.full_like(evaluation.cost, FIRST_DAMPING)
    growth = xp.full_like(damping, 2.0)
    for _ in range(iterations):
        gradient, curvature = problem.normal_equations(state, evaluation)
        step, promised = _damped_step(gradient, curvature, damping)
        candidate = problem.moved(state, step)
        outcome = problem.evaluate(candidate)
        accepted = outcome.cost < evaluation.cost
        # Only of accepted steps: an infinite cost less another one is not a number.
        before, after = (xp.where(accepted, at.cost, 0.0) for at in (evaluation, outcome))
        gain_ratio = (before - after) / xp.clip(promised, _LEAST_PROMISE, None)
        damping, growth = _adapted(damping, growth, accepted, gain_ratio)
        state = select_rows(accepted, candidate, state)
        evaluation = select_rows(accepted, outcome, evaluation)
    return state, evaluation


def _damped_step(gradient: Any, curvature: Any, damping: Any) -> tuple[Any, Any]:
    """Step ``(B, N)`` and the decrease of the cost ``(B,)`` that the quadratic model promises.

    With ``D = diag H``: ``step = −(H + damping D + 1e-6 I)⁻¹ g``, ``promise = step · (damping D
    step − g)``, which is never negative. Solved in double precision: the curvature spans eight
    orders of magnitude. Where the system is not positive definite or not finite the step is zero,
    which is refused and raises the damping.
    """
    xp = array_namespace(gradient)
    count = gradient.shape[-1]
    flat = xp.astype(xp.reshape(curvature, (-1, count * count)), xp.float64, copy=True)
    # Every (N + 1)th entry is on the diagonal. It is changed in place, in a copy of its own: adding
    # a whole matrix for it took a fifth of a fit.
    scale = damping[:, None] * flat[:, :: count + 1]
    flat[:, :: count + 1] += scale + SMALLEST_CURVATURE
    slope = xp.astype(gradient, xp.float64)
    step = -solve_positive_definite(xp.reshape(flat, (-1, count, count)), slope)
    promised = xp.sum(step * (scale * step - slope), axis=-1)
    return xp.astype(step, gradient.dtype), xp.astype(promised, gradient.dtype)


def _adapted(damping: Any, growth: Any, accepted: Any, gain_ratio: Any) -> tuple[Any, Any]:
    """Nielsen's rule: less damping the better the model held, ever faster growth on refusal.

    ``damping · clamp(1 − (2 ϱ − 1)³, 1/5, 2)`` after an accepted step of gain ratio ϱ, ``damping ·
    growth`` and twice the growth after a refused one (Nielsen 1999; docs/method.md).
    """
    xp = array_namespace(damping)
    shrink = xp.clip(1 - (2 * gain_ratio - 1) ** 3, 1 / 5, 2.0)
    changed = xp.where(accepted, damping * shrink, damping * growth)
    next_growth = xp.where(accepted, 2.0, growth * 2)
    return xp.clip(changed, *DAMPING_RANGE), xp.clip(next_growth, None, _LARGEST_GROWTH)
