"""Every kind is raised by the failure it is for, with its reason, and not by an ordinary fit."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import torch

from core.engine.failure_detection.inputs import AlternativeEstimate
from core.engine.smplify.inputs import Keypoints2D
from core.types.flags import FlagName
from core.types.limits import FEW_KEYPOINTS, VALID_COMPARISON_LOSS_PX2, VALID_MAX_ABS_BETA
from tests.core.engine.failure_detection.conftest import joint


def raised(scores) -> set[FlagName]:
    return {kind for kind, rows in scores.raised.items() if bool(rows[0])}


def test_a_good_fit_raises_nothing(person):
    scores = person.assess(person.truth)
    assert raised(scores) == set()
    assert scores.reasons(0) == {}
    assert float(scores.suspicion) < 0.1


@pytest.mark.parametrize("degrees", [110.0, 180.0, -140.0])
def test_a_body_turned_round_is_of_wrong_orientation(person, degrees):
    scores = person.assess(person.turned(degrees))
    assert FlagName.ORIENTATION in raised(scores)
    reason = scores.reasons(0)[FlagName.ORIENTATION]
    assert f"turned {abs(degrees):.0f}°" in reason or "turned 1" in reason
    assert "where the lifted pose puts it" in reason
    assert float(scores.suspicion) > 0.5


def test_a_body_on_its_head_is_of_wrong_orientation_and_said_to_be_upside_down(person):
    scores = person.assess(person.turned(180, axis=2))
    assert FlagName.ORIENTATION in raised(scores)
    assert "upside down" in scores.reasons(0)[FlagName.ORIENTATION]


def test_left_and_right_in_the_picture_tell_a_turned_body_without_any_alternative(person):
    scores = person.assess(person.turned(180), alternatives=())
    good = person.assess(person.truth, alternatives=())
    assert float(scores.scores[FlagName.ORIENTATION]) > 4 * float(good.scores[FlagName.ORIENTATION])
    assert float(scores.measures.orientation["left_right"]) > 0.5
    assert float(good.measures.orientation["left_right"]) < -0.9


def test_a_leaning_of_some_degrees_raises_no_orientation(person):
    assert FlagName.ORIENTATION not in raised(person.assess(person.turned(15)))


def test_a_limb_that_points_elsewhere_is_named(person):
    def raise_the_arm(pose):
        pose[:, joint("left_elbow")] += torch.tensor([0.0, -1.9, 0.0])

    scores = person.assess(person.with_pose(raise_the_arm))
    assert FlagName.PART_ORIENTATION in raised(scores)
    assert FlagName.ORIENTATION not in raised(scores)
    assert "the left forearm points" in scores.reasons(0)[FlagName.PART_ORIENTATION]


def test_a_limb_mirrored_in_depth_is_a_part_of_wrong_orientation(person):
    """It lies on its keypoints: only an alternative estimate tells."""

    def bend_backwards(pose):
        pose[:, joint("right_hip")] += torch.tensor([-0.9, 0.0, 0.0])

    def bend_forwards(pose):
        pose[:, joint("right_hip")] += torch.tensor([0.9, 0.0, 0.0])

    forward, backward = person.with_pose(bend_backwards), person.with_pose(bend_forwards)
    alternative = replace(person.alternative, estimate=forward)
    scores = person.assess(backward, alternatives=(alternative,))
    assert FlagName.PART_ORIENTATION in raised(scores)
    reason = scores.reasons(0)[FlagName.PART_ORIENTATION]
    assert reason == (
        "the lifted pose's right thigh points towards the camera, the fit's away from it"
    )
    assert float(scores.measures.parts["depth_reversed"][0].max()) > 0.2


@pytest.mark.parametrize(("beta", "expected"), [(5.0, True), (2.5, False), (-4.0, True)])
def test_extreme_betas_are_raised_at_the_limit_of_the_dictionary(person, beta, expected):
    betas = person.truth.betas.clone()
    betas[:, 4] = beta
    scores = person.assess(replace(person.truth, betas=betas))
    assert (FlagName.BETAS in raised(scores)) is expected
    assert expected is (abs(beta) > VALID_MAX_ABS_BETA)
    if expected:
        assert scores.reasons(0)[FlagName.BETAS] == f"a beta of {abs(beta):.1f}"


@pytest.mark.parametrize("factor", [1.5, 0.65])
def test_a_camera_at_another_distance_than_the_limbs_allow_is_raised(person, factor):
    camera = person.truth.camera_translation.clone()
    camera[:, 2] *= factor
    scores = person.assess(replace(person.truth, camera_translation=camera))
    assert FlagName.DEPTH in raised(scores)
    measurable = re.fullmatch(
        r"the camera is ([\d.]+) times as far as .* allows?", scores.reasons(0)[FlagName.DEPTH]
    )
    assert measurable is not None
    assert float(measurable[1]) == pytest.approx(factor, abs=0.1)


def test_a_camera_five_percent_off_is_not_raised(person):
    camera = person.truth.camera_translation * 1.05
    assert FlagName.DEPTH not in raised(
        person.assess(replace(person.truth, camera_translation=camera))
    )


def test_a_body_beside_its_keypoints_is_raised_at_the_limit_of_the_dictionary(person):
    moved = person.keypoints.positions_crop_px.clone()
    moved[:, 25:36] += 40 * torch.randn(1, 11, 2, generator=torch.Generator().manual_seed(1))
    scores = person.assess(person.truth, keypoints=Keypoints2D(moved, person.keypoints.confidence))
    loss = float(scores.measures.posed.comparison_px2)
    assert loss > VALID_COMPARISON_LOSS_PX2
    assert FlagName.REPROJECTION in raised(scores)
    assert scores.reasons(0)[FlagName.REPROJECTION] == f"the joints lie {loss**0.5:.1f} px off"


def test_a_knee_that_bends_backwards_is_an_impossible_pose(person):
    def bend(pose):
        pose[:, joint("left_knee")] = torch.tensor([-1.2, 0.0, 0.0])

    scores = person.assess(person.with_pose(bend))
    assert FlagName.POSE in raised(scores)
    assert (
        "left knee" in scores.reasons(0)[FlagName.POSE]
        or "pose lies" in (scores.reasons(0)[FlagName.POSE])
    )


def test_a_neck_turned_farther_than_necks_turn_is_named(person):
    def turn(pose):
        pose[:, joint("head")] = torch.tensor([0.0, 2.6, 0.0])

    scores = person.assess(person.with_pose(turn))
    assert FlagName.POSE in raised(scores)


def test_legs_that_run_through_each_other_intersect(person):
    def cross(pose):
        pose[:, joint("left_hip")] = torch.tensor([0.0, 0.0, -0.3])
        pose[:, joint("right_hip")] = torch.tensor([0.0, 0.0, 0.3])

    scores = person.assess(person.with_pose(cross))
    assert FlagName.SELF_INTERSECTION in raised(scores)
    assert "runs through the right" in scores.reasons(0)[FlagName.SELF_INTERSECTION]


@pytest.mark.parametrize(("beside_px", "is_raised"), [(5.0, False), (40.0, True)])
def test_a_body_that_its_camera_puts_elsewhere_lies_beside(person, beside_px, is_raised):
    """The comparison loss solves for the camera and stays what it was."""
    cameras = person.keypoints.cameras
    metres_per_px = float(person.truth.camera_translation[0, 2] / cameras.focal_length_px[0])
    moved = torch.tensor([[beside_px * metres_per_px, 0.0, 0.0]])
    there = replace(person.truth, camera_translation=person.truth.camera_translation + moved)
    scores = person.assess(there)
    assert (FlagName.BESIDE in raised(scores)) is is_raised
    assert FlagName.REPROJECTION not in raised(scores)
    assert (float(scores.suspicion) >= 0.5) is is_raised
    if is_raised:
        said = re.search(r"lies (\d+) px beside its person", scores.reasons(0)[FlagName.BESIDE])
        assert said is not None
        assert int(said[1]) == pytest.approx(beside_px, abs=5)


def test_a_person_without_keypoints_lies_beside_nothing(person):
    unseen = replace(person.keypoints, confidence=torch.zeros(1, 49))
    assert FlagName.BESIDE not in raised(person.assess(person.truth, keypoints=unseen))


def test_a_prediction_of_another_body_disagrees(person):
    def fold(pose):
        for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder"):
            pose[:, joint(name)] += torch.tensor([-1.5, 0.0, 0.3])

    other = AlternativeEstimate("the prediction", person.with_pose(fold), torch.tensor([True]))
    scores = person.assess(person.truth, alternatives=(other,))
    assert FlagName.DISAGREEMENT in raised(scores)
    assert scores.reasons(0)[FlagName.DISAGREEMENT].endswith("from those of the prediction")


@pytest.mark.parametrize("count", [FEW_KEYPOINTS - 1, FEW_KEYPOINTS])
def test_few_keypoints_are_raised_at_the_limit_of_the_dictionary(person, count):
    confidence = torch.zeros(1, 49)
    confidence[:, 25 : 25 + 2] = 0.9
    confidence[:, 29 : 29 + count - 2] = 0.9
    scores = person.assess(
        person.truth, keypoints=Keypoints2D(person.keypoints.positions_crop_px, confidence)
    )
    assert (FlagName.FEW_KEYPOINTS in raised(scores)) is (count < FEW_KEYPOINTS)


def ignorant_alternative(person) -> AlternativeEstimate:
    """What a regressor says that knows nothing: legs and arms lie far from their keypoints."""

    def change(pose: torch.Tensor) -> None:
        for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder"):
            pose[:, joint(name)] = torch.tensor([-1.5, 0.0, 0.0])

    return AlternativeEstimate("the prediction", person.with_pose(change), torch.tensor([True]))


def test_an_alternative_that_misses_the_keypoints_itself_is_not_heard(person):
    """A regressor that had hardly learnt once raised a flag on nearly every person."""
    alone = person.assess(person.truth)
    both = person.assess(
        person.truth, alternatives=(person.alternative, ignorant_alternative(person))
    )
    for kind in alone.scores:
        torch.testing.assert_close(both.scores[kind], alone.scores[kind])
    torch.testing.assert_close(both.suspicion, alone.suspicion)


def test_the_only_alternative_is_heard_however_it_lies(person):
    heard = person.assess(person.truth, alternatives=(ignorant_alternative(person),))
    assert FlagName.DISAGREEMENT in raised(heard)
