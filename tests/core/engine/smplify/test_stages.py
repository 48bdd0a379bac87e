"""The stages of the second-order solver: exact gradients and sound curvatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from core.body.bone_directions import BONES
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.bone_direction_term import BoneDirectionTerm, BoneGeometry
from core.engine.smplify.camera_stage import CameraStage, CameraState
from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate, BoneDirections
from core.engine.smplify.objective import Objective
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.state import BodyState
from core.geometry.crop_camera import CropCameras
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.runs.fitting_profiles import STUDIO
from tests.core.engine.conftest import cameras_at

MakePeople = Callable[..., object]


def body_cost(
    body: KeypointBody,
    objective: Objective,
    state: BodyState,
    step: torch.Tensor,
    depth_start: torch.Tensor,
    estimate_prior: EstimatePrior | None,
) -> torch.Tensor:
    """The objective after a step, by plain code for autograd that shares nothing with the stage."""
    root = state.root @ axis_angle_to_matrix(step[:, :3])
    pose, betas = state.body_pose + step[:, 3:72], state.betas + step[:, 72:82]
    camera = state.camera_translation + step[:, 82:]
    matrices = torch.cat([root[:, None], axis_angle_to_matrix(pose.view(-1, 23, 3))], dim=1)
    cost = objective.parts(body.keypoints(matrices, betas), pose, betas, camera).total
    depth_weight = (
        STUDIO.body_depth_weight * (5000 / objective.keypoints.cameras.focal_length_px) ** 2
    )
    cost = cost + depth_weight * (camera[:, 2] - depth_start) ** 2
    if estimate_prior is not None:
        angles = geodesic_angle(estimate_prior.target.rotations, matrices)
        cost = cost + (estimate_prior.joint_weights * angles**2).sum(1)
        cost = cost + (
            estimate_prior.betas_weights * (betas - estimate_prior.target.betas) ** 2
        ).sum(1)
        depth_error = camera[:, 2] - estimate_prior.target.camera_translation[:, 2]
        cost = cost + estimate_prior.depth_weight * depth_error**2
    return cost


def some_directions(
    body: KeypointBody, truth: BodyEstimate, *, turned_rad: float
) -> BoneDirections:
    """The true directions, each turned at random, with weights of which some are 0."""
    generator = torch.Generator().manual_seed(3)
    keypoints = body.keypoints(truth.rotations, truth.betas)
    first, second = (list(ends) for ends in zip(*BONES, strict=True))
    true = torch.nn.functional.normalize(keypoints[:, second] - keypoints[:, first], dim=-1)
    turns = turned_rad * torch.randn(true.shape, generator=generator, dtype=true.dtype)
    directions = (axis_angle_to_matrix(turns) @ true[..., None])[..., 0]
    weights = 800 * torch.rand(true.shape, generator=generator, dtype=true.dtype)
    return BoneDirections(directions, weights * (weights > 100))


CAMERAS = {
    "long lens": LONG_LENSES,
    "short": cameras_at(0.4, off_center=False),
    "short, off centre": cameras_at(0.4, off_center=True),
    "long, off centre": cameras_at(10.0, off_center=True),
}
every_camera = pytest.mark.parametrize("cameras", CAMERAS.values(), ids=CAMERAS)


@every_camera
@pytest.mark.parametrize("uses_directions", [False, True])
@pytest.mark.parametrize("uses_prior", [False, True])
def test_body_gradient_equals_autograd(
    make_people: MakePeople,
    precise_keypoint_body: KeypointBody,
    prior: PosePrior,
    cameras: CropCameras[torch.Tensor],
    *,
    uses_prior: bool,
    uses_directions: bool,
) -> None:
    people = make_people(4, dtype=torch.float64, noise_px=3.0, missing=0.2, cameras=cameras)
    state = BodyState.of(people.guess)
    known = some_directions(precise_keypoint_body, people.truth, turned_rad=0.5)
    bones = (
        BoneDirectionTerm(BoneGeometry(precise_keypoint_body), known) if uses_directions else None
    )
    objective = Objective(people.keypoints, prior, STUDIO.weights, 30.0, bones=bones)
    depth_start = people.truth.camera_translation[:, 2]
    estimate_prior = EstimatePrior.uniform(
        people.truth, root=70.0, pose=130.0, betas=9.0, depth=2.0
    )
    estimate_prior = replace(
        estimate_prior, joint_weights=torch.rand(4, 24, dtype=torch.float64) * 200
    )
    stage = BodyStage(
        precise_keypoint_body,
        objective,
        depth_start=depth_start,
        depth_weight=STUDIO.body_depth_weight or 0.0,
        estimate_prior=estimate_prior if uses_prior else None,
    )
    evaluation = stage.evaluate(state)
    gradient, curvature = stage.normal_equations(state, evaluation)
    step = torch.zeros(4, 85, dtype=torch.float64, requires_grad=True)
    cost = body_cost(
        precise_keypoint_body,
        objective,
        state,
        step,
        depth_start,
        estimate_prior if uses_prior else None,
    )
    (expected,) = torch.autograd.grad(cost.sum(), step)
    torch.testing.assert_close(evaluation.cost, cost.detach(), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(2 * gradient, expected, rtol=1e-6, atol=1e-5)
    torch.testing.assert_close(curvature, curvature.transpose(1, 2), rtol=1e-9, atol=1e-6)
    assert torch.linalg.eigvalsh(curvature).min() > 0


@every_camera
def test_body_curvature_predicts_the_change_of_the_gradient(
    make_people: MakePeople,
    precise_keypoint_body: KeypointBody,
    prior: PosePrior,
    cameras: CropCameras[torch.Tensor],
) -> None:
    """Near a perfect fit Gauss–Newton is the true curvature, but for pose blend shapes."""
    people = make_people(2, dtype=torch.float64, cameras=cameras)
    known = some_directions(precise_keypoint_body, people.truth, turned_rad=0.0)
    bones = BoneDirectionTerm(BoneGeometry(precise_keypoint_body), known)
    objective = Objective(people.keypoints, prior, STUDIO.weights, 30.0, bones=bones)
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


@every_camera
def test_camera_gradient_equals_autograd(
    make_people: MakePeople,
    precise_keypoint_body: KeypointBody,
    cameras: CropCameras[torch.Tensor],
) -> None:
    people = make_people(4, dtype=torch.float64, noise_px=3.0, missing=0.2, cameras=cameras)
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
