"""Unknowns in common: the elimination solves the very system of all samples together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import pytest

from core.errors import ShapeError
from core.geometry.array_namespace import array_namespace
from core.geometry.levenberg_marquardt import minimise
from core.geometry.shared_unknowns import SharedUnknowns, SharingLevel

UNKNOWNS = 7
MOMENTS = [0, 0, 0, 1, 2, 2, 1, 3]
SUBJECTS = [0, 0, 1, 1]


def moments_and_subjects() -> tuple[SharingLevel, ...]:
    return SharingLevel.of(MOMENTS, (1, 2, 5)), SharingLevel.of(SUBJECTS, (4,))


def systems(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=(len(MOMENTS), UNKNOWNS, UNKNOWNS))
    return factor @ factor.mT + 0.1 * np.eye(UNKNOWNS), rng.normal(size=(len(MOMENTS), UNKNOWNS))


def column_of(sample: int, unknown: int) -> tuple[object, ...]:
    """What names the unknown of a sample: alike where samples share it."""
    if unknown in (1, 2, 5):
        return ("moment", MOMENTS[sample], unknown)
    if unknown == 4:
        return ("subject", SUBJECTS[MOMENTS[sample]], unknown)
    return ("own", sample, unknown)


def dense_solution(
    matrix: np.ndarray, right: np.ndarray, held: np.ndarray | None = None
) -> np.ndarray:
    """The whole system written out, without any elimination."""
    names = [[column_of(s, u) for u in range(UNKNOWNS)] for s in range(len(MOMENTS))]
    index = {name: at for at, name in enumerate(dict.fromkeys(chain(*names)))}
    whole, side = np.zeros((len(index), len(index))), np.zeros(len(index))
    for sample, row in enumerate(names):
        at = [index[name] for name in row]
        whole[np.ix_(at, at)] += matrix[sample]
        side[at] += right[sample]
    free = np.ones(len(index), dtype=bool)
    if held is not None:
        for sample, unknown in np.argwhere(held):
            free[index[names[sample][unknown]]] = False
    found = np.zeros(len(index))
    found[free] = np.linalg.solve(whole[np.ix_(free, free)], side[free])
    return np.array([[found[index[name]] for name in row] for row in names])


def test_nested_groups_of_any_size_are_solved_as_one_system(array) -> None:
    matrix, right = systems()
    shared = SharedUnknowns(moments_and_subjects())
    found = np.asarray(shared.solve(array(matrix), array(right)))
    np.testing.assert_allclose(found, dense_solution(matrix, right), atol=1e-9)


def test_everything_may_be_shared(array) -> None:
    matrix, right = systems()
    level = SharingLevel.of([0, 0, 0, 1, 1, 1, 1, 1], range(UNKNOWNS))
    found = np.asarray(SharedUnknowns((level,)).solve(array(matrix), array(right)))
    expected = np.linalg.solve(matrix[:3].sum(0), right[:3].sum(0))
    np.testing.assert_allclose(found[:3], np.tile(expected, (3, 1)), atol=1e-9)


def test_what_one_sample_holds_is_held_for_all_that_share_it(array) -> None:
    matrix, right = systems()
    held = np.zeros((len(MOMENTS), UNKNOWNS), dtype=bool)
    held[1] = True
    shared = SharedUnknowns(moments_and_subjects(), array(held, "bool"))
    found = np.asarray(shared.solve(array(matrix), array(right)))
    np.testing.assert_allclose(found, dense_solution(matrix, right, held), atol=1e-9)
    assert not found[1].any()
    assert not found[0, [1, 2, 5, 4]].any()
    assert found[0, [0, 3, 6]].all()
    # The other moment of the subject keeps its pose, and shares the held shape.
    assert found[3, [1, 2, 5]].all()
    assert found[3, 4] == 0


def test_sums_pass_over_the_places_of_smaller_groups(array) -> None:
    level = SharingLevel.of([1, 0, 1], ())
    found = level.summed(array([np.inf, 2.0, 3.0]))
    np.testing.assert_array_equal(np.asarray(found), [2.0, np.inf])


@pytest.mark.parametrize("groups", [[0, 2], [-1, 0], [1, 1]])
def test_groups_are_numbered_without_gaps(groups: list[int]) -> None:
    with pytest.raises(ShapeError, match="group_of"):
        SharingLevel.of(groups, ())


@dataclass(frozen=True, eq=False)
class Lines:
    """Slope, shared, and offset, each sample's own: (B, 2)."""

    at: Any


