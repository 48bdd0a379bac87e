"""How strongly the prior toward predictions holds a fit: as their errors deserve, by joint."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.engine.smplify.inputs import BodyEstimate, camera_tensors
from core.engine.training.fit_uncertainty import fit_squares
from core.engine.training.regressor_error import MIN_SAMPLES, ErrorSample, RegressorErrorEstimate
from core.engine.training.targets import CurrentFits
from core.errors import StudioError
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera
from core.types.fits import FitLosses, Origin, Verdict


def bodies(count, *, degrees=None, betas=0.0, depth=40.0):
    pose = torch.zeros(count, 24, 3)
    if degrees is not None:
        pose[:, :, 0] = torch.deg2rad(torch.as_tensor(degrees))
    translation = torch.tensor([[0.0, 0.0, depth]]).expand(count, 3)
    return BodyEstimate.from_axis_angle(
        pose.flatten(1), torch.full((count, 10), betas), translation
    )


def learned(degrees, *, count=200, betas=0.5, depth=42.0):
    predicted = bodies(count, degrees=degrees, betas=betas, depth=depth)
    return RegressorErrorEstimate.unknown().updated(ErrorSample.of(predicted, bodies(count)))


def test_nothing_pulls_before_there_is_evidence():
    few = learned(10.0, count=int(MIN_SAMPLES) - 1)
    assert few.joint_deg is None
    assert few.estimate_prior(bodies(1), keypoint_noise_px=2.0, largest_weight=300.0) is None


def test_each_joint_pulls_as_much_as_it_deserves():
    degrees = torch.full((24,), 40.0)
    degrees[5] = 20.0
    degrees[7] = 0.1
    estimate_prior = learned(degrees).estimate_prior(
        bodies(3), keypoint_noise_px=2.0, largest_weight=300.0
    )
    expected = 2 * 4 * 3 / math.radians(40) ** 2
    assert estimate_prior.joint_weights[0] == pytest.approx(expected, rel=1e-4)
    assert estimate_prior.joint_weights[5] == pytest.approx(4 * expected, rel=1e-4)
    assert estimate_prior.joint_weights[7] == 300.0
    assert torch.allclose(estimate_prior.betas_weights, torch.full((10,), 20.0))
    assert estimate_prior.depth_weight == pytest.approx(1.0)


def test_depths_of_several_cameras_count_as_before_the_long_lens():
    """A metre before 500 px is as many pixels as ten metres before 5000 px."""
    near, far = bodies(2), bodies(2)
    predicted = replace(far, camera_translation=far.camera_translation + torch.tensor([0, 0, 1.0]))
    cameras = camera_tensors([CropCamera(500.0, 112.0, 112.0), LONG_LENS])
    seen = ErrorSample.of(predicted, near, cameras=cameras)
    assert seen.sums[-1] == pytest.approx(10.0**2 + 1.0**2)
    estimate = learned(15.0)
    prior = estimate.estimate_prior(
        near, keypoint_noise_px=2.0, largest_weight=300.0, cameras=cameras
    )
    assert prior.depth_weight[0] == pytest.approx(100 * float(prior.depth_weight[1]))


def test_a_lost_regressor_is_soon_believed_less_and_a_better_one_more():
    estimate = learned(15.0)
    worse = estimate.updated(ErrorSample.of(bodies(400, degrees=60.0), bodies(400)))
    better = worse.updated(ErrorSample.of(bodies(1500, degrees=15.0), bodies(1500)))
    assert estimate.joint_deg < better.joint_deg < worse.joint_deg
    assert better.joint_deg < 20


def test_a_prediction_that_is_not_finite_is_no_evidence():
    predicted = bodies(4, degrees=10.0)
    predicted.rotations[1] = torch.nan
    seen = ErrorSample.of(predicted, bodies(4))
    assert seen.count == 3
    assert torch.isfinite(seen.sums).all()


def test_evidence_of_two_processes_adds_up():
    predicted, truth = bodies(6, degrees=torch.linspace(1, 24, 24)), bodies(6)
    whole = ErrorSample.of(predicted, truth)
    halves = [ErrorSample.of(bodies(3, degrees=torch.linspace(1, 24, 24)), bodies(3))] * 2
    assert torch.allclose(whole.sums, halves[0].sums + halves[1].sums)


def test_a_checkpoint_holds_the_estimate_exactly():
    estimate = learned(torch.linspace(5, 50, 24))
    back = RegressorErrorEstimate.from_state(estimate.to_state())
    assert torch.equal(back.sums, estimate.sums)
    with pytest.raises(StudioError):
        RegressorErrorEstimate.from_state({"sums": torch.zeros(3), "evidence": torch.tensor(1.0)})


def test_what_fits_are_off_themselves_adds_to_the_disagreement():
    predicted, fits = bodies(200, degrees=15.0), bodies(200)
    off = torch.full((200, 24), math.radians(20) ** 2, dtype=torch.float64)
    estimate = RegressorErrorEstimate.unknown().updated(ErrorSample.of(predicted, fits, off))
    assert estimate.joint_deg == pytest.approx(25.0, rel=1e-4)


def current_fits(*fits):
    return CurrentFits.of(range(len(fits)), dict(enumerate(fits)))


def fit_of(origin, *, verdict=Verdict.NONE):
    parameters = BodyParameters(np.zeros(72, "f4"), np.zeros(10, "f4"), np.array([0, 0, 40], "f4"))
    losses = FitLosses(reprojection=1, pose_prior=1, angle_prior=1, shape_prior=1, comparison=9.0)
    return SimpleNamespace(
        id=1, run_id=1, iteration=1, parameters=parameters, losses=losses, origin=origin,
        verdict=verdict,
    )  # fmt: skip


def test_only_truth_and_accepted_fits_are_not_off():
    current = current_fits(
        fit_of(Origin.GROUND_TRUTH),
        fit_of(Origin.IN_LOOP, verdict=Verdict.ACCEPTED),
        fit_of(Origin.MEAN),
        fit_of(Origin.LIFTER),
        fit_of(Origin.IN_LOOP),
    )
    by_keypoints = torch.full((24,), math.radians(20) ** 2, dtype=torch.float64)
    off = torch.rad2deg(
        fit_squares(current, RegressorErrorEstimate.unknown(), by_keypoints).sqrt()
    )[:, 7]
    assert off.tolist() == pytest.approx([0, 0, 20, 20, 20])
    off = torch.rad2deg(fit_squares(current, learned(20.0), by_keypoints).sqrt())[:, 7]
    assert off.tolist() == pytest.approx([0, 0, 20, 20, 20 / math.sqrt(2)], rel=1e-4)


def test_a_regressor_that_pulls_does_not_prove_itself():
    """Fits pulled halfway to it: half the distance, and none of the error has gone."""
    by_keypoints = torch.full((24,), math.radians(20) ** 2, dtype=torch.float64)
    estimate, plain = learned(28.0), learned(28.0)
    current = current_fits(*[fit_of(Origin.IN_LOOP)] * 64)
    for _ in range(60):
        predicted = bodies(
            64, degrees=23.0
        )  # 28° off; fits of keypoints and prediction are 16° off
        off = fit_squares(current, estimate, by_keypoints)
        estimate = estimate.updated(ErrorSample.of(predicted, current.estimate, off))
        plain = plain.updated(ErrorSample.of(predicted, current.estimate))
    assert estimate.joint_deg == pytest.approx(28, abs=1)
    assert plain.joint_deg == pytest.approx(23, abs=1)
