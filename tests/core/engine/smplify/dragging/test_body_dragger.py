"""A body follows the joint that it is dragged by, and what was not touched stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch.autograd.functional import jacobian

from core.body.conventions import SKELETON_JOINT_NAMES
from core.body.drag_handles import DRAG_HANDLES, handle_of
from core.body.kinematics import BodyKinematics
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.angle_prior import BENDING_ANGLES, BENDING_SIGNS
from core.engine.smplify.dragging.body_dragger import (
    SETTLING_ITERATIONS,
    BodyDragger,
    DragTarget,
)
from core.engine.smplify.dragging.drag_stage import DragStage, DragState
from core.engine.smplify.dragging.joint_targets import JointTargets
from core.engine.smplify.pose_prior import PosePrior
from core.errors import ShapeError, StudioError
from core.geometry.rotations import matrix_to_axis_angle
from core.types.bodies import BodyParameters

LEFT_WRIST = SKELETON_JOINT_NAMES.index("left_wrist")
RIGHT_WRIST = SKELETON_JOINT_NAMES.index("right_wrist")
LEFT_ELBOW = SKELETON_JOINT_NAMES.index("left_elbow")
LEFT_ANKLE = SKELETON_JOINT_NAMES.index("left_ankle")
RIGHT_ANKLE = SKELETON_JOINT_NAMES.index("right_ankle")
HEAD = SKELETON_JOINT_NAMES.index("head")
FORWARD = np.array([0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def dragger(open_body: BodyModel, prior: PosePrior) -> BodyDragger:
    return BodyDragger(open_body, prior)


@pytest.fixture
def people(make_people) -> list[BodyParameters]:
    return make_people(6, seed=5).truth.to_parameters()


def dragged(
    dragger: BodyDragger,
    body: BodyParameters,
    joint: int,
    by_m: Sequence[float],
    *,
    steps: int = 6,
    pinned: Sequence[int] = (),
    in_picture: bool = True,
) -> BodyParameters:
    """The body after a drag by ``by_m`` in some steps, and a rest at its end."""
    start, drag = dragger.joints_m(body)[joint], dragger.begin(body, joint, pinned=pinned)
    sight = FORWARD if in_picture else None
    for share in np.linspace(1 / steps, 1, steps):
        target = DragTarget(start + share * np.array(by_m), sight)
        drag.toward(target)
    return drag.toward(target, iterations=SETTLING_ITERATIONS)


def moved_mm(dragger: BodyDragger, before: BodyParameters, after: BodyParameters) -> np.ndarray:
    """How far each of the 24 joints moved."""
    return 1000 * np.linalg.norm(dragger.joints_m(after) - dragger.joints_m(before), axis=1)


@pytest.mark.parametrize("joint", [handle.joint for handle in DRAG_HANDLES])
def test_the_joint_comes_to_lie_under_the_pointer(dragger, people, joint):
    by_m = np.array([0.04, -0.04, 0.0])
    for body in people:
        after = dragged(dragger, body, joint, by_m)
        off = dragger.joints_m(after)[joint] - dragger.joints_m(body)[joint] - by_m
        assert 1000 * np.hypot(*off[:2]) < 5.0


def test_a_place_in_space_is_reached_in_depth_as_well(dragger, people):
    for body in people:
        toward_body = dragger.joints_m(body)[16] - dragger.joints_m(body)[LEFT_WRIST]
        by_m = 0.15 * toward_body
        after = dragged(dragger, body, LEFT_WRIST, by_m, in_picture=False)
        off = dragger.joints_m(after)[LEFT_WRIST] - dragger.joints_m(body)[LEFT_WRIST] - by_m
        assert 1000 * np.linalg.norm(off) < 5.0


def test_other_limbs_stay_where_a_hand_is_dragged_within_reach(dragger, people):
    for body in people:
        by_m = 0.3 * (dragger.joints_m(body)[16] - dragger.joints_m(body)[LEFT_WRIST])
        moved = moved_mm(dragger, body, dragged(dragger, body, LEFT_WRIST, by_m))
        arm = set(handle_of(LEFT_WRIST).limb) | {22}
        assert moved[LEFT_WRIST] > 30
        assert max(moved[joint] for joint in range(24) if joint not in arm) < 25


def test_the_feet_stay_where_the_hips_are_dragged(dragger, people):
    for body in people:
        moved = moved_mm(dragger, body, dragged(dragger, body, 0, [0.0, 0.08, 0.0]))
        assert moved[[LEFT_ANKLE, RIGHT_ANKLE]].max() < 15


def test_a_body_that_is_taken_and_not_moved_stays_as_it_is(dragger, people):
    for body in people:
        after = dragged(dragger, body, LEFT_WRIST, [0.0, 0.0, 0.0], steps=1)
        assert moved_mm(dragger, body, after).max() < 0.1


def test_a_drag_back_to_its_beginning_brings_the_body_back(dragger, people):
    for body in people:
        start, drag = dragger.joints_m(body)[LEFT_ANKLE], dragger.begin(body, LEFT_ANKLE)
        for share in (0.5, 1.0, 0.5, 0.0, 0.0, 0.0, 0.0):
            place = start + share * np.array([0.1, -0.1, 0.0])
            after = drag.toward(DragTarget(place, FORWARD))
        assert moved_mm(dragger, body, after).max() < 5


def test_shape_and_camera_stay_to_the_bit(dragger, people):
    after = dragged(dragger, people[0], LEFT_WRIST, [0.1, 0.0, 0.0])
    np.testing.assert_array_equal(after.betas, people[0].betas)
    assert after.camera == people[0].camera


@pytest.mark.parametrize("by_m", [[3.0, -3.0, 0.0], [-40.0, 5.0, 0.0]])
@pytest.mark.parametrize("joint", [LEFT_WRIST, LEFT_ANKLE, LEFT_ELBOW, HEAD])
def test_a_place_out_of_reach_does_not_tear_the_body_along(dragger, people, joint, by_m):
    for body in people[:3]:
        after = dragged(dragger, body, joint, by_m, steps=12)
        moved = moved_mm(dragger, body, after)
        assert np.isfinite(after.pose_axis_angle).all()
        anchors = list(handle_of(joint).anchors)
        assert moved[anchors].max() < 150


def test_a_pinned_joint_stays_while_its_own_limb_is_dragged(dragger, people):
    for body in people:
        free = dragged(dragger, body, LEFT_ELBOW, [0.05, -0.05, 0.0])
        pinned = dragged(dragger, body, LEFT_ELBOW, [0.05, -0.05, 0.0], pinned=[LEFT_WRIST])
        assert moved_mm(dragger, body, pinned)[LEFT_WRIST] < 5
        assert moved_mm(dragger, body, free)[LEFT_WRIST] > 20


def test_a_joint_that_is_pinned_and_dragged_is_dragged(dragger, people):
    by_m = [0.03, 0.0, 0.0]
    after = dragged(dragger, people[0], LEFT_WRIST, by_m, pinned=[LEFT_WRIST])
    assert moved_mm(dragger, people[0], after)[LEFT_WRIST] > 25


def test_elbows_and_knees_do_not_bend_the_wrong_way(dragger, people):
    """However far and wherever a hand or a foot is dragged."""
    rng = np.random.default_rng(0)
    for body in people:
        for joint in (LEFT_WRIST, RIGHT_WRIST, LEFT_ANKLE, RIGHT_ANKLE):
            by_m = rng.uniform(-0.7, 0.7, 3)
            after = dragged(dragger, body, joint, by_m, in_picture=False)
            signs = np.array(BENDING_SIGNS)
            before = signs * body.pose_axis_angle[3:][list(BENDING_ANGLES)]
            bent = signs * after.pose_axis_angle[3:][list(BENDING_ANGLES)]
            assert (bent < np.maximum(before, 0.0) + 0.9).all()


def test_a_dragged_body_stays_as_likely_as_people_are(dragger, people, prior):
    for body in people:
        after = dragged(dragger, body, LEFT_WRIST, [0.0, -0.25, 0.0])
        before, drawn = (
            float(prior.energy(torch.from_numpy(each.pose_axis_angle[None, 3:].copy()).double()))
            for each in (body, after)
        )
        assert drawn < before + 60


def test_a_joint_that_is_no_handle_is_refused(dragger, people):
    with pytest.raises(StudioError, match="joint 3"):
        dragger.begin(people[0], 3)


def test_targets_refuse_weights_of_another_shape():
    with pytest.raises(ShapeError, match="weights"):
        JointTargets((20,), torch.zeros(1, 1, 3), torch.zeros(1, 3, 3), torch.ones(1))


def test_the_gradient_of_the_stage_is_exact(open_body, make_people):
    estimate = make_people(2, seed=9, dtype=torch.float64).truth
    former = DragState(
        estimate.rotations[:, 0],
        matrix_to_axis_angle(estimate.rotations[:, 1:]).flatten(1),
        estimate.betas,
        estimate.camera_translation,
    )
    kinematics = BodyKinematics(open_body.arrays, torch.from_numpy)
    generator = torch.Generator().manual_seed(1)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    bones = kinematics.posed(former.pose_matrices, former.betas)
    held = [LEFT_WRIST, RIGHT_ANKLE]
    places = bones.joints[:, held] + former.camera_translation[:, None] + 0.1 * random(2, 2, 3)
    factors = 1000 * random(2, 2, 3, 3)
    targets = JointTargets(
        tuple(held),
        places,
        factors @ factors.transpose(-1, -2),
        torch.tensor([40.0, torch.inf], dtype=torch.float64),
    )
    stiffness = 100 * torch.rand(24, generator=generator, dtype=torch.float64)
    factor = 3 * random(2, 69, 69)
    precisions = factor @ factor.transpose(1, 2)
    stage = DragStage(kinematics, former, targets, pose_precisions=precisions, stiffness=stiffness)
    state = stage.moved(former, 0.05 * random(2, 75))
    gradient, curvature = stage.normal_equations(state, stage.evaluate(state))
    numeric = jacobian(
        lambda step: stage.evaluate(stage.moved(state, step)).cost.sum(),
        torch.zeros(2, 75, dtype=torch.float64),
    )
    torch.testing.assert_close(gradient, numeric / 2, rtol=1e-6, atol=1e-4)
    assert (torch.linalg.eigvalsh(curvature) > -1e-6).all()
