"""Pictures of one person fitted together: one body, found better than by any picture alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.inputs import BodyEstimate, BoneDirections, Keypoints2D
from core.engine.smplify.objective import Objective
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.rigs.shared_views import (
    LARGEST_DISAGREEMENT_PX2,
    MomentStarts,
    SharedViews,
    disagreement_px2,
)
from core.engine.smplify.search_selection import body_distance
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.state import BodyState
from core.engine.smplify.view_groups import (
    POSE_PRIOR_OF_GROUPS,
    SHAPE_PRIOR_OF_GROUPS,
    ViewGroups,
    mean_of_groups,
    sum_of_groups,
)
from core.errors import ShapeError, StudioError
from core.geometry.crop_camera import project_to_crop
from core.geometry.levenberg_marquardt import minimise
from core.geometry.rotations import axis_angle_to_matrix
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import PAPER, STUDIO

MakePeople = Callable[..., object]
MOMENTS = 4
CAMERAS = 4


@pytest.fixture(scope="module")
def smplify(open_body: BodyModel, prior: PosePrior) -> Smplify:
    return Smplify(open_body, prior, STUDIO)


class Views:
    """Made bodies, each seen by four cameras around it, a quarter turn from one to the next."""

    def __init__(self, people, body: KeypointBody, *, noise_px: float) -> None:
        count = len(people.truth)
        truth = take_rows(people.truth, torch.arange(count).repeat_interleave(CAMERAS))
        yaws = torch.arange(CAMERAS).repeat(count) * (math.pi / 2)
        about = torch.stack([torch.zeros_like(yaws), yaws, torch.zeros_like(yaws)], dim=1)
        rotations = truth.rotations.clone()
        rotations[:, 0] = rotations[:, 0] @ axis_angle_to_matrix(about)
        points = body.keypoints(rotations, truth.betas)
        middle = (points.amin(1) + points.amax(1))[:, :2] / 2
        camera = torch.cat([-middle, truth.camera_translation[:, 2:]], dim=1)
        generator = torch.Generator().manual_seed(0)
        noise = noise_px * torch.randn(len(points), 49, 2, generator=generator)
        seen = project_to_crop(points, camera) + noise
        self.keypoints = Keypoints2D(seen, torch.ones(len(points), 49))
        self.truth, self.points = BodyEstimate(rotations, truth.betas, camera), points
        self.moments = [row // CAMERAS for row in range(len(points))]

    def errors_m(self, body: KeypointBody, fit: FitBatch) -> torch.Tensor:
        found = body.keypoints(fit.estimate.rotations, fit.estimate.betas)
        return body_distance(self.points, found)


@pytest.fixture(scope="module")
def views(make_people: MakePeople, keypoint_body: KeypointBody) -> Views:
    return Views(make_people(MOMENTS), keypoint_body, noise_px=2.0)


@pytest.fixture(scope="module")
def own(smplify: Smplify, views: Views) -> FitBatch:
    return smplify.fit_from_mean_pose(views.keypoints)


@pytest.fixture(scope="module")
def together(smplify: Smplify, views: Views, own: FitBatch) -> FitBatch:
    groups = ViewGroups.of(views.moments, [None] * len(views.moments))
    return SharedViews(smplify).fit(views.keypoints, own, groups)


def test_four_cameras_show_what_one_does_not(
    views: Views, own: FitBatch, together: FitBatch, keypoint_body: KeypointBody
) -> None:
    alone, shared = (views.errors_m(keypoint_body, fit) for fit in (own, together))
    assert shared.max() < 0.030
    assert shared.mean() < 0.4 * alone.mean()


def test_pictures_of_a_moment_have_one_pose_and_one_shape(together: FitBatch) -> None:
    body = together.estimate.rotations[:, 1:].view(MOMENTS, CAMERAS, 23, 3, 3)
    betas = together.estimate.betas.view(MOMENTS, CAMERAS, 10)
    # The last rows of a batch may be rounded otherwise: its sines are computed one by one there.
    torch.testing.assert_close(body, body[:, :1].expand_as(body), rtol=0, atol=1e-6)
    assert torch.equal(betas, betas[:, :1].expand_as(betas))
    roots = together.estimate.rotations[:, 0].view(MOMENTS, CAMERAS, 3, 3)
    assert (roots[:, 0] - roots[:, 2]).abs().amax((1, 2)).min() > 0.5


def test_moments_of_a_subject_have_one_shape_and_poses_of_their_own(
    smplify: Smplify, views: Views, own: FitBatch
) -> None:
    groups = ViewGroups.of(
        views.moments, ["he" if moment < 3 else None for moment in views.moments]
    )
    fit = SharedViews(smplify).fit(views.keypoints, own, groups)
    betas = fit.estimate.betas
    assert torch.equal(betas[:12], betas[:1].expand(12, -1))
    assert not torch.allclose(betas[12], betas[0], atol=0.1)
    pose = fit.estimate.rotations[:, 1:]
    assert torch.equal(pose[0], pose[3])
    assert not torch.allclose(pose[0], pose[4], atol=0.1)


def test_groups_of_one_keep_the_ordinary_fit(smplify: Smplify, views: Views, own: FitBatch) -> None:
    groups = ViewGroups.of([None] * 16, [None] * 16)
    fit = SharedViews(smplify).fit(views.keypoints, own, groups)
    torch.testing.assert_close(fit.estimate.rotations, own.estimate.rotations)
    torch.testing.assert_close(fit.comparison, own.comparison)


def test_a_group_is_fitted_alike_in_any_company(
    smplify: Smplify, views: Views, own: FitBatch, together: FitBatch
) -> None:
    rows = torch.tensor([5, 7, 4, 6])
    groups = ViewGroups.of(["a"] * 4, [None] * 4)
    fit = SharedViews(smplify).fit(take_rows(views.keypoints, rows), own.of_rows(rows), groups)
    torch.testing.assert_close(
        fit.estimate.rotations, together.estimate.rotations[rows], atol=5e-3, rtol=0
    )


def test_a_held_body_stays_and_the_others_of_its_moment_follow_it(
    smplify: Smplify, views: Views, own: FitBatch
) -> None:
    held = torch.zeros(16, dtype=torch.bool)
    held[1] = True
    groups = ViewGroups.of(views.moments, ["he"] * 8 + [None] * 8)
    fit = SharedViews(smplify).fit(views.keypoints, own, groups, held=held)
    kept, found = own.estimate, fit.estimate
    torch.testing.assert_close(found.rotations[1], kept.rotations[1])
    torch.testing.assert_close(found.camera_translation[1], kept.camera_translation[1])
    for row in (0, 2, 3):
        torch.testing.assert_close(found.rotations[row, 1:], kept.rotations[1, 1:])
    # The other moment of the same person takes the shape, and a pose of its own.
    torch.testing.assert_close(found.betas[:8], kept.betas[1].expand(8, -1))
    assert not torch.allclose(found.rotations[4, 1:], kept.rotations[1, 1:], atol=0.1)


def test_the_joint_gradient_is_that_of_the_joint_objective(
    make_people: MakePeople, precise_keypoint_body: KeypointBody, prior: PosePrior
) -> None:
    """Σ over views by autograd, priors counted once, against the stage with shared priors."""
    people = make_people(3, dtype=torch.float64, noise_px=3.0)
    first = torch.zeros(3, dtype=torch.long)
    guess = BodyState.of(people.guess)
    state = replace(guess, body_pose=guess.body_pose[first], betas=guess.betas[first])
    groups = ViewGroups.of(["a"] * 3, [None] * 3)
    weights = STUDIO.weights
    objective = Objective(people.keypoints, prior, weights, 30.0, groups.shares(state.betas))
    depth_start = state.camera_translation[:, 2]
    stage = BodyStage(precise_keypoint_body, objective, depth_start=depth_start, depth_weight=0.0)
    gradient, _ = stage.normal_equations(state, stage.evaluate(state))

    step = torch.zeros(79, dtype=torch.float64, requires_grad=True)
    pose, betas = state.body_pose[0] + step[:69], state.betas[0] + step[69:]
    matrices = torch.cat(
        [state.root[:, None], axis_angle_to_matrix(pose.view(1, 23, 3)).expand(3, -1, -1, -1)], 1
    )
    points = precise_keypoint_body.keypoints(matrices, betas.expand(3, -1))
    residual = project_to_crop(points, state.camera_translation, people.keypoints.cameras)
    seen = objective.reprojection(residual - people.keypoints.positions_crop_px).sum()
    alone = Objective(take_rows(people.keypoints, torch.tensor([0])), prior, weights, 30.0)
    once = alone.parts(points[:1], pose[None], betas[None], state.camera_translation[:1])
    priors = POSE_PRIOR_OF_GROUPS * (once.pose_prior + once.angle_prior)
    priors = priors + SHAPE_PRIOR_OF_GROUPS * once.shape_prior
    (expected,) = torch.autograd.grad(seen + priors.sum(), step)
    summed = sum_of_groups(gradient, groups.moments)[0, 3:82]
    torch.testing.assert_close(2 * summed, expected, rtol=1e-6, atol=1e-4)


def test_no_iteration_raises_the_joint_objective(
    smplify: Smplify, views: Views, own: FitBatch
) -> None:
    groups = ViewGroups.of(views.moments, [None] * 16)
    state = BodyState.of(own.estimate)
    state = replace(
        state,
        body_pose=mean_of_groups(state.body_pose, groups.moments),
        betas=mean_of_groups(state.betas, groups.moments),
    )
    stage = BodyStage(
        smplify.body,
        Objective(views.keypoints, smplify.prior, STUDIO.weights, 30.0, groups.shares(state.betas)),
        depth_start=state.camera_translation[:, 2],
        depth_weight=1.0,
    )
    before = sum_of_groups(stage.evaluate(state).cost, groups.moments)
    for iterations in range(1, 6):
        _, evaluation = minimise(
            stage, state, iterations=iterations, shared=groups.shared_unknowns()
        )
        after = sum_of_groups(evaluation.cost, groups.moments)
        assert (after <= before).all()
        before = after


def test_two_moments_mixed_up_are_noticed(
    smplify: Smplify, views: Views, own: FitBatch, together: FitBatch
) -> None:
    right = ViewGroups.of(views.moments, [None] * 16)
    agreeing = disagreement_px2(own, together, views.keypoints, right)
    assert agreeing.max() < LARGEST_DISAGREEMENT_PX2
    # The last two pictures of every moment go to the next one.
    mixed = [
        moment if row % 4 < 2 else (moment + 1) % 4 for row, moment in enumerate(views.moments)
    ]
    wrong = ViewGroups.of(mixed, [None] * 16)
    fit = SharedViews(smplify).fit(views.keypoints, own, wrong)
    disagreeing = disagreement_px2(own, fit, views.keypoints, wrong)
    # Two moments may happen to look alike from the one camera that went astray.
    assert (disagreeing > LARGEST_DISAGREEMENT_PX2).sum() >= 3
    assert disagreeing.min() > 2 * agreeing.max()


def test_a_picture_by_itself_disagrees_with_nothing(views: Views, own: FitBatch) -> None:
    groups = ViewGroups.of([None] * 16, ["he"] * 16)
    worse = replace(own, comparison=own.comparison + 100)
    assert not disagreement_px2(own, worse, views.keypoints, groups).any()


def test_the_papers_solver_has_no_groups(open_body: BodyModel, prior: PosePrior) -> None:
    with pytest.raises(StudioError, match="by itself"):
        SharedViews(Smplify(open_body, prior, PAPER))


def test_batch_sizes_must_agree(smplify: Smplify, views: Views, own: FitBatch) -> None:
    groups = ViewGroups.of([None] * 3, [None] * 3)
    with pytest.raises(ShapeError, match="own"):
        SharedViews(smplify).fit(views.keypoints, own, groups)


def test_a_moment_is_of_one_subject() -> None:
    with pytest.raises(ShapeError, match="one subject a moment"):
        ViewGroups.of(["m", "m"], ["he", "she"])


def test_names_become_numbers_and_none_is_a_group_of_its_own() -> None:
    groups = ViewGroups.of(["b", None, "b", "a", None], ["he", None, "he", "he", "he"])
    assert groups.moments == (0, 1, 0, 2, 3)
    assert groups.subject_of_row == (0, 1, 0, 0, 0)
    assert groups.rows_of_moments() == [[0, 2], [1], [3], [4]]


def test_directions_of_bones_pull_the_common_body(
    smplify: Smplify, views: Views, own: FitBatch
) -> None:
    groups, costs = ViewGroups.of(views.moments, [None] * 16), []
    for weight in (100.0, 400.0):
        weights = torch.zeros(16, 12, 3)
        weights[::4] = weight
        directions = torch.nn.functional.normalize(torch.ones(16, 12, 3), dim=-1)
        seen = replace(views.keypoints, bone_directions=BoneDirections(directions, weights))
        shared = SharedViews(smplify).fit(seen, own, groups)
        costs.append(shared.losses.bone_directions[::4] / weight)
    # Pulled four times as strongly, bones lie nearer to the directions that were told.
    assert (costs[1] < costs[0]).all()


def test_a_better_start_of_one_picture_is_taken_by_all(
    smplify: Smplify, views: Views, own: FitBatch, keypoint_body: KeypointBody
) -> None:
    groups = ViewGroups.of(views.moments, [None] * 16)
    lost = replace(own.estimate, rotations=own.estimate.rotations.clone())
    # Fits of no use: every pose is that of another moment.
    lost.rotations[:, 1:] = own.estimate.rotations[:, 1:].roll(4, dims=0)
    bad = replace(smplify.measured(views.keypoints, lost), has_runner_up=own.has_runner_up & False)
    known = torch.tensor([row % 4 == 2 for row in range(16)])
    starts = [MomentStarts(views.truth, known)]
    solver = SharedViews(smplify)
    without = solver.fit(views.keypoints, bad, groups)
    found = solver.fit(views.keypoints, bad, groups, starts=starts)
    moments = torch.tensor(groups.moments)
    cost = [
        torch.zeros(4).index_add(0, moments, fit.losses.reprojection) for fit in (found, without)
    ]
    assert (cost[0] <= cost[1] + 1.0).all()
    assert views.errors_m(keypoint_body, found).max() < 0.030


def test_what_a_network_says_pulls_the_common_body(
    smplify: Smplify, views: Views, own: FitBatch
) -> None:
    groups = ViewGroups.of(views.moments, [None] * 16)
    said = BodyEstimate(own.estimate.rotations, own.estimate.betas, views.truth.camera_translation)
    distances = []
    for weight in (10.0, 1e4):
        prior = EstimatePrior.uniform(said, root=0.0, pose=weight, betas=0.0, depth=0.0)
        fit = SharedViews(smplify).fit(views.keypoints, own, groups, prior=prior)
        turns = prior.turns(fit.estimate.rotations)[:, 1:]
        distances.append(turns.square().sum())
    assert distances[1] < distances[0]
