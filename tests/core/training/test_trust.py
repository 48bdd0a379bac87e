"""How much the regressor may pull: as much as it deserves, joint by joint."""

from __future__ import annotations

import math

import pytest
import torch

from core.errors import StudioError
from core.fitting.problem import BodyEstimate
from core.training.trust import LEAST_EVIDENCE, Evidence, Trust


def bodies(count, *, degrees=None, betas=0.0, depth=40.0):
    pose = torch.zeros(count, 24, 3)
    if degrees is not None:
        pose[:, :, 0] = torch.deg2rad(torch.as_tensor(degrees))
    translation = torch.tensor([[0.0, 0.0, depth]]).expand(count, 3)
    return BodyEstimate(pose.flatten(1), torch.full((count, 10), betas), translation)


def learned(degrees, *, count=200, betas=0.5, depth=42.0):
    said = bodies(count, degrees=degrees, betas=betas, depth=depth)
    return Trust.unknown().updated(Evidence.of(said, bodies(count)))


def test_nothing_pulls_before_there_is_evidence():
    few = learned(10.0, count=int(LEAST_EVIDENCE) - 1)
    assert few.joint_deg is None
    assert few.pull(bodies(1), keypoint_noise_px=2.0, largest_weight=300.0) is None


def test_each_joint_pulls_as_much_as_it_deserves():
    degrees = torch.full((24,), 40.0)
    degrees[5] = 20.0
    degrees[7] = 0.1
    pull = learned(degrees).pull(bodies(3), keypoint_noise_px=2.0, largest_weight=300.0)
    expected = 2 * 4 * 3 / math.radians(40) ** 2
    assert pull.joint_weights[0] == pytest.approx(expected, rel=1e-4)
    assert pull.joint_weights[5] == pytest.approx(4 * expected, rel=1e-4)
    assert pull.joint_weights[7] == 300.0
    assert torch.allclose(pull.betas_weights, torch.full((10,), 20.0))
    assert pull.depth_weight == pytest.approx(1.0)


def test_a_lost_regressor_is_soon_believed_less_and_a_better_one_more():
    trust = learned(15.0)
    worse = trust.updated(Evidence.of(bodies(400, degrees=60.0), bodies(400)))
    better = worse.updated(Evidence.of(bodies(1500, degrees=15.0), bodies(1500)))
    assert trust.joint_deg < better.joint_deg < worse.joint_deg
    assert better.joint_deg < 20


def test_a_prediction_that_is_not_finite_is_no_evidence():
    said = bodies(4, degrees=10.0)
    said.pose_axis_angle[1] = torch.nan
    seen = Evidence.of(said, bodies(4))
    assert seen.count == 3
    assert torch.isfinite(seen.sums).all()


def test_evidence_of_two_processes_adds_up():
    said, truth = bodies(6, degrees=torch.linspace(1, 24, 24)), bodies(6)
    whole = Evidence.of(said, truth)
    halves = [Evidence.of(bodies(3, degrees=torch.linspace(1, 24, 24)), bodies(3))] * 2
    assert torch.allclose(whole.sums, halves[0].sums + halves[1].sums)


def test_a_checkpoint_holds_the_estimate_exactly():
    trust = learned(torch.linspace(5, 50, 24))
    back = Trust.from_state(trust.to_state())
    assert torch.equal(back.sums, trust.sums)
    with pytest.raises(StudioError):
        Trust.from_state({"sums": torch.zeros(3), "evidence": torch.tensor(1.0)})
