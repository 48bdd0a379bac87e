"""Whose turn it is to be fitted: a fit that no longer improves is not tried again at every visit.

Nothing is remembered but what the dictionary holds anyway, so a resumed run goes on alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.engine.training.targets import CurrentFits
from core.engine.training.visit_order import VisitPlan


def due_for_fitting(
    current: CurrentFits,
    sample_ids: Sequence[int],
    *,
    iteration: int,
    run_id: int,
    plan: VisitPlan,
    every: int,
) -> Tensor:
    """``(B,)`` bool: who is fitted at this visit.

    Everyone during the first ``every`` visits of the run, and again for as many visits after a fit
    was replaced; from then on at every ``every``-th visit, people taking turns. A person without a
    fit, or with a rejected one, is fitted at each.

    Args:
        current: the current fits of B samples.
        sample_ids: their ids, which spread the turns.
        iteration: of the run, from 1.
        run_id: whose fits count as improvements.
        plan: knows how many iterations a visit takes.
        every: 1 fits everybody always.
    """
    epoch = plan.epoch_of(iteration)
    per_epoch = plan.iterations_per_epoch
    improved_in = torch.where(current.run_id == run_id, (current.iteration - 1) // per_epoch, -1)
    settled = epoch - improved_in > every
    on_turn = (torch.tensor(list(sample_ids), dtype=torch.int64) + epoch) % every == 0
    return ~current.present | current.rejected | ~settled | on_turn
