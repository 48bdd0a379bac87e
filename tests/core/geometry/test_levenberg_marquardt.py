"""Levenberg–Marquardt: sound steps, and samples that do not disturb each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from core.geometry.array_namespace import array_namespace
from core.geometry.levenberg_marquardt import minimise


@dataclass(frozen=True, eq=False)
class Place:
    x: Any


@dataclass(frozen=True, eq=False)
class Height:
    cost: Any
    residual: Any


class Rosenbrock:
    """A curved valley for every sample, with a hole that a bold step falls into."""

    def __init__(self, hole: Any, *, in_hole: float = math.nan) -> None:
        self.hole, self.in_hole = hole, in_hole

    def evaluate(self, state: Place) -> Height:
        xp = array_namespace(state.x)
        x, y = state.x[:, 0], state.x[:, 1]
        residual = xp.stack([1 - x, 10 * (y - x**2)], axis=1)
        cost = xp.sum(residual**2, axis=1)
        fallen = self.hole & (x > 0.5) & (x < 0.6)
        return Height(xp.where(fallen, self.in_hole, cost), residual)

    def normal_equations(self, state: Place, evaluation: Height) -> tuple[Any, Any]:
        xp = array_namespace(state.x)
        x = state.x[:, 0]
        one, zero = xp.ones_like(x), xp.zeros_like(x)
        jacobian = xp.reshape(xp.stack([-one, zero, -20 * x, 10 * one], axis=1), (-1, 2, 2))
        gradient = (jacobian.mT @ evaluation.residual[..., None])[..., 0]
        return gradient, jacobian.mT @ jacobian

    def moved(self, state: Place, step: Any) -> Place:
        return Place(state.x + step)


STARTS = [[-1.2, 1.0], [0.0, 0.0], [3.0, -2.0], [1.0, 1.0]]
NO_HOLE = [False] * 4


def test_minimum_is_found_by_every_sample(array) -> None:
    state, evaluation = minimise(
        Rosenbrock(array(NO_HOLE, "bool")), Place(array(STARTS)), iterations=60
    )
    np.testing.assert_allclose(state.x, np.ones((4, 2)), atol=1e-5)
    assert evaluation.cost.max() < 1e-9


@pytest.mark.parametrize("in_hole", [math.nan, math.inf])
def test_cost_never_rises_and_a_cost_that_is_none_is_refused(array, in_hole: float) -> None:
    problem = Rosenbrock(array([True, True, False, False], "bool"), in_hole=in_hole)
    previous = problem.evaluate(Place(array(STARTS))).cost
    for iterations in range(1, 12):
        _, evaluation = minimise(problem, Place(array(STARTS)), iterations=iterations)
        assert np.isfinite(np.asarray(evaluation.cost)).all()
        assert (evaluation.cost <= previous).all()
        previous = evaluation.cost


def test_both_kinds_of_arrays_take_the_same_steps() -> None:
    tensors, _ = minimise(
        Rosenbrock(torch.tensor(NO_HOLE)),
        Place(torch.tensor(STARTS, dtype=torch.float64)),
        iterations=7,
    )
    arrays, _ = minimise(Rosenbrock(np.array(NO_HOLE)), Place(np.array(STARTS)), iterations=7)
    np.testing.assert_allclose(tensors.x, arrays.x, rtol=1e-9)


def test_a_sample_does_not_feel_its_companions(array) -> None:
    starts = array(STARTS)
    hole = array(NO_HOLE, "bool")
    together, _ = minimise(Rosenbrock(hole), Place(starts), iterations=9)
    for index in range(4):
        one = slice(index, index + 1)
        alone, _ = minimise(Rosenbrock(hole[one]), Place(starts[one]), iterations=9)
        np.testing.assert_allclose(alone.x[0], together.x[index], rtol=1e-12, atol=1e-12)


def test_a_system_without_any_information_stays_where_it_is(array) -> None:
    class Flat(Rosenbrock):
        def evaluate(self, state: Place) -> Height:
            return Height(0 * state.x[:, 0], 0 * state.x)

        def normal_equations(self, state: Place, evaluation: Height) -> tuple[Any, Any]:
            return math.nan * state.x, math.nan * state.x[:, :, None] * state.x[:, None]

    state, _ = minimise(Flat(array(NO_HOLE, "bool")), Place(array(STARTS)), iterations=3)
    np.testing.assert_array_equal(state.x, STARTS)


def test_the_precision_of_the_state_is_kept(array) -> None:
    start = array(STARTS, "float32")
    state, evaluation = minimise(Rosenbrock(array(NO_HOLE, "bool")), Place(start), iterations=3)
    assert state.x.dtype == evaluation.cost.dtype == start.dtype
