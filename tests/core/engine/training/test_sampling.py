"""The order of visits: every sample once an epoch, whatever the number of processes."""

from __future__ import annotations

import numpy as np
import pytest

from core.engine.training.batch_stream import visited_keys
from core.engine.training.visit_order import VisitPlan, iteration_seed
from core.errors import StudioError


@pytest.mark.parametrize(
    ("samples", "batch_size", "processes"), [(60, 32, 1), (61, 8, 2), (7, 64, 3)]
)
def test_every_sample_is_visited_once_an_epoch(samples, batch_size, processes):
    plan = VisitPlan(samples, batch_size, seed=3, processes=processes)
    for epoch in range(3):
        first = epoch * plan.iterations_per_epoch + 1
        batches = [
            plan.batch(first + place, process=process)
            for place in range(plan.iterations_per_epoch)
            for process in range(processes)
        ]
        assert sorted(np.concatenate(batches)) == list(range(samples))
        assert all(1 <= len(batch) <= batch_size for batch in batches)
        assert plan.epoch_of(first) == epoch


def test_epochs_and_seeds_differ_and_repeat():
    plan = VisitPlan(50, 50, seed=1)
    assert not np.array_equal(plan.batch(1), plan.batch(2))
    assert np.array_equal(plan.batch(2), VisitPlan(50, 50, seed=1).batch(2))
    assert not np.array_equal(plan.batch(1), VisitPlan(50, 50, seed=2).batch(1))


def test_a_resumed_run_visits_what_was_left():
    plan = VisitPlan(10, 4, seed=0)
    whole = list(visited_keys(plan, after=0, until=9, process=0))
    rest = list(visited_keys(plan, after=5, until=9, process=0))
    assert rest == whole[5:]


def test_fewer_samples_than_processes_are_refused():
    with pytest.raises(StudioError, match="one for each process"):
        VisitPlan(1, 4, seed=0, processes=2)


def test_iterations_and_processes_draw_differently():
    seeds = {iteration_seed(0, i, p) for i in range(1, 50) for p in range(2)}
    assert len(seeds) == 98
    assert all(0 <= seed < 2**63 for seed in seeds)
