"""Who is fitted at which visit."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import torch

from core.engine.smplify.inputs import camera_tensors
from core.engine.training.refit_schedule import due_for_fitting
from core.engine.training.targets import CurrentFits
from core.engine.training.visit_order import VisitPlan
from core.geometry.camera_change import axis_turns
from core.types.bodies import BodyParameters, CropCamera
from core.types.fits import Origin, Verdict

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


def test_bodies_of_a_redrawn_box_turn_about_their_pelvis():
    moved = CropCamera(900.0, 112.0, 112.0, 60.0, 112.0)  # its axis was another box's middle
    pose = np.zeros(72, np.float32)
    parameters = BodyParameters(
        pose, np.zeros(10, np.float32), np.array([0.1, 0.2, 5.0], np.float32), moved
    )
    fit = SimpleNamespace(
        id=7, run_id=None, iteration=None, parameters=parameters, origin=Origin.MEAN,
        losses=SimpleNamespace(comparison=1.0), verdict=Verdict.NONE,
    )  # fmt: skip
    cameras = camera_tensors([CropCamera(900.0, 112.0, 112.0)])
    pelvis = torch.tensor([[0.0, -0.2, 0.05]])
    current = CurrentFits.of([1], {1: fit}, cameras, root_joints=lambda betas: pelvis)
    # The pelvis keeps its place before the picture's camera: t + p turns, and nothing else.
    turn = axis_turns(camera_tensors([moved]), cameras.axis_px)[0]
    at_pelvis = turn @ (torch.tensor([0.1, 0.2, 5.0]) + pelvis[0])
    torch.testing.assert_close(current.estimate.camera_translation[0] + pelvis[0], at_pelvis)
