"""Whole fits: known bodies are found again, whatever the sample lacks or its neighbours do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.body.conventions import KEYPOINT_FLIP, flip_keypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.search_selection import best_two_distinct, body_distance
from core.engine.smplify.smplify import FitBatch, Smplify
from core.errors import ShapeError, StudioError
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import geodesic_angle
from core.runs.fitting_profiles import PAPER, STUDIO, Descent, FittingProfile

MakePeople = Callable[..., object]
PROFILES = [PAPER, STUDIO]
QUICK_PAPER = replace(PAPER, camera_iterations=6, refinement=(Descent(6),))


def keypoints_of(body: KeypointBody, estimate: BodyEstimate) -> torch.Tensor:
    return body.keypoints(estimate.rotations, estimate.betas)


def root_angles(found: BodyEstimate, truth: BodyEstimate) -> torch.Tensor:
    return geodesic_angle(found.rotations[:, 0], truth.rotations[:, 0])


def rows_of(keypoints: Keypoints2D, index: list[int]) -> Keypoints2D:
    return Keypoints2D(keypoints.positions_crop_px[index], keypoints.confidence[index])


def estimate_rows(estimate: BodyEstimate, index: list[int]) -> BodyEstimate:
    return BodyEstimate(
        estimate.rotations[index],
        estimate.betas[index],
        estimate.camera_translation[index],
    )


def everything(fit: FitBatch) -> list[torch.Tensor]:
    return [
        fit.estimate.rotations,
        fit.estimate.betas,
        fit.estimate.camera_translation,
        fit.losses.total,
        fit.comparison,
    ]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_known_bodies_are_found_from_a_rough_estimate(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople, profile: FittingProfile
) -> None:
    people = make_people(8)
    smplify = Smplify(open_body, prior, profile)
    fit = smplify.fit(people.keypoints, people.guess)
    before = body_distance(keypoints_of(smplify.body, people.guess), people.keypoints_3d)
    after = body_distance(keypoints_of(smplify.body, fit.estimate), people.keypoints_3d)
    assert after.median() < before.median()
    assert (root_angles(fit.estimate, people.truth) < math.radians(40)).all()
    assert fit.comparison.median() < 4.0
    assert fit.runner_up is None
    assert not fit.has_runner_up.any()


def test_known_bodies_are_found_from_the_mean_pose(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(12, noise_px=2.0, missing=0.15)
    smplify = Smplify(open_body, prior, STUDIO)
    fit = smplify.fit_from_mean_pose(people.keypoints)
    wrong = root_angles(fit.estimate, people.truth) > math.radians(60)
    assert wrong.sum() == 0
    error = body_distance(keypoints_of(smplify.body, fit.estimate), people.keypoints_3d)
    assert error.median() < 0.07
    assert fit.comparison.median() < 25


def test_several_starts_turn_bodies_round_that_one_start_cannot(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(12, noise_px=2.0, missing=0.15)
    one = replace(STUDIO, starting_yaws=1, refinement=(Descent(12),))
    alone = Smplify(open_body, prior, one).fit_from_mean_pose(people.keypoints)
    several = Smplify(open_body, prior, STUDIO).fit_from_mean_pose(people.keypoints)
    off = [root_angles(fit.estimate, people.truth) > math.radians(40) for fit in (alone, several)]
    assert off[0].sum() >= 3
    assert off[1].sum() <= 1
    assert several.losses.total.mean() < alone.losses.total.mean()


def test_studio_ends_below_paper(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(6, noise_px=2.0, missing=0.15)
    paper, studio = (
        Smplify(open_body, prior, profile).fit(people.keypoints, people.guess).losses
        for profile in PROFILES
    )
    assert (studio.total < paper.total).all()


@pytest.mark.parametrize("yaw", [0.0, math.pi])
def test_left_and_right_are_never_swapped(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople, yaw: float
) -> None:
    """Facing the camera, the person's left is on the picture's right; from behind it is not."""
    people = make_people(6, yaw=yaw)
    smplify = Smplify(open_body, prior, STUDIO)
    found = keypoints_of(smplify.body, smplify.fit_from_mean_pose(people.keypoints).estimate)
    hips_and_shoulders = found[:, [28, 34], 0] - found[:, [27, 33], 0]
    assert (hips_and_shoulders.sign() == (1 if yaw == 0 else -1)).all()


def test_mirrored_keypoints_give_the_mirrored_body(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(3, yaw=0.0)
    raw = torch.cat(
        [people.keypoints.positions_crop_px, people.keypoints.confidence[..., None]], dim=-1
    )
    mirrored = Keypoints2D.of(flip_keypoints(raw.numpy(), width_px=224.0))
    smplify = Smplify(open_body, prior, STUDIO)
    found = keypoints_of(smplify.body, smplify.fit_from_mean_pose(people.keypoints).estimate)
    other = keypoints_of(smplify.body, smplify.fit_from_mean_pose(mirrored).estimate)
    flipped = other[:, list(KEYPOINT_FLIP)] * torch.tensor([-1.0, 1.0, 1.0])
    assert (body_distance(flipped, found) < 0.03).all()


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("turn", [0.0, math.pi - 1e-7, math.pi, math.pi + 0.3])
def test_roots_at_zero_and_about_half_a_turn_are_nothing_special(
    open_body: BodyModel,
    prior: PosePrior,
    make_people: MakePeople,
    profile: FittingProfile,
    turn: float,
) -> None:
    people = make_people(1, yaw=0.0)
    pose = people.guess.to_axis_angle()
    pose[:, :3] = torch.tensor([turn, 0.0, 0.0])
    start = BodyEstimate.from_axis_angle(pose, people.guess.betas, people.guess.camera_translation)
    smplify = Smplify(open_body, prior, QUICK_PAPER if profile is PAPER else profile)
    fit = smplify.fit(people.keypoints, start)
    for values in everything(fit):
        assert torch.isfinite(values).all()
    if profile is STUDIO and turn > 1:
        assert (root_angles(fit.estimate, people.truth) < math.radians(20)).all()


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_a_sample_gets_the_same_fit_alone_and_in_a_batch(
    precise_body: BodyModel, prior: PosePrior, make_people: MakePeople, profile: FittingProfile
) -> None:
    people = make_people(4, dtype=torch.float64, noise_px=2.0, missing=0.15)
    smplify = Smplify(precise_body, prior, QUICK_PAPER if profile is PAPER else profile)
    together = smplify.fit(people.keypoints, people.guess)
    alone = smplify.fit(rows_of(people.keypoints, [2]), estimate_rows(people.guess, [2]))
    for whole, single in zip(everything(together), everything(alone), strict=True):
        torch.testing.assert_close(whole[2:3], single, rtol=1e-6, atol=1e-7)


def test_mean_pose_fits_do_not_depend_on_the_batch(
    precise_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(3, dtype=torch.float64, noise_px=2.0, missing=0.15)
    smplify = Smplify(precise_body, prior, STUDIO)
    together = smplify.fit_from_mean_pose(people.keypoints)
    alone = smplify.fit_from_mean_pose(rows_of(people.keypoints, [1]))
    for whole, single in zip(everything(together), everything(alone), strict=True):
        torch.testing.assert_close(whole[1:2], single, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_the_same_input_gives_the_same_fit(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople, profile: FittingProfile
) -> None:
    people = make_people(3, noise_px=2.0, missing=0.15)
    smplify = Smplify(open_body, prior, QUICK_PAPER if profile is PAPER else profile)
    first, second = (everything(smplify.fit_from_mean_pose(people.keypoints)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)


def test_precisions_agree(
    open_body: BodyModel, precise_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(6, noise_px=2.0)
    rough, precise = (
        Smplify(model, prior, STUDIO).fit(people.keypoints, people.guess)
        for model in (open_body, precise_body)
    )
    assert rough.estimate.betas.dtype == torch.float32
    assert precise.estimate.betas.dtype == torch.float64
    torch.testing.assert_close(rough.losses.total.double(), precise.losses.total, rtol=0.02, atol=5)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_samples_without_keypoints_or_with_absurd_ones_give_no_nan_and_spoil_no_other(
    precise_body: BodyModel, prior: PosePrior, make_people: MakePeople, profile: FittingProfile
) -> None:
    people = make_people(7, dtype=torch.float64)
    seen = people.keypoints.positions_crop_px.clone()
    confidence = people.keypoints.confidence.clone()
    confidence[1] = 0  # nothing
    confidence[2, 1:] = 0  # the nose alone
    seen[3] = 112.0  # all in one place
    seen[4] += 1e6  # far outside
    confidence[5] = 0
    confidence[5, [2, 3, 4]] = 1  # an arm
    seen[6, :, 0] = 224 - seen[6, :, 0]  # no person can do this
    smplify = Smplify(precise_body, prior, QUICK_PAPER if profile is PAPER else profile)
    fit = smplify.fit_from_mean_pose(Keypoints2D(seen, confidence))
    for values in everything(fit)[:-1]:
        assert torch.isfinite(values).all()
    assert not torch.isnan(fit.comparison).any()
    assert (fit.estimate.camera_translation[:, 2] > 1).all()
    clean = smplify.fit_from_mean_pose(rows_of(people.keypoints, [0]))
    torch.testing.assert_close(
        fit.estimate.rotations[:1], clean.estimate.rotations, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_no_samples_give_no_fits(
    open_body: BodyModel, prior: PosePrior, profile: FittingProfile
) -> None:
    empty = Keypoints2D.of(np.zeros((0, 49, 3), dtype=np.float32))
    assert len(Smplify(open_body, prior, profile).fit_from_mean_pose(empty)) == 0


def test_a_start_that_is_not_finite_spoils_no_other(
    precise_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(2, dtype=torch.float64)
    broken = people.guess.rotations.clone()
    broken[0] = torch.nan
    start = BodyEstimate(broken, people.guess.betas, people.guess.camera_translation)
    fit = Smplify(precise_body, prior, STUDIO).fit(people.keypoints, start)
    assert torch.isfinite(fit.estimate.rotations[1]).all()
    assert fit.comparison[1] < 10


def test_a_pull_keeps_the_fit_nearer_to_its_target(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(16, noise_px=2.0, missing=0.15)
    smplify = Smplify(open_body, prior, STUDIO)
    free = smplify.fit(people.keypoints, people.guess)
    near = smplify.fit(
        people.keypoints, people.guess, estimate_prior=EstimatePrior.uniform(people.guess)
    )
    held = smplify.fit(
        people.keypoints,
        people.guess,
        estimate_prior=EstimatePrior.uniform(
            people.guess, root=1e9, pose=1e9, betas=1e9, depth=1e9
        ),
    )
    assert (near.losses.pull > 0).all()
    assert (free.losses.pull == 0).all()
    truth = people.keypoints_3d
    errors = [
        body_distance(keypoints_of(smplify.body, fit.estimate), truth).mean()
        for fit in (free, near)
    ]
    assert errors[1] < 0.9 * errors[0]
    betas_moved = (held.estimate.betas - people.guess.betas).abs().max()
    assert betas_moved < 1e-2


def test_a_pull_holds_single_joints(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(4, noise_px=2.0)
    estimate_prior = EstimatePrior.uniform(people.guess, root=0.0, pose=0.0, betas=0.0, depth=0.0)
    estimate_prior.joint_weights[18] = 1e7
    fit = Smplify(open_body, prior, STUDIO).fit(
        people.keypoints, people.guess, estimate_prior=estimate_prior
    )
    turned = geodesic_angle(fit.estimate.rotations, people.guess.rotations)
    assert turned[:, 18].max() < 0.01
    assert turned[:, 19].max() > 0.05


def test_the_pose_prior_makes_room_for_an_estimate_that_knows_it(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(4, noise_px=2.0)
    smplify = Smplify(open_body, prior, STUDIO)
    pull = EstimatePrior.uniform(people.guess)
    halved = replace(pull, pose_prior_share=0.5)
    full, half = (
        smplify.fit(people.keypoints, people.guess, estimate_prior=estimate_prior)
        for estimate_prior in (pull, halved)
    )
    # Less of the prior in the objective lets fits end in less probable poses; it is told in full.
    assert half.losses.pose_prior.sum() > full.losses.pose_prior.sum()
    torch.testing.assert_close(
        half.losses.pose_prior,
        smplify.measured(people.keypoints, half.estimate).losses.pose_prior,
    )


@pytest.mark.parametrize("share", [0.0, 1.5, float("nan")])
def test_a_share_of_the_pose_prior_that_is_none_is_refused(
    make_people: MakePeople, share: float
) -> None:
    pull = EstimatePrior.uniform(make_people(1).guess)
    with pytest.raises(StudioError, match="share"):
        replace(pull, pose_prior_share=share)


def test_paper_takes_a_pull_too(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(2)
    smplify = Smplify(open_body, prior, QUICK_PAPER)
    fit = smplify.fit(
        people.keypoints, people.guess, estimate_prior=EstimatePrior.uniform(people.guess)
    )
    assert (fit.losses.pull > 0).all()


def test_wrong_sizes_of_start_and_pull_are_named(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(2)
    with pytest.raises(ShapeError, match="start"):
        Smplify(open_body, prior, STUDIO).fit(people.keypoints, estimate_rows(people.guess, [0]))
    with pytest.raises(ShapeError, match="joint_weights"):
        EstimatePrior(people.guess, torch.ones(23), torch.ones(10), torch.tensor(1.0))


def test_runner_ups_are_worse_and_different(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(24, seed=3, noise_px=2.0, missing=0.3)
    smplify = Smplify(open_body, prior, STUDIO)
    fit = smplify.fit_from_mean_pose(people.keypoints)
    other = fit.runner_up
    assert other is not None
    assert fit.has_runner_up.any()
    assert (fit.losses.total <= other.losses.total).all()
    distance = body_distance(
        keypoints_of(smplify.body, fit.estimate), keypoints_of(smplify.body, other.estimate)
    )
    assert torch.equal(fit.has_runner_up, distance > 0.050)


def test_finalists_are_the_best_and_the_best_other_body() -> None:
    generator = torch.Generator().manual_seed(0)
    body, other = torch.randn(2, 49, 3, generator=generator)
    nearly = body + 0.001
    keypoints = torch.stack([body, nearly, other, other])[:, None].repeat(1, 2, 1, 1)
    keypoints[2:, 1] = body
    cost = torch.tensor([[5.0, 5.0], [4.0, 4.0], [9.0, 9.0], [8.0, 8.0]])
    assert best_two_distinct(cost, keypoints).tolist() == [[1, 1], [3, 0]]


def test_gross_outliers_hardly_move_the_body(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    """A detector that puts a few joints on another person must not bend the whole body."""
    people = make_people(12)
    generator = torch.Generator().manual_seed(0)
    misplaced = torch.rand(12, 49, 1, generator=generator) < 0.08
    elsewhere = 50 * torch.randn(12, 49, 2, generator=generator)
    seen = people.keypoints.positions_crop_px + misplaced * elsewhere
    spoilt = Keypoints2D(seen, people.keypoints.confidence)
    sharp, blunt = (
        Smplify(open_body, prior, profile).fit(spoilt, people.guess).estimate
        for profile in (STUDIO, replace(STUDIO, refinement=(Descent(5),)))
    )
    body = KeypointBody(open_body)
    errors = [
        body_distance(keypoints_of(body, estimate), people.keypoints_3d).median()
        for estimate in (sharp, blunt)
    ]
    assert errors[0] < 0.7 * errors[1]


def test_the_original_confidences_and_starts_are_not_changed(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(2)
    before = [
        people.keypoints.confidence.clone(),
        people.guess.rotations.clone(),
        people.guess.camera_translation.clone(),
    ]
    for profile in (QUICK_PAPER, STUDIO):
        Smplify(open_body, prior, profile).fit(people.keypoints, people.guess)
    after = [
        people.keypoints.confidence,
        people.guess.rotations,
        people.guess.camera_translation,
    ]
    for one, two in zip(before, after, strict=True):
        assert torch.equal(one, two)


@pytest.mark.parametrize("from_estimate", [True, False])
def test_fits_and_what_was_kept_for_them_can_take_part_in_gradients(
    open_body: BodyModel, make_people: MakePeople, *, from_estimate: bool
) -> None:
    prior = PosePrior.load()  # has kept nothing yet
    people = make_people(2)
    smplify = Smplify(open_body, prior, STUDIO)
    fit = (
        smplify.fit(people.keypoints, people.guess)
        if from_estimate
        else smplify.fit_from_mean_pose(people.keypoints)
    )
    scale = torch.ones(2, 1, requires_grad=True)
    moved = scale * fit.estimate.camera_translation
    points = smplify.body.keypoints(fit.estimate.rotations, scale * fit.estimate.betas)
    pixels = project_to_crop(points, moved, fit.cameras)
    energy = prior.energy(scale * torch.full((2, 69), 0.1))
    told = [scale[:, 0] * values for values in (fit.losses.total, fit.comparison)]
    sum([pixels.sum(), energy.sum(), *(values.sum() for values in told)]).backward()
    assert torch.isfinite(scale.grad).all()


def test_fits_are_handed_on_as_records(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(2)
    fit = Smplify(open_body, prior, STUDIO).fit(people.keypoints, people.guess)
    parameters, losses = fit.parameters(1), fit.fit_losses(1)
    assert parameters.pose_axis_angle.dtype == np.float32
    angles = np.linalg.norm(parameters.pose_axis_angle.reshape(24, 3), axis=1)
    assert angles.max() <= math.pi + 1e-5
    np.testing.assert_allclose(parameters.betas, fit.estimate.betas[1].numpy())
    assert losses.total == pytest.approx(float(fit.losses.total[1]), rel=1e-5)
    assert losses.comparison == pytest.approx(float(fit.comparison[1]))
    assert len(fit) == 2