@dataclass(frozen=True, eq=False)
class Misses:
    cost: Any
    residual: Any


class Exponentials:
    """y = exp(slope x) + offset through points; the slope is of a group."""

    X = np.linspace(0, 1, 6)

    def __init__(self, y: Any) -> None:
        self.y = y

    def _growth(self, state: Lines) -> Any:
        xp = array_namespace(state.at)
        return xp.exp(state.at[:, :1] * xp.asarray(self.X)[None])

    def evaluate(self, state: Lines) -> Misses:
        residual = self._growth(state) + state.at[:, 1:] - self.y
        return Misses(array_namespace(residual).sum(residual**2, axis=1), residual)

    def normal_equations(self, state: Lines, evaluation: Misses) -> tuple[Any, Any]:
        xp = array_namespace(state.at)
        growth = self._growth(state)
        by_slope = growth * xp.asarray(self.X)[None]
        jacobian = xp.stack([by_slope, xp.ones_like(growth)], axis=-1)
        gradient = (jacobian.mT @ evaluation.residual[..., None])[..., 0]
        return gradient, jacobian.mT @ jacobian

    def moved(self, state: Lines, step: Any) -> Lines:
        return Lines(state.at + step)


SLOPES, OFFSETS = np.array([1.5, 1.5, 1.5, -0.5]), np.array([0.3, -1.0, 2.0, 0.1])


def noisy_points() -> np.ndarray:
    rng = np.random.default_rng(0)
    true = np.exp(SLOPES[:, None] * Exponentials.X) + OFFSETS[:, None]
    return true + 0.01 * rng.normal(size=true.shape)


def test_a_joint_minimum_is_one_for_the_shared_and_each_for_its_own(array) -> None:
    problem = Exponentials(array(noisy_points()))
    shared = SharedUnknowns((SharingLevel.of([0, 0, 0, 1], (0,)),))
    start = Lines(array(np.zeros((4, 2))))
    state, evaluation = minimise(problem, start, iterations=25, shared=shared)
    found = np.asarray(state.at)
    assert found[0, 0] == found[1, 0] == found[2, 0]
    np.testing.assert_allclose(found, np.stack([SLOPES, OFFSETS], 1), atol=0.05)
    gradient, _ = problem.normal_equations(state, evaluation)
    summed = np.asarray(shared.summed(gradient))[:, 0]
    np.testing.assert_allclose(summed, 0, atol=1e-6)
    np.testing.assert_allclose(np.asarray(gradient)[:, 1], 0, atol=1e-6)


def test_groups_of_one_take_the_steps_of_samples_alone(array) -> None:
    problem, start = Exponentials(array(noisy_points())), Lines(array(np.zeros((4, 2))))
    shared = SharedUnknowns((SharingLevel.of(range(4), (0,)),))
    together, _ = minimise(problem, start, iterations=6, shared=shared)
    alone, _ = minimise(problem, start, iterations=6)
    np.testing.assert_allclose(np.asarray(together.at), np.asarray(alone.at), rtol=1e-9)


def test_a_group_does_not_feel_another(array) -> None:
    points = noisy_points()
    problem, start = Exponentials(array(points)), Lines(array(np.zeros((4, 2))))
    shared = SharedUnknowns((SharingLevel.of([0, 0, 0, 1], (0,)),))
    together, _ = minimise(problem, start, iterations=5, shared=shared)
    alone, _ = minimise(
        Exponentials(array(points[:3])),
        Lines(array(np.zeros((3, 2)))),
        iterations=5,
        shared=SharedUnknowns((SharingLevel.of([0, 0, 0], (0,)),)),
    )
    np.testing.assert_allclose(np.asarray(together.at)[:3], np.asarray(alone.at), rtol=1e-9)
