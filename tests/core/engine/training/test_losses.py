"""Each loss by itself, by hand, and the rules of who supervises."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.engine.smplify.inputs import BodyEstimate
from core.engine.training.losses import RegressorBodies, Supervision, error_2d_px, regressor_losses
from core.engine.training.targets import CurrentFits, Targets
from core.geometry.crop_camera import project_to_crop
from core.runs.training_configuration import profile_configuration
from core.types.bodies import BodyParameters
from core.types.fits import Fit, FitLosses, Origin, Verdict

STUDIO = profile_configuration("studio")
PAPER = profile_configuration("paper")


def said_bodies(count=2):
    rotations = torch.eye(3).expand(count, 24, 3, 3).clone().requires_grad_()
    return RegressorBodies(
        rotations,
        torch.zeros(count, 10, requires_grad=True),
        torch.full((count,), 0.9),
        torch.tensor([[0.0, 0.0, 50.0]]).expand(count, 3),
        torch.linspace(-0.5, 0.5, count * 49 * 3).view(count, 49, 3).requires_grad_(),
    )


def perfect(said):
    count = len(said.betas)
    projected = project_to_crop(said.keypoints.detach(), said.camera_translation)
    return Supervision(
        keypoints_crop_px=torch.cat([projected, torch.ones(count, 49, 1)], dim=-1),
        rotations=said.rotations.detach().clone(),
        pose_valid=torch.ones(count, dtype=torch.bool),
        betas=said.betas.detach().clone(),
        shape_valid=torch.ones(count, dtype=torch.bool),
        joints_3d=torch.cat([said.keypoints.detach(), torch.ones(count, 49, 1)], dim=-1),
    )


def costs(said, wanted, configuration=STUDIO):
    parts = regressor_losses(said, wanted, configuration)
    return {name: float(part.detach()) for name, part in parts.items()}


def test_a_perfect_prediction_costs_only_what_keeps_the_camera_positive():
    said = said_bodies()
    losses = costs(said, perfect(said))
    assert losses["camera"] == pytest.approx(60 * np.exp(-18), rel=1e-4)
    for name in ("keypoints_2d", "keypoints_3d", "pose", "betas"):
        assert losses[name] == pytest.approx(0, abs=1e-9)


def test_the_2d_loss_is_in_half_crops_and_the_paper_ignores_openpose():
    said = said_bodies()
    wanted = perfect(said)
    wanted.keypoints_crop_px[:, :, 0] += 11.2
    expected = 60 * 5 * 0.1**2 / 2
    assert costs(said, wanted)["keypoints_2d"] == pytest.approx(expected, 1e-4)
    by_paper = costs(said, wanted, PAPER)["keypoints_2d"]
    assert by_paper == pytest.approx(expected * 24 / 49, rel=1e-4)
    assert error_2d_px(said, wanted.keypoints_crop_px) == pytest.approx(11.2, rel=1e-4)


def test_absent_joints_count_as_nothing_wherever_the_prediction_is():
    said = said_bodies()
    wanted = perfect(said)
    wanted.keypoints_crop_px[:] = 0
    assert costs(said, wanted)["keypoints_2d"] == 0


def test_3d_joints_are_compared_between_the_hips_and_only_where_known():
    said = said_bodies()
    wanted = perfect(said)
    wanted.joints_3d[0, :, :3] += 7.0
    assert costs(said, wanted)["keypoints_3d"] == pytest.approx(0, abs=1e-6)
    wanted.joints_3d[0, 30, 0] += 0.3
    wanted.joints_3d[1] = 0
    expected = 60 * 5 * 0.09 / (24 * 3)
    assert costs(said, wanted)["keypoints_3d"] == pytest.approx(expected, 1e-4)


def test_only_valid_rows_teach_pose_and_shape_each_for_itself():
    said = said_bodies()
    wanted = perfect(said)
    wanted.rotations[1] = 0
    wanted.betas[0] = 2.0
    wanted.pose_valid[1] = False
    losses = costs(said, wanted)
    assert losses["pose"] == 0
    assert losses["betas"] == pytest.approx(60 * 0.001 * 4 / 2)
    wanted.shape_valid[0] = False
    assert costs(said, wanted)["betas"] == 0


def test_a_batch_without_samples_costs_nothing_and_its_gradient_is_zero():
    said = said_bodies(0)
    losses = regressor_losses(said, perfect(said), STUDIO)
    assert losses["total"] == 0
    losses["total"].backward()
    assert torch.isfinite(said.betas.grad).all()


def fit_of(sample_id, *, loss=10.0, verdict=Verdict.NONE, beta=0.5, origin=Origin.MEAN):
    return Fit(
        id=sample_id, sample_id=sample_id, origin=origin, run_id=None, iteration=None,
        parameters=BodyParameters(
            np.full(72, 0.1, np.float32), np.full(10, beta, np.float32), np.ones(3, np.float32)
        ),
        losses=FitLosses(
            reprojection=1.0, pose_prior=1.0, angle_prior=1.0, shape_prior=1.0, comparison=loss
        ),
        created_at="", runner_up=False, pose_valid=True, shape_valid=True, verdict=verdict,
        verdict_at=None, verdict_by=None, is_current=True,
    )  # fmt: skip


def targets(fits, configuration=STUDIO, paper_loss=None):
    known = CurrentFits.of([1, 2, 3, 4, 5], {fit.sample_id: fit for fit in fits})
    return Targets.of_fits(known, configuration, paper_loss)


def test_who_supervises_pose_and_shape():
    fits = [
        fit_of(1),
        fit_of(2, loss=150.0),
        fit_of(3, verdict=Verdict.REJECTED),
        fit_of(4, loss=150.0, verdict=Verdict.ACCEPTED, beta=4.0),
    ]
    found = targets(fits)
    assert found.pose_valid.tolist() == [True, False, False, True, False]
    assert found.shape_valid.tolist() == [True, False, False, False, False]


def test_ground_truth_teaches_only_when_paired():
    fits = [fit_of(1, origin=Origin.GROUND_TRUTH), fit_of(2)]
    assert targets(fits).pose_valid.tolist()[:2] == [False, True]
    paired = replace(STUDIO, paired=True)
    assert targets(fits, paired).pose_valid.tolist()[:2] == [True, True]
    has_truth = torch.tensor([False, True, True, False, False])
    found = targets(fits, paired).with_truth(
        BodyEstimate.from_axis_angle(
            torch.full((5, 72), 0.7), torch.full((5, 10), 0.3), torch.zeros(5, 3)
        ),
        has_truth,
    )
    assert found.pose_valid.tolist() == [True, True, True, False, False]
    assert found.estimate.to_axis_angle()[:, 0].tolist() == pytest.approx([0.1, 0.7, 0.7, 0, 0])


def test_the_paper_decides_by_its_own_loss():
    found = targets([fit_of(1), fit_of(2)], PAPER, torch.tensor([200.0, 50.0, 0, 0, 0]))
    assert found.pose_valid.tolist()[:2] == [False, True]
