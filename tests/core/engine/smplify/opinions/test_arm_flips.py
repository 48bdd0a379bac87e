"""Arms mirrored in depth are tried where opinions contradict a fit."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.body.bone_directions import BONES
from core.engine.smplify.inputs import BodyEstimate, BoneDirections, Keypoints2D
from core.engine.smplify.opinions.arm_flips import mirrored_in_depth, with_arms_tried
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.geometry.crop_camera import project_to_crop
from core.runs.fitting_profiles import PAPER, STUDIO
from tests.core.workflows.test_lifting import Crowd

RIGHT_ARM = (0, 1)
FIRST, SECOND = (list(ends) for ends in zip(*BONES, strict=True))


@pytest.fixture(scope="module")
def crowd(open_body) -> Crowd:
    return Crowd(open_body)


@pytest.fixture(scope="module")
def smplify(open_body) -> Smplify:
    return Smplify(open_body, PosePrior.load(), STUDIO)


def directions(crowd: Crowd, bodies: BodyEstimate) -> torch.Tensor:
    keypoints = crowd.body.keypoints(bodies.rotations, bodies.betas)
    return torch.nn.functional.normalize(keypoints[:, SECOND] - keypoints[:, FIRST], dim=-1)


def right_arm_of(crowd: Crowd) -> torch.Tensor:
    marked = torch.zeros(len(crowd.truth), len(BONES), dtype=torch.bool)
    marked[:, RIGHT_ARM] = True
    return marked


def seen(crowd: Crowd, *, weight: float = 300.0) -> Keypoints2D:
    """Keypoints with the true directions of bones."""
    known = directions(crowd, crowd.truth)
    return replace(
        crowd.keypoints, bone_directions=BoneDirections(known, torch.full_like(known, weight))
    )


def with_wrong_arms(crowd: Crowd, smplify: Smplify, keypoints: Keypoints2D) -> FitBatch:
    wrong = mirrored_in_depth(crowd.body, crowd.truth, right_arm_of(crowd))
    return smplify.measured(keypoints, wrong)


def test_a_mirrored_arm_looks_the_same_and_points_the_other_way(crowd):
    wrong = mirrored_in_depth(crowd.body, crowd.truth, right_arm_of(crowd))

    true, other = (
        project_to_crop(
            crowd.body.keypoints(bodies.rotations, bodies.betas), bodies.camera_translation
        )
        for bodies in (crowd.truth, wrong)
    )
    before, after = directions(crowd, crowd.truth), directions(crowd, wrong)
    assert (true - other).abs().max() < 1.0
    torch.testing.assert_close(after[:, RIGHT_ARM, 2], -before[:, RIGHT_ARM, 2], atol=0.02, rtol=0)
    torch.testing.assert_close(after[:, 2:], before[:, 2:], atol=1e-4, rtol=0)


def test_arms_that_landmarks_contradict_are_turned_round(crowd, smplify):
    keypoints = seen(crowd)
    fits = with_wrong_arms(crowd, smplify, keypoints)

    found = with_arms_tried(smplify, keypoints, fits)

    flipped = directions(crowd, crowd.truth)[:, RIGHT_ARM, 2].abs().amax(1) > 0.5
    before, after = crowd.errors_mm(fits.estimate), crowd.errors_mm(found.estimate)
    assert flipped.any()
    assert after[flipped].mean() < 0.6 * before[flipped].mean()
    assert (found.losses.total <= fits.losses.total + 1e-3).all()


def test_fits_that_nothing_contradicts_stay_to_the_bit(crowd, smplify):
    keypoints = seen(crowd)
    fits = smplify.measured(keypoints, crowd.truth)

    found = with_arms_tried(smplify, keypoints, fits)

    assert torch.equal(found.estimate.rotations, fits.estimate.rotations)
    assert torch.equal(found.comparison, fits.comparison)


def test_where_nothing_is_known_besides_keypoints_no_arm_is_tried(crowd, smplify):
    fits = with_wrong_arms(crowd, smplify, crowd.keypoints)

    assert with_arms_tried(smplify, crowd.keypoints, fits) is fits


def test_a_mirrored_arm_that_is_no_better_is_not_taken(crowd, smplify):
    """The landmarks are wrong, and hardly trusted."""
    wrong = mirrored_in_depth(crowd.body, crowd.truth, right_arm_of(crowd))
    known = directions(crowd, wrong)
    keypoints = replace(
        crowd.keypoints, bone_directions=BoneDirections(known, torch.full_like(known, 1e-3))
    )
    fits = smplify.fit(keypoints, crowd.truth)

    found = with_arms_tried(smplify, keypoints, fits)

    assert (found.losses.total <= fits.losses.total).all()
    assert crowd.errors_mm(found.estimate).mean() < 1.1 * crowd.errors_mm(fits.estimate).mean()


def test_the_paper_tries_no_arms(crowd, open_body):
    paper = Smplify(open_body, PosePrior.load(), PAPER)
    fits = paper.measured(seen(crowd), crowd.truth)

    assert with_arms_tried(paper, seen(crowd), fits) is fits
