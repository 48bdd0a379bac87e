"""The second-order solver: exact gradients, sound steps, samples that do not disturb each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.camera_stage import CameraStage, CameraState
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.levenberg_marquardt import minimise
from core.engine.smplify.objective import Objective
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.state import BodyState
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.runs.fitting_profiles import STUDIO

MakePeople = Callable[..., object]


def body_cost(
    body: KeypointBody,
    objective: Objective,
    state: BodyState,
    step: torch.Tensor,
    depth_start: torch.Tensor,
    pull: EstimatePrior | None,
) -> torch.Tensor:
    """The objective after a step, by plain code for autograd that shares nothing with the stage."""
    root = state.root @ axis_angle_to_matrix(step[:, :3])
    pose, betas = state.body_pose + step[:, 3:72], state.betas + step[:, 72:82]
    camera = state.camera_translation + step[:, 82:]
    matrices = torch.cat([root[:, None], axis_angle_to_matrix(pose.view(-1, 23, 3))], dim=1)
    cost = objective.parts(body.keypoints(matrices, betas), pose, betas, camera).total
    cost = cost + STUDIO.body_depth_weight * (camera[:, 2] - depth_start) ** 2
    if pull is not None:
        angles = geodesic_angle(pull.target.rotations, matrices)
        cost = cost + (pull.joint_weights * angles**2).sum(1)
        cost = cost + (pull.betas_weights * (betas - pull.target.betas) ** 2).sum(1)
        depth_error = camera[:, 2] - pull.target.camera_translation[:, 2]
        cost = cost + pull.depth_weight * depth_error**2
    return cost


@pytest.mark.parametrize("pulled", [False, True])
def test_body_gradient_equals_autograd(
    make_people: MakePeople, precise_keypoint_body: KeypointBody, prior: PosePrior, *, pulled: bool
) -> None:
    people = make_people(4, dtype=torch.float64, noise_px=3.0, missing=0.2)
    state = BodyState.of(people.guess)
    objective = Objective(people.keypoints, prior, STUDIO.weights, 30.0)
    depth_start = people.truth.camera_translation[:, 2]
    pull = EstimatePrior.uniform(people.truth, root=70.0, pose=130.0, betas=9.0, depth=2.0)
    pull = replace(pull, joint_weights=torch.rand(4, 24, dtype=torch.float64) * 200)
    stage = BodyStage(
        precise_keypoint_body,
        objective,
        depth_start=depth_start,
        depth_weight=STUDIO.body_depth_weight or 0.0,
        pull=pull if pulled else None,
    )
    evaluation = stage.evaluate(state)
    gradient, curvature = stage.normal_equations(state, evaluation)
    step = torch.zeros(4, 85, dtype=torch.float64, requires_grad=True)
    cost = body_cost(
        precise_keypoint_body, objective, state, step, depth_start, pull if pulled else None
    )
    (expected,) = torch.autograd.grad(cost.sum(), step)
    torch.testing.assert_close(evaluation.cost, cost.detach(), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(2 * gradient, expected, rtol=1e-6, atol=1e-5)
    torch.testing.assert_close(curvature, curvature.transpose(1, 2), rtol=1e-9, atol=1e-6)
    assert torch.linalg.eigvalsh(curvature).min() > 0


def test_body_curvature_predicts_the_change_of_the_gradient(
    make_people: MakePeople, precise_keypoint_body: KeypointBody, prior: PosePrior
) -> None:
    """Near a perfect fit Gauss–Newton is the true curvature, but for pose blend shapes."""
    people = make_people(2, dtype=torch.float64)
    objective = Objective(people.keypoints, prior, STUDIO.weights, 30.0)
    stage = BodyStage(
        precise_keypoint_body,
        objective,
        depth_start=people.truth.camera_translation[:, 2],
        depth_weight=1.0,
    )
    state = BodyState.of(people.truth)
    gradient, curvature = stage.normal_equations(state, stage.evaluate(state))
    generator = torch.Generator().manual_seed(0)
    step = 1e-5 * torch.randn(2, 85, generator=generator, dtype=torch.float64)
    moved = stage.moved(state, step)
    changed, _ = stage.normal_equations(moved, stage.evaluate(moved))
    predicted = (curvature @ step[..., None])[..., 0]
    assert (changed - gradient - predicted).norm() < 0.05 * predicted.norm()


def test_camera_gradient_equals_autograd(
    make_people: MakePeople, precise_keypoint_body: KeypointBody
) -> None:
    people = make_people(4, dtype=torch.float64, noise_px=3.0, missing=0.2)
    state = BodyState.of(people.guess)
    stage = CameraStage(precise_keypoint_body, people.keypoints, state, STUDIO)
    camera = CameraState(state.root, state.camera_translation + 0.3)
    gradient, _ = stage.normal_equations(camera, stage.evaluate(camera))
    step = torch.zeros(4, 6, dtype=torch.float64, requires_grad=True)
    moved = CameraState(
        camera.root @ axis_angle_to_matrix(step[:, :3]), camera.camera_translation + step[:, 3:]
    )
    (expected,) = torch.autograd.grad(stage.evaluate(moved).cost.sum(), step)
    torch.testing.assert_close(2 * gradient, expected, rtol=1e-7, atol=1e-6)


def test_camera_stage_sees_the_same_torso_as_the_whole_body(
    make_people: MakePeople, precise_keypoint_body: KeypointBody
) -> None:
    people = make_people(3, dtype=torch.float64)
    state = BodyState.of(people.truth)
    stage = CameraStage(precise_keypoint_body, people.keypoints, state, STUDIO)
    cost = stage.evaluate(CameraState(state.root, state.camera_translation)).cost
    assert cost.max() < 1e-12


@dataclass(frozen=True, eq=False)
class Place:
    x: torch.Tensor


@dataclass(frozen=True, eq=False)
class Height:
    cost: torch.Tensor
    residual: torch.Tensor


class Rosenbrock:
    """A curved valley for every sample, with a hole of NaN that a bold step falls into."""

    def __init__(self, hole: torch.Tensor) -> None:
        self.hole = hole

    def evaluate(self, state: Place) -> Height:
        x, y = state.x.unbind(1)
        residual = torch.stack([1 - x, 10 * (y - x**2)], dim=1)
        cost = (residual**2).sum(1)
        return Height(torch.where(self.hole & (x > 0.5) & (x < 0.6), torch.nan, cost), residual)

    def normal_equations(
        self, state: Place, evaluation: Height
    ) -> tuple[torch.Tensor, torch.Tensor]:
        x = state.x[:, 0]
        jacobian = torch.zeros(len(x), 2, 2, dtype=x.dtype)
        jacobian[:, 0, 0], jacobian[:, 1, 0], jacobian[:, 1, 1] = -1, -20 * x, 10
        gradient = (jacobian.transpose(1, 2) @ evaluation.residual[..., None])[..., 0]
        return gradient, jacobian.transpose(1, 2) @ jacobian

    def moved(self, state: Place, step: torch.Tensor) -> Place:
        return Place(state.x + step)


STARTS = torch.tensor([[-1.2, 1.0], [0.0, 0.0], [3.0, -2.0], [1.0, 1.0]], dtype=torch.float64)


def test_minimum_is_found_by_every_sample() -> None:
    none = torch.zeros(4, dtype=torch.bool)
    state, evaluation = minimise(Rosenbrock(none), Place(STARTS), iterations=60)
    torch.testing.assert_close(state.x, torch.ones(4, 2, dtype=torch.float64), atol=1e-5, rtol=0)
    assert evaluation.cost.max() < 1e-9


def test_cost_never_rises_and_nan_is_refused() -> None:
    problem = Rosenbrock(torch.tensor([True, True, False, False]))
    previous = problem.evaluate(Place(STARTS)).cost
    for iterations in range(1, 12):
        _, evaluation = minimise(problem, Place(STARTS), iterations=iterations)
        assert torch.isfinite(evaluation.cost).all()
        assert (evaluation.cost <= previous).all()
        previous = evaluation.cost


def test_a_sample_does_not_feel_its_companions() -> None:
    none = torch.zeros(4, dtype=torch.bool)
    together, _ = minimise(Rosenbrock(none), Place(STARTS), iterations=9)
    for index in range(4):
        alone, _ = minimise(Rosenbrock(none[:1]), Place(STARTS[index : index + 1]), iterations=9)
        torch.testing.assert_close(alone.x[0], together.x[index], rtol=1e-12, atol=1e-12)


def test_a_system_without_any_information_stays_where_it_is() -> None:
    class Flat(Rosenbrock):
        def evaluate(self, state: Place) -> Height:
            return Height(torch.zeros(len(state.x)), torch.zeros_like(state.x))

        def normal_equations(
            self, state: Place, evaluation: Height
        ) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.full_like(state.x, torch.nan), torch.full((4, 2, 2), torch.nan)

    state, _ = minimise(Flat(torch.zeros(4, dtype=torch.bool)), Place(STARTS), iterations=3)
    assert torch.equal(state.x, STARTS)


def test_body_angles_stay_within_half_a_turn(
    make_people: MakePeople, precise_keypoint_body: KeypointBody, prior: PosePrior
) -> None:
    people = make_people(2, dtype=torch.float64)
    whole_turn = people.truth.to_axis_angle().double()
    whole_turn[:, 54] += 2 * torch.pi
    state = BodyState.of(
        BodyEstimate.from_axis_angle(
            whole_turn, people.truth.betas, people.truth.camera_translation
        )
    )
    angles = state.body_pose.view(-1, 23, 3).norm(dim=-1)
    assert angles.max() <= torch.pi + 1e-9
