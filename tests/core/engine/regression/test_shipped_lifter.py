"""How well the shipped lifter lifts people it has never seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.body.conventions import COCO_17_TO_KEYPOINTS, KEYPOINT_FLIP
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.regression.lifter import LiftedPose, Lifter
from core.engine.regression.lifter_input import lifter_input
from core.engine.regression.mirroring import mirrored_positions, mirrored_rotations
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.search_selection import body_distance
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, facing_root, geodesic_angle
from core.resource_files import resource_path

PEOPLE = 64


class People:
    """Bodies of prior poses from all sides, and where their keypoints are seen, exactly."""

    def __init__(self, model: BodyModel) -> None:
        generator = np.random.default_rng(0)
        self.body = KeypointBody(model)
        pose = torch.tensor(PosePrior.load().sample(PEOPLE, generator), dtype=torch.float32)
        yaw = torch.tensor(generator.uniform(-np.pi, np.pi, PEOPLE), dtype=torch.float32)
        joints = axis_angle_to_matrix(pose.view(PEOPLE, 23, 3))
        self.rotations = torch.cat([facing_root(yaw)[:, None], joints], dim=1)
        self.betas = torch.zeros(PEOPLE, 10)
        self.keypoints = self.body.keypoints(self.rotations, self.betas)
        camera = torch.tensor([[0.05, -0.1, 48.0]]).expand(PEOPLE, 3)
        self.seen = project_to_crop(self.keypoints, camera)
        self.confidence = torch.ones(PEOPLE, 49)

    def errors_mm(self, lifted: LiftedPose) -> Tensor:
        return 1e3 * body_distance(
            self.body.keypoints(lifted.rotations, lifted.betas), self.keypoints
        )

    def root_errors_deg(self, lifted: LiftedPose) -> Tensor:
        return torch.rad2deg(geodesic_angle(lifted.rotations[:, 0], self.rotations[:, 0]))


@pytest.fixture(scope="module")
def people(open_body: BodyModel) -> People:
    return People(open_body)


@pytest.fixture(scope="module")
def shipped() -> Lifter:
    return Lifter.load()


def with_joints(confidence: Tensor, joints: tuple[int, ...]) -> Tensor:
    kept = torch.zeros_like(confidence)
    kept[:, list(joints)] = confidence[:, list(joints)]
    return kept


def test_the_shipped_file_is_small_and_in_half_precision():
    path = resource_path("lifter/lifter.npz")
    assert path.stat().st_size <= 8e6
    with np.load(path, allow_pickle=False) as archive:
        assert archive["stem.weight"].dtype == np.float16


def test_lifted_bodies_are_much_nearer_than_the_mean_pose(people, shipped):
    lifted = shipped.lift(people.seen, people.confidence)
    mean = torch.tensor(PosePrior.load().mean_pose, dtype=torch.float32).view(23, 3)
    rotations = torch.cat([facing_root(torch.zeros(1)), axis_angle_to_matrix(mean)])
    everyone = LiftedPose(rotations.expand(PEOPLE, -1, -1, -1), people.betas)
    lifted_error, mean_error = people.errors_mm(lifted), people.errors_mm(everyone)
    assert lifted_error.median() < 0.6 * mean_error.median()


@pytest.mark.parametrize(
    "joints",
    [tuple(range(25)), COCO_17_TO_KEYPOINTS, tuple(range(49)), tuple(range(25, 39))],
    ids=["BODY_25", "COCO-17", "all 49", "LSP 14"],
)
def test_people_face_the_right_way_whichever_keypoints_there_are(people, shipped, joints):
    lifted = shipped.lift(people.seen, with_joints(people.confidence, joints))
    errors = people.root_errors_deg(lifted)
    assert errors.median() < 20
    assert (errors > 60).float().mean() <= 0.05


def test_losing_legs_leaves_arms_and_direction(people, shipped):
    legless = people.confidence.clone()
    legless[:, [10, 11, 13, 14, *range(19, 27), 29, 30]] = 0
    errors = people.root_errors_deg(shipped.lift(people.seen, legless))
    assert errors.median() < 25


def test_moving_or_resizing_a_person_changes_nothing(people, shipped):
    here = shipped.lift(people.seen, people.confidence)
    there = shipped.lift(0.4 * people.seen + 60, people.confidence)
    torch.testing.assert_close(here.rotations, there.rotations, atol=1e-3, rtol=0)


def test_one_person_is_lifted_the_same_alone_and_in_company(people, shipped):
    together = shipped.lift(people.seen, people.confidence)
    again = shipped.lift(people.seen, people.confidence)
    torch.testing.assert_close(together.rotations, again.rotations, atol=0, rtol=0)
    alone = shipped.lift(people.seen[3:4], people.confidence[3:4])
    torch.testing.assert_close(alone.rotations[0], together.rotations[3], atol=1e-5, rtol=0)


def test_a_mirrored_person_becomes_the_mirrored_body(people, shipped):
    mirrored_seen = people.seen[:, list(KEYPOINT_FLIP)] * torch.tensor([-1.0, 1.0]) + 224
    found = shipped.lift(mirrored_seen, people.confidence).rotations
    straight = shipped.lift(people.seen, people.confidence).rotations
    torch.testing.assert_close(found, mirrored_rotations(straight), atol=1e-3, rtol=0)


def test_the_network_itself_hardly_tells_left_from_right(people, shipped):
    """Averaging with the mirror image would hide a network that does."""
    inputs = lifter_input(people.seen, people.confidence)
    mirrored = lifter_input(mirrored_positions(people.seen), people.confidence)
    straight, other = shipped.network(inputs)[0], shipped.network(mirrored)[0]
    angle = torch.rad2deg(geodesic_angle(mirrored_rotations(other), straight))
    assert angle.median() < 8


def test_double_precision_comes_back_in_double_precision(people, shipped):
    lifted = shipped.lift(people.seen[:2].double(), people.confidence[:2].double())
    assert lifted.rotations.dtype == torch.float64
