"""Who is fitted at which visit."""

from __future__ import annotations

from dataclasses import replace

import torch

from core.engine.training.refit_schedule import due_for_fitting
from core.engine.training.targets import CurrentFits
from core.engine.training.visit_order import VisitPlan

PLAN = VisitPlan(samples=8, batch_size=4, seed=0)
"""Two iterations a visit."""
IDS = list(range(10, 18))


def known(**changed):
    """Eight people with fits of before the run."""
    nothing = CurrentFits.of(IDS, {})
    everybody = torch.ones(8, dtype=torch.bool)
    return replace(nothing, present=everybody, **changed)


def due(fits, epoch, *, every=4):
    iteration = 1 + epoch * PLAN.iterations_per_epoch
    rows = due_for_fitting(fits, IDS, iteration=iteration, run_id=3, plan=PLAN, every=every)
    return rows.tolist()


def test_everybody_is_fitted_at_first_and_then_in_turns():
    fits = known()
    for epoch in range(4):
        assert all(due(fits, epoch))
    visits = torch.tensor([due(fits, epoch) for epoch in range(4, 12)])
    assert visits.sum(0).tolist() == [2] * 8
    assert visits.sum(1).tolist() == [2] * 8


def test_who_improved_lately_is_fitted_again_at_each_visit():
    run_id, iteration = torch.full((8,), -1), torch.full((8,), -1)
    run_id[2], iteration[2] = 3, 1 + 20 * 2
    run_id[3], iteration[3] = 2, 1 + 20 * 2  # of another run
    fits = known(run_id=run_id, iteration=iteration)
    visits = torch.tensor([due(fits, epoch) for epoch in range(21, 29)])
    assert visits[:, 2].tolist()[:4] == [True] * 4
    assert visits.sum(0).tolist() == [2, 2, 5, 2, 2, 2, 2, 2]


def test_who_has_no_fit_or_a_rejected_one_is_fitted_always():
    present, rejected = torch.ones(8, dtype=torch.bool), torch.zeros(8, dtype=torch.bool)
    present[0], rejected[1] = False, True
    fits = replace(known(), present=present, rejected=rejected)
    visits = torch.tensor([due(fits, epoch) for epoch in range(30, 34)])
    assert visits.sum(0).tolist() == [4, 4, 1, 1, 1, 1, 1, 1]


def test_one_means_always():
    assert all(due(known(), 99, every=1))
