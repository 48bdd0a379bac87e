"""The terms of the objective, written out slowly, and the faults that must not come back."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.body.conventions import IGNORED_KEYPOINTS
from core.body.usable_keypoints import has_usable_keypoints
from core.engine.smplify.angle_prior import angle_prior_energy
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.objective import Objective
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.torso import torso_weights
from core.errors import ShapeError, StudioError
from core.geometry.crop_camera import project_to_crop
from core.runs.fitting_profiles import PAPER, STUDIO, ObjectiveWeights, TorsoRule, profile_named


def test_the_objective_equals_the_published_formula(prior: PosePrior) -> None:
    rng = np.random.default_rng(0)
    points = torch.from_numpy(rng.normal(0, 0.5, (2, 49, 3)))
    camera = torch.tensor([[0.1, 0.0, 45.0], [0.0, -0.1, 50.0]], dtype=torch.float64)
    seen = torch.from_numpy(rng.uniform(0, 224, (2, 49, 2)))
    confidence = torch.from_numpy(rng.random((2, 49)))
    pose = torch.from_numpy(prior.sample(2, rng))
    betas = torch.from_numpy(rng.normal(size=(2, 10)))
    objective = Objective(Keypoints2D(seen, confidence), prior, ObjectiveWeights(), 100.0)
    parts = objective.parts(points, pose, betas, camera)
    projected = project_to_crop(points, camera)
    for sample in range(2):
        total = 0.0
        for joint in range(49):
            weight = 0.0 if joint in (1, 9, 12, 27, 28) else float(confidence[sample, joint])
            for axis in range(2):
                error = float(projected[sample, joint, axis] - seen[sample, joint, axis])
                total += weight**2 * (1e4 * error**2) / (1e4 + error**2)
        assert float(parts.reprojection[sample]) == pytest.approx(total)
        full = [0.0, 0.0, 0.0, *pose[sample].tolist()]
        bent = sum(
            math.exp(sign * full[index]) ** 2
            for index, sign in ((55, 1), (58, -1), (12, -1), (15, -1))
        )
        assert float(parts.angle_prior[sample]) == pytest.approx(15.2**2 * bent)
        assert float(parts.shape_prior[sample]) == pytest.approx(
            25 * float((betas[sample] ** 2).sum())
        )
    torch.testing.assert_close(parts.pose_prior, 4.78**2 * prior.energy(pose))
    torch.testing.assert_close(
        parts.total,
        parts.reprojection + parts.pose_prior + parts.angle_prior + parts.shape_prior,
    )


def test_knees_and_elbows_bent_backwards_cost_more() -> None:
    natural, backwards = torch.zeros(1, 69), torch.zeros(1, 69)
    natural[0, 9], backwards[0, 9] = 1.0, -1.0
    natural[0, 52], backwards[0, 52] = -1.0, 1.0
    assert angle_prior_energy(backwards) > 3 * angle_prior_energy(natural)


def test_ignored_joints_are_left_out_of_a_copy() -> None:
    """The original zeroed the caller's array, and so changed the camera stage of all that came."""
    confidence = torch.ones(1, 49)
    keypoints = Keypoints2D(torch.zeros(1, 49, 2), confidence)
    assert keypoints.body_confidence[0, list(IGNORED_KEYPOINTS)].sum() == 0
    assert keypoints.body_confidence.sum() == 44
    assert confidence.sum() == 49


def test_joints_that_are_not_finite_are_absent() -> None:
    raw = np.ones((1, 49, 3), dtype=np.float32)
    raw[0, 3, 0], raw[0, 4, 2], raw[0, 5, 2] = np.nan, np.inf, -1
    keypoints = Keypoints2D.of(raw)
    assert torch.isfinite(keypoints.positions_crop_px).all()
    assert keypoints.confidence[0, 3:6].tolist() == [0, 0, 0]
    assert keypoints.confidence.sum() == 46


def test_keypoints_and_estimates_check_their_shapes() -> None:
    with pytest.raises(ShapeError, match="keypoints_crop_px"):
        Keypoints2D.of(np.zeros((2, 25, 3), dtype=np.float32))
    with pytest.raises(ShapeError, match="confidence"):
        Keypoints2D(torch.zeros(2, 49, 2), torch.zeros(3, 49))
    with pytest.raises(ShapeError, match="betas"):
        BodyEstimate.from_axis_angle(torch.zeros(2, 72), torch.zeros(2, 16), torch.zeros(2, 3))


def test_a_sample_needs_four_joints_that_count() -> None:
    confidence = torch.zeros(3, 49)
    confidence[0, [0, 2, 3]] = 1
    confidence[0, list(IGNORED_KEYPOINTS)] = 1
    confidence[1, [0, 2, 3, 4]] = 0.1
    assert has_usable_keypoints(confidence).tolist() == [False, True, False]


class TestTorsoWeights:
    """Columns: OpenPose right hip, left hip, right and left shoulder, then the annotated four."""

    def confidence(self, openpose: list[float], annotated: list[float]) -> torch.Tensor:
        confidence = torch.zeros(1, 49)
        confidence[0, [9, 12, 2, 5]] = torch.tensor(openpose, dtype=torch.float32)
        confidence[0, [27, 28, 33, 34]] = torch.tensor(annotated, dtype=torch.float32)
        return confidence

    def test_each_joint_falls_back_on_its_own_and_counts_by_confidence(self) -> None:
        confidence = self.confidence([0.9, 0, 0.5, 0], [0.3, 0.4, 0, 0])
        weights = torso_weights(confidence, TorsoRule.PER_JOINT)
        torch.testing.assert_close(weights, torch.tensor([[0.9, 0, 0.5, 0, 0, 0.4, 0, 0]]))

    def test_the_published_rule_takes_one_set_or_the_other(self) -> None:
        rule = TorsoRule.ALL_OR_NOTHING
        both = torso_weights(self.confidence([0.9, 0.1, 0.5, 0.2], [1, 1, 1, 1]), rule)
        assert both.tolist() == [[1, 1, 1, 1, 0, 0, 0, 0]]
        one_short = torso_weights(self.confidence([0.9, 0.0, 0.5, 0.2], [1, 1, 1, 1]), rule)
        assert one_short.tolist() == [[0, 0, 0, 0, 1, 1, 1, 1]]

    def test_absent_joints_never_count(self) -> None:
        for rule in TorsoRule:
            weights = torso_weights(self.confidence([0.9, 0, 0, 0], [0, 1, 0, 0]), rule)
            assert (weights > 0).tolist() == [
                [True, False, False, False, False, True, False, False]
            ]


def test_profiles_are_found_by_name() -> None:
    assert profile_named("paper") is PAPER
    assert profile_named("studio") is STUDIO
    assert PAPER.camera_iterations <= 50
    assert [descent.iterations for descent in PAPER.refinement] == [50]
    assert PAPER.learning_rate == 1e-2
    assert STUDIO.starting_yaws >= 4
    with pytest.raises(StudioError, match="studio"):
        profile_named("fastest")


def test_a_profile_without_descents_is_refused() -> None:
    for change in ({"refinement": ()}, {"search": ()}, {"finish": ()}):
        with pytest.raises(StudioError, match="descent"):
            replace(STUDIO, **change)
