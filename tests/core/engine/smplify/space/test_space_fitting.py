"""Bodies come back from their own points, and what is not known of them follows the priors."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.body.conventions import KEYPOINT_NAMES
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.space.points_3d import Points3D
from core.engine.smplify.space.space_fitting import SpaceFitting
from core.engine.smplify.space.space_stage import SpaceStage
from core.engine.smplify.space.vertex_fitting import VertexFitting
from core.engine.smplify.state import BodyState
from core.errors import ShapeError, StudioError

PEOPLE = 12
SPIN_TRUTH = slice(25, 49)


@pytest.fixture(scope="module")
def prior() -> PosePrior:
    return PosePrior.load()


@pytest.fixture(scope="module")
def fitting(open_body: BodyModel, prior: PosePrior) -> SpaceFitting:
    return SpaceFitting(open_body, prior)


@pytest.fixture(scope="module")
def people(prior: PosePrior) -> BodyEstimate:
    """Poses of people, turned any way, of any shape, four metres away."""
    torch.manual_seed(5)
    pose = torch.tensor(prior.sample(PEOPLE, np.random.default_rng(5)), dtype=torch.float32)
    vectors = torch.cat([torch.randn(PEOPLE, 3) * 1.5, pose], dim=1)
    place = torch.randn(PEOPLE, 3) + torch.tensor([0.0, 0.0, 4.0])
    return BodyEstimate.from_axis_angle(vectors, torch.randn(PEOPLE, 10), place)


def _joints(fitting: SpaceFitting, bodies: BodyEstimate) -> Tensor:
    posed = fitting.body.posed(bodies.rotations, bodies.betas)
    return posed.joints + bodies.camera_translation[:, None]


def _keypoints(fitting: SpaceFitting, bodies: BodyEstimate) -> Tensor:
    keypoints = fitting.body.keypoints(bodies.rotations, bodies.betas)
    placed = keypoints + bodies.camera_translation[:, None]
    return torch.cat([placed, torch.ones(len(bodies), 49, 1)], dim=2)


def _joint_errors_mm(fitting: SpaceFitting, fitted: BodyEstimate, true: BodyEstimate) -> Tensor:
    apart = _joints(fitting, fitted) - _joints(fitting, true)
    return 1000 * apart.norm(dim=-1).mean(1)


def test_bodies_come_back_from_their_joints(fitting: SpaceFitting, people: BodyEstimate) -> None:
    fits = fitting.fit(Points3D.of_joints(_joints(fitting, people), sigma_m=0.002))
    errors_mm = _joint_errors_mm(fitting, fits.estimate, people)
    assert errors_mm.max() < 1.0
    torch.testing.assert_close(1000 * fits.mean_distance_m, errors_mm, atol=1e-3, rtol=0)


def test_bodies_come_back_from_the_24_joints_of_spins_data_sets(
    fitting: SpaceFitting, people: BodyEstimate
) -> None:
    keypoints = _keypoints(fitting, people)
    keypoints[:, :25, 3] = 0
    fits = fitting.fit(Points3D.of_keypoints(keypoints, sigma_m=0.002))
    assert fits.mean_distance_m.max() < 0.006
    assert _joint_errors_mm(fitting, fits.estimate, people).median() < 12


def test_points_about_any_origin_serve(fitting: SpaceFitting, people: BodyEstimate) -> None:
    joints = _joints(fitting, people)
    about_root = fitting.fit(Points3D.of_joints(joints - joints[:, :1], sigma_m=0.002))
    there = _joints(fitting, about_root.estimate) + joints[:, :1]
    assert (there - joints).norm(dim=-1).mean() < 0.001


def test_a_person_whose_legs_are_unknown_keeps_likely_legs(
    fitting: SpaceFitting, people: BodyEstimate, prior: PosePrior
) -> None:
    keypoints = _keypoints(fitting, people)
    legs = ("Knee", "Ankle", "Toe", "Heel")
    for index, name in enumerate(KEYPOINT_NAMES):
        if any(word in name for word in legs):
            keypoints[:, index] = 0
    fits = fitting.fit(Points3D.of_keypoints(keypoints, sigma_m=0.005))
    assert fits.mean_distance_m.max() < 0.02
    knees = fits.estimate.to_axis_angle()[:, 3 * 4 : 3 * 6]
    assert knees.isfinite().all()
    assert knees.norm(dim=1).max() < 3.0


def test_a_gross_outlier_does_not_bend_the_body(
    fitting: SpaceFitting, people: BodyEstimate
) -> None:
    keypoints = _keypoints(fitting, people)
    wrong = keypoints.clone()
    wrist = KEYPOINT_NAMES.index("OP RWrist")
    wrong[:, wrist, :3] += torch.tensor([0.6, -0.4, 0.5])
    wrong[:, KEYPOINT_NAMES.index("Right Wrist"), 3] = 0
    points = Points3D.of_keypoints(wrong, sigma_m=0.01)
    trusting, doubting = (fitting.fit(points, outlier_m=limit) for limit in (float("inf"), 0.1))
    left_mm = _joint_errors_mm(fitting, doubting.estimate, people)
    assert left_mm.median() < 0.5 * _joint_errors_mm(fitting, trusting.estimate, people).median()


def test_known_rotations_settle_what_joints_leave_open(
    fitting: SpaceFitting, people: BodyEstimate, open_body: BodyModel
) -> None:
    points = Points3D.of_joints(_joints(fitting, people), sigma_m=0.002)
    pull = EstimatePrior(
        people, torch.full((24,), 1e4), torch.zeros(10), torch.zeros(()), pose_prior_share=1e-3
    )
    with_turns = fitting.fit(points, people, estimate_prior=pull)
    alone = fitting.fit(points)

    def vertex_error_mm(fitted: BodyEstimate) -> float:
        def mesh(body: BodyEstimate) -> Tensor:
            return open_body(body.rotations, body.betas).vertices

        return float(1000 * (mesh(fitted) - mesh(people)).norm(dim=-1).mean())

    assert vertex_error_mm(with_turns.estimate) < 0.5 * vertex_error_mm(alone.estimate)


def test_a_body_does_not_depend_on_its_companions(
    fitting: SpaceFitting, people: BodyEstimate
) -> None:
    joints = _joints(fitting, people)
    together = fitting.fit(Points3D.of_joints(joints, sigma_m=0.005))
    alone = fitting.fit(Points3D.of_joints(joints[3:4], sigma_m=0.005))
    torch.testing.assert_close(
        together.mean_distance_m[3:4], alone.mean_distance_m, atol=1e-5, rtol=0
    )


def test_the_gradient_is_that_of_the_objective(
    fitting: SpaceFitting, people: BodyEstimate, prior: PosePrior
) -> None:
    generator = torch.Generator().manual_seed(1)
    joints, keypoints = _joints(fitting, people), _keypoints(fitting, people)
    noise = 0.05 * torch.randn(joints.shape, generator=generator)
    points = Points3D(
        keypoints[..., :3] + 0.05 * torch.randn(PEOPLE, 49, 3, generator=generator),
        1e3 * torch.rand(PEOPLE, 49, generator=generator),
        joints + noise,
        1e3 * torch.rand(PEOPLE, 24, generator=generator),
    )
    pull = EstimatePrior.uniform(people)
    stage = SpaceStage(fitting.body, prior, points, outlier_m=0.2, estimate_prior=pull)
    state = stage.moved(BodyState.of(people), 0.05 * torch.randn(PEOPLE, 85, generator=generator))
    gradient, curvature = stage.normal_equations(state, stage.evaluate(state))
    torch.testing.assert_close(curvature, curvature.mT, rtol=1e-3, atol=1e-2)
    for _ in range(5):
        direction = torch.randn(PEOPLE, 85, generator=generator)
        direction /= direction.norm(dim=1, keepdim=True)
        step = 1e-2
        ahead, behind = (
            stage.evaluate(stage.moved(state, sign * step * direction)).cost for sign in (1, -1)
        )
        measured = (ahead - behind) / (2 * step) / 2
        expected = (gradient * direction).sum(1)
        scale = gradient.norm(dim=1)
        assert ((measured - expected).abs() / scale).max() < 0.01


def test_too_few_points_and_wrong_numbers_are_refused(fitting: SpaceFitting) -> None:
    few = torch.zeros(1, 49, 4)
    few[:, :5, 3] = 1
    with pytest.raises(StudioError, match="5 points in space, and 6 are needed"):
        fitting.fit(Points3D.of_keypoints(few, sigma_m=0.01))
    joints = torch.zeros(1, 24, 3)
    joints[0, 4, 1] = float("nan")
    with pytest.raises(StudioError, match="finite"):
        fitting.fit(Points3D.of_joints(joints, sigma_m=0.01))
    with pytest.raises(StudioError, match="known to 0"):
        Points3D.of_joints(joints, sigma_m=0.0)
    with pytest.raises(ShapeError, match=r"\(B, 24, 3\)"):
        Points3D.of_joints(joints[:, :20], sigma_m=0.01)


def test_a_mesh_of_the_model_comes_back(
    open_body: BodyModel, prior: PosePrior, people: BodyEstimate
) -> None:
    meshes = open_body(people.rotations, people.betas).vertices
    placed = (meshes + people.camera_translation[:, None])[:3]
    fits = VertexFitting(open_body, prior).fit(placed, turns=15)
    assert fits.mean_distance_m.max() < 0.0005
    torch.testing.assert_close(fits.estimate.betas, people.betas[:3], atol=0.2, rtol=0)
    with pytest.raises(ShapeError, match="vertices_m"):
        VertexFitting(open_body, prior).fit(placed[:, :-1])
