"""Levenberg–Marquardt for a batch of independent problems, of arrays or of tensors.

    δ       = −(H + λ D + 1e-6 I)⁻¹ g            D = diag H
    promise = δ · (λ D δ − g)                    how much the quadratic model lowers the cost
    ϱ       = (C(x) − C(x ⊕ δ)) / promise        gain ratio, 1 where the model holds

    C(x ⊕ δ) < C(x):   x ← x ⊕ δ,   λ ← λ · clamp(1 − (2ϱ − 1)³, 1/5, 2),   ν ← 2
    otherwise:         x stays,     λ ← λ ν,                                ν ← 2 ν

with λ for ``damping`` and ν for ``growth``. Gradients and curvatures are *halved* throughout: for a
cost ``C = Σ w e²`` the gradient is ``g = Σ w e J`` and the curvature ``H = Σ w JᵀJ``. Every sample
has its own damping and accepts or refuses its own steps, so a sample's result does not depend on
the rest of the batch. Samples that have unknowns in common (``shared_unknowns``) are one problem:
their costs add up, and they have one damping and accept or refuse together. D in place of I makes
radians, metres and betas comparable. Sources: Marquardt 1963; Nielsen 1999; Madsen, Nielsen and
Tingleff 2004, section 3.2; docs/method.md, "The solver: Levenberg–Marquardt".
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import array_api_compat

from core.geometry.array_namespace import array_namespace
from core.geometry.linear_systems import solve_positive_definite
from core.geometry.row_selection import select_rows
from core.geometry.shared_unknowns import SharedUnknowns

FIRST_DAMPING = 1e-2
"""λ of the first step: a hundredth of the curvature of each unknown."""

DAMPING_RANGE = (1e-7, 1e6)
"""Below it, λ no longer changes a step but takes many refusals to grow back; the upper end keeps it
finite."""

SMALLEST_CURVATURE = 1e-6
"""Keeps directions that nothing determines, such as the root of a sample without keypoints, from
making the system singular."""

_LARGEST_GROWTH = 1e6
"""ν doubles at every refusal in a row, and would overflow single precision after 127 of them."""

_LEAST_PROMISE = 1e-9
"""A step of zero promises nothing, and its gain ratio would be 0 / 0."""

_LEAST_SHRINKAGE, _MOST_GROWTH_ON_SUCCESS = 1 / 5, 2.0
"""Nielsen has 1/3 for the first; 1/5 lets λ fall faster within the few iterations that there are.
The second is the formula's own value at ϱ = 0, the least that an accepted step can have."""

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
    shared: SharedUnknowns | None = None,
    evaluation: EvaluationT | None = None,
) -> tuple[StateT, EvaluationT]:
    """Take ``iterations`` trial steps from a state, each accepted or refused by every sample.

    A step is refused where it does not lower the cost. A comparison with NaN is false, so a step
    whose cost is NaN is refused as well.

    Args:
        problem: a batch of B samples.
        state: where they start; what is shared starts alike.
        iterations: trial steps.
        shared: which samples have which unknowns in common; None where none has.
        evaluation: of the state, where it is there already.

    Returns:
        The best state of every sample, which is the last one accepted, and its evaluation.
    """
    evaluation = problem.evaluate(state) if evaluation is None else evaluation
    xp = array_namespace(evaluation.cost)
    cost = evaluation.cost if shared is None else shared.summed(evaluation.cost)
    damping = xp.full_like(cost, FIRST_DAMPING)
    growth = xp.full_like(damping, 2.0)
    for _ in range(iterations):
        gradient, curvature = problem.normal_equations(state, evaluation)
        step, promised = _damped_step(gradient, curvature, damping, shared)
        candidate = problem.moved(state, step)
        outcome = problem.evaluate(candidate)
        later = outcome.cost if shared is None else shared.summed(outcome.cost)
        accepted = later < cost
        # The gain counts for accepted steps only; ∞ − ∞, of two cameras behind, would be NaN.
        before, after = (xp.where(accepted, value, 0.0) for value in (cost, later))
        gain_ratio = (before - after) / xp.clip(promised, _LEAST_PROMISE, None)
        damping, growth = _adapted(damping, growth, accepted, gain_ratio)
        cost = xp.where(accepted, later, cost)
        if _known_all(accepted):
            state, evaluation = candidate, outcome
            continue
        rows = accepted if shared is None else shared.on_rows(accepted)
        state = select_rows(rows, candidate, state)
        evaluation = select_rows(rows, outcome, evaluation)
    return state, evaluation


def _known_all(flags: Any) -> bool:
    """Whether all flags hold, where it costs nothing to know: to ask a GPU is to wait for it."""
    on_cpu = str(array_api_compat.device(flags)) == "cpu"
    return on_cpu and bool(array_namespace(flags).all(flags))


def _damped_step(
    gradient: Any, curvature: Any, damping: Any, shared: SharedUnknowns | None = None
) -> tuple[Any, Any]:
    """The step δ ``(B, N)`` and how much the quadratic model promises that it lowers the costs.

    The model is C + 2 gᵀδ + δᵀHδ. With (H + λD) δ = −g its decrease −2 gᵀδ − δᵀHδ becomes
    δ · (λ D δ − g), which is never negative. The promise is ``(B,)``, or ``(G,)`` of G groups
    with unknowns in common, where H, D, g and with them the promise are sums over samples.

    It is solved in double precision, because the curvature spans eight orders of magnitude and
    single precision carries seven digits. Where the system is not positive definite or not finite,
    the step is zero, which is refused and raises the damping.
    """
    xp = array_namespace(gradient)
    count = gradient.shape[-1]
    flat = xp.astype(xp.reshape(curvature, (-1, count * count)), xp.float64, copy=True)
    # λ D. Every (N + 1)th entry of a flat matrix is on its diagonal, which is changed in place, in
    # a copy: adding a whole matrix for it took a fifth of the time of a fit.
    row_damping = damping if shared is None else shared.on_rows(damping)
    scale = row_damping[:, None] * flat[:, :: count + 1]
    flat[:, :: count + 1] += scale + SMALLEST_CURVATURE
    slope, damped = xp.astype(gradient, xp.float64), xp.reshape(flat, (-1, count, count))
    if shared is None:
        step = -solve_positive_definite(damped, slope)
    else:
        step = -shared.solve(damped, slope)
    promised = xp.sum(step * (scale * step - slope), axis=-1)
    if shared is not None:
        promised = shared.summed(promised)
    return xp.astype(step, gradient.dtype), xp.astype(promised, gradient.dtype)


def _adapted(damping: Any, growth: Any, accepted: Any, gain_ratio: Any) -> tuple[Any, Any]:
    """λ and ν for the next step, by Nielsen's rule.

    Where the model held (ϱ = 1) the damping falls fivefold, where the step gained half of the
    promise it stays, and one that gained next to nothing doubles it. Refusals multiply it by 2,
    then 4, then 8, so that a bad start costs few iterations.
    """
    xp = array_namespace(damping)
    factor = 1 - (2 * gain_ratio - 1) ** 3
    shrink = xp.clip(factor, _LEAST_SHRINKAGE, _MOST_GROWTH_ON_SUCCESS)
    changed = xp.where(accepted, damping * shrink, damping * growth)
    next_growth = xp.where(accepted, 2.0, growth * 2)
    return xp.clip(changed, *DAMPING_RANGE), xp.clip(next_growth, None, _LARGEST_GROWTH)
