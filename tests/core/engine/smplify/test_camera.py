"""Cameras from limb lengths, and the loss by which fits are compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.reprojection_loss import comparison_loss
from core.errors import StudioError
from core.geometry.camera_translation import DEFAULT_DEPTH_PER_PX

MakePeople = Callable[..., object]


def with_camera(estimate: BodyEstimate, camera: torch.Tensor) -> BodyEstimate:
    return BodyEstimate(estimate.rotations, estimate.betas, camera)


def test_limb_lengths_tell_the_depth(make_people: MakePeople) -> None:
    people = make_people(16, dtype=torch.float64)
    found = camera_start(people.keypoints_3d, people.keypoints)
    truth = people.truth.camera_translation
    error = (found[:, 2] / truth[:, 2] - 1).abs()
    assert error.median() < 0.03
    assert error.max() < 0.15
    assert ((found - truth)[:, :2].abs() < 0.05).all()


def test_the_start_has_a_default_for_samples_without_limbs(make_people: MakePeople) -> None:
    people = make_people(2)
    empty = Keypoints2D(torch.zeros(2, 49, 2), torch.zeros(2, 49))
    found = camera_start(people.keypoints_3d, empty)
    torch.testing.assert_close(found[:, 2], torch.full((2,), 5000 * DEFAULT_DEPTH_PER_PX))
    assert (found[:, :2] == 0).all()


def test_a_face_alone_tells_the_depth(make_people: MakePeople) -> None:
    """One that is seen three times as large is at a third of the distance."""
    people = make_people(8, dtype=torch.float64)
    seen = people.keypoints.positions_crop_px
    face = torch.zeros_like(people.keypoints.confidence)
    face[:, [0, 15, 16, 17, 18]] = 1
    depths = [
        camera_start(people.keypoints_3d, Keypoints2D(112 + times * (seen - 112), face))[:, 2]
        for times in (1, 3)
    ]
    torch.testing.assert_close(depths[0], 3 * depths[1])
    assert (depths[0] / people.truth.camera_translation[:, 2] - 1).abs().median() < 0.2


def test_weak_joints_do_not_measure_limbs(make_people: MakePeople) -> None:
    people = make_people(4)
    keypoints = people.keypoints
    seen, confidence = keypoints.positions_crop_px.clone(), keypoints.confidence.clone()
    seen[:, [4, 7, 31, 36]] += 300
    confidence[:, [4, 7, 31, 36]] = 0.05
    found = camera_start(people.keypoints_3d, Keypoints2D(seen, confidence))
    assert ((found[:, 2] / people.truth.camera_translation[:, 2] - 1).abs() < 0.06).all()


class TestComparisonLoss:
    def test_is_zero_for_the_truth_whatever_its_stored_camera(
        self, make_people: MakePeople, precise_keypoint_body: object
    ) -> None:
        people = make_people(4, dtype=torch.float64)
        elsewhere = with_camera(people.truth, people.truth.camera_translation + 3.0)
        for rule in ("studio", "paper"):
            for estimate in (people.truth, elsewhere):
                loss = comparison_loss(precise_keypoint_body, estimate, people.keypoints, rule=rule)
                assert loss.max() < 1e-3

    def test_does_not_depend_on_how_many_joints_are_seen(
        self, make_people: MakePeople, keypoint_body: object
    ) -> None:
        """The original divided by 49 whatever was seen, so few joints looked like a good fit."""
        people = make_people(16, noise_px=5.0)
        full = comparison_loss(keypoint_body, people.truth, people.keypoints)
        confidence = people.keypoints.confidence.clone()
        confidence[:, ::2] = 0
        half_seen = Keypoints2D(people.keypoints.positions_crop_px, confidence)
        half = comparison_loss(keypoint_body, people.truth, half_seen)
        assert full.mean().item() == pytest.approx(2 * 25, rel=0.15)
        assert half.mean().item() == pytest.approx(2 * 25, rel=0.2)
        paper = comparison_loss(keypoint_body, people.truth, half_seen, rule="paper")
        assert paper.mean() < 0.6 * half.mean()

    def test_tells_the_better_fit(self, make_people: MakePeople, keypoint_body: object) -> None:
        people = make_people(12)
        truth = comparison_loss(keypoint_body, people.truth, people.keypoints)
        guess = comparison_loss(keypoint_body, people.guess, people.keypoints)
        assert (truth < guess).all()

    def test_says_nothing_for_a_sample_without_joints(
        self, make_people: MakePeople, keypoint_body: object
    ) -> None:
        people = make_people(2)
        confidence = people.keypoints.confidence.clone()
        confidence[1] = 0
        keypoints = Keypoints2D(people.keypoints.positions_crop_px, confidence)
        loss = comparison_loss(keypoint_body, people.truth, keypoints)
        assert torch.isfinite(loss).tolist() == [True, False]
        assert torch.isinf(loss[1])

    def test_the_paper_rule_works_without_annotated_joints(
        self, make_people: MakePeople, keypoint_body: object
    ) -> None:
        people = make_people(3)
        confidence = people.keypoints.confidence.clone()
        confidence[:, 25:] = 0
        keypoints = Keypoints2D(people.keypoints.positions_crop_px, confidence)
        loss = comparison_loss(keypoint_body, people.truth, keypoints, rule="paper")
        assert loss.max() < 1e-2

    def test_leaves_the_callers_confidences_alone(
        self, make_people: MakePeople, keypoint_body: object
    ) -> None:
        people = make_people(2)
        before = people.keypoints.confidence.clone()
        for rule in ("studio", "paper"):
            comparison_loss(keypoint_body, people.guess, people.keypoints, rule=rule)
        assert torch.equal(people.keypoints.confidence, before)

    def test_refuses_an_unknown_rule(self, make_people: MakePeople, keypoint_body: object) -> None:
        people = make_people(1)
        with pytest.raises(StudioError, match="rule"):
            comparison_loss(keypoint_body, people.truth, people.keypoints, rule="best")
