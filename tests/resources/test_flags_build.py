"""The calibration of flags: models fitted, thresholds chosen, people made, failures told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.flagging.outcomes import area_under_roc
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.geometry.rotations import facing_root, matrix_to_axis_angle, pose_to_matrices
from resources.flags.build.failures import errors_of
from resources.flags.build.logistic import (
    best_threshold,
    fit_by_errors,
    fit_logistic,
    with_hidden_units,
)
from resources.flags.build.people import draw_people, unseen_poses
from resources.lifter.build.bodies import Recordings


@pytest.fixture(scope="module")
def numbers():
    """Two features, of which only their product tells, and one that tells by itself."""
    generator = torch.Generator().manual_seed(0)
    first, second, third = torch.randn(3, 4000, generator=generator).double()
    logit = 2.5 * first * second + third - 0.5
    wrong = torch.rand(4000, generator=generator).double() < torch.sigmoid(logit)
    return {"first": first, "second": second, "third": third}, wrong


def test_a_logistic_model_finds_the_coefficients_it_was_drawn_from():
    generator = torch.Generator().manual_seed(1)
    x = 3 + 2 * torch.randn(20000, generator=generator).double()
    truth = 0.8 * (x - 3) / 2 - 1
    wrong = torch.rand(20000, generator=generator).double() < torch.sigmoid(truth)
    model = fit_logistic({"x": x}, ["x"], wrong, ridge=0.0)
    assert model.weights[0] == pytest.approx(0.8, abs=0.06)
    assert model.bias == pytest.approx(-1, abs=0.06)
    assert float(model.logit({"x": torch.tensor([torch.nan])})) == pytest.approx(model.bias)


def test_a_model_by_errors_orders_by_them_and_says_how_probable_failure_is():
    generator = torch.Generator().manual_seed(2)
    x, y = torch.randn(2, 6000, generator=generator).double()
    errors = torch.exp(4 + 0.5 * x + 0.3 * torch.randn(6000, generator=generator).double())
    wrong = errors > 100
    features = {"x": x, "nothing": y}
    model = fit_by_errors(features, ["x", "nothing"], errors, wrong, floor=0.0)
    logit = model.logit({name: value.float() for name, value in features.items()})
    assert area_under_roc(logit, wrong) > 0.9
    assert abs(model.weights[1]) < 0.1 * model.weights[0]
    assert float(logit.sigmoid().mean()) == pytest.approx(float(wrong.double().mean()), abs=0.01)


def test_hidden_units_tell_what_a_sum_cannot_and_are_the_same_each_time(numbers):
    features, wrong = numbers
    plain = fit_logistic(features, list(features), wrong)
    rich = with_hidden_units(plain, features, wrong)
    assert area_under_roc(plain.logit(features), wrong) < 0.75
    assert area_under_roc(rich.logit(features), wrong) > 0.85
    assert with_hidden_units(plain, features, wrong) == rich


def test_the_threshold_is_where_f1_is_best():
    scores = torch.tensor([0.9, 0.8, 0.7, 0.3, 0.2])
    wrong = torch.tensor([True, True, False, True, False])
    f1 = {
        limit: 2 * float((wrong & (scores >= limit)).sum()) / float((scores >= limit).sum() + 3)
        for limit in scores.tolist()
    }
    assert f1[best_threshold(scores, wrong)] == max(f1.values())


def test_the_area_under_the_curve_counts_pairs_and_ties_half():
    scores = torch.tensor([0.1, 0.4, 0.4, 0.8])
    assert area_under_roc(scores, torch.tensor([False, False, True, True])) == pytest.approx(
        (1 + 0.5 + 2) / 4
    )
    assert np.isnan(area_under_roc(scores, torch.zeros(4, dtype=torch.bool)))


def test_errors_are_what_was_done_to_the_truth(open_body):
    body = KeypointBody(open_body)
    pose = torch.zeros(1, 72)
    pose[:, :3] = matrix_to_axis_angle(facing_root(torch.tensor([0.0])))
    pose[:, 3:] = torch.tensor(PosePrior.load().mean_pose, dtype=torch.float32)
    truth = BodyEstimate.from_axis_angle(pose, torch.zeros(1, 10), torch.tensor([[0.0, 0.0, 45.0]]))
    same = errors_of(body, truth, truth)
    assert float(same.root_deg + same.body_mm + same.betas + same.log_scale.abs()) < 0.1
    turned = pose.clone()
    turned[:, :3] = matrix_to_axis_angle(facing_root(torch.tensor([np.deg2rad(90.0)])))
    assert float(
        errors_of(body, replace(truth, rotations=pose_to_matrices(turned)), truth).root_deg
    ) == (pytest.approx(90, abs=0.1))
    bent = pose.clone()
    bent[:, 3 * 4 : 3 * 4 + 3] += torch.tensor([1.2, 0.0, 0.0])
    wrong = errors_of(body, replace(truth, rotations=pose_to_matrices(bent)), truth).wrong_limbs
    assert wrong.tolist() == [[False, False, False, True, False, False, False, False]]
    far = replace(truth, camera_translation=truth.camera_translation * 1.2)
    assert bool(errors_of(body, far, truth).wrong_depth)


def test_a_larger_body_farther_away_is_no_wrong_distance(open_body):
    """From one view no one can tell: the flag is not asked to."""
    body = KeypointBody(open_body)
    betas = torch.zeros(1, 10)
    betas[:, 0] = 2.5
    pose = torch.zeros(1, 72)
    truth = BodyEstimate.from_axis_angle(pose, torch.zeros(1, 10), torch.tensor([[0.0, 0.0, 45.0]]))
    rest = torch.eye(3).expand(1, 24, 3, 3)
    heights = [
        float(points[..., 1].amax() - points[..., 1].amin())
        for points in (body.keypoints(rest, betas), body.keypoints(rest, truth.betas))
    ]
    farther = truth.camera_translation * heights[0] / heights[1]
    errors = errors_of(body, BodyEstimate.from_axis_angle(pose, betas, farther), truth)
    assert float(errors.log_scale.abs()) < 1e-3


def test_people_are_drawn_from_unseen_clips_and_the_same_each_time(shared_folder, open_body):
    recordings = Recordings.load(shared_folder / "mocap")
    halves = [unseen_poses(recordings, half) for half in ("calibration", "report")]
    clips = [set(recordings.poses.clips[half]) for half in halves]
    assert clips[0]
    assert clips[1]
    assert not clips[0] & clips[1]
    first, again = (
        draw_people(open_body, recordings, half="report", count=3, seed=4) for _ in range(2)
    )
    torch.testing.assert_close(first.keypoints.positions_crop_px, again.keypoints.positions_crop_px)
    seen = first.keypoints.confidence > 0
    assert bool((seen.sum(1) > 5).all())
