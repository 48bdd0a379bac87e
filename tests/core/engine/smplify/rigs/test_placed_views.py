"""Moments seen by cameras of known places: one root in the world, its unit settled by bodies."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D, camera_tensors
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.engine.smplify.rigs.placement import met_rays, placed_in_world
from core.engine.smplify.rigs.shared_views import (
    LARGEST_CONTRADICTION_PX2,
    SharedFits,
    SharedViews,
)
from core.engine.smplify.rigs.world_scale import metres_per_unit, settled_unit
from core.engine.smplify.rigs.world_stage import WorldStage
from core.engine.smplify.search_selection import body_distance
from core.engine.smplify.smplify import FitBatch, Smplify
from core.engine.smplify.state import BodyState
from core.engine.smplify.view_groups import ViewGroups
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import STUDIO
from core.types.bodies import CropCamera
from core.types.camera_poses import CameraPose

MOMENTS, CAMERAS = 3, 3
DISTANCE_M = 4.0
NOISE_PX = 2.0


def camera_pose(number: int, *, unit_m: float = 1.0) -> CameraPose:
    """One of three cameras, 70° apart about the world's vertical, that look at its origin."""
    yaw = torch.tensor([[0.0, math.radians(70.0 * number), 0.0]])
    rotation = axis_angle_to_matrix(yaw)[0]
    return CameraPose(
        tuple(rotation.flatten().tolist()), (0.1, 0.0, DISTANCE_M / unit_m), "set.json ab"
    )


class PlacedViews:
    """Made bodies in one world, each seen by three cameras that do not look at them straight."""

    def __init__(self, people, body: KeypointBody) -> None:
        rows = torch.arange(MOMENTS).repeat_interleave(CAMERAS)
        count = len(rows)
        self.moments = rows.tolist()
        self.poses = [camera_pose(row % CAMERAS) for row in range(count)]
        cameras = [CropCamera(600.0, 80.0 + 30 * (row % 2), 120.0) for row in range(count)]
        self.cameras = camera_tensors(cameras)
        self.rig = self.rig_of(self.poses)
        truth = take_rows(people.truth, rows)
        turns = self.rig.rotations
        rotations = truth.rotations.clone()
        rotations[:, 0] = turns @ rotations[:, 0]
        # The pelvis of every body is at the world's origin.
        shift = self.rig.translations - body.root_joint(truth.betas)
        self.truth = BodyEstimate(rotations, truth.betas, shift)
        self.points = body.keypoints(rotations, truth.betas)
        generator = torch.Generator().manual_seed(3)
        noise = NOISE_PX * torch.randn(count, 49, 2, generator=generator)
        seen = project_to_crop(self.points, shift, self.cameras) + noise
        self.keypoints = Keypoints2D(seen, torch.ones(count, 49), self.cameras)
        self.groups = ViewGroups.of(self.moments, [None] * count)

    def rig_of(self, poses: list[CameraPose | None]) -> CameraRig:
        units = [1.0] * len(poses)
        return CameraRig.of(poses, self.cameras, self.moments, metres_per_unit=units)

    def errors_m(self, body: KeypointBody, fit: FitBatch) -> torch.Tensor:
        found = body.keypoints(fit.estimate.rotations, fit.estimate.betas)
        return body_distance(self.points, found)


@pytest.fixture(scope="module")
def smplify(open_body: BodyModel, prior: PosePrior) -> Smplify:
    return Smplify(open_body, prior, STUDIO)


@pytest.fixture(scope="module")
def views(make_people: Callable[..., object], keypoint_body: KeypointBody) -> PlacedViews:
    return PlacedViews(make_people(MOMENTS), keypoint_body)


@pytest.fixture(scope="module")
def own(smplify: Smplify, views: PlacedViews) -> FitBatch:
    return smplify.fit_from_mean_pose(views.keypoints)


@pytest.fixture(scope="module")
def placed(smplify: Smplify, views: PlacedViews, own: FitBatch) -> SharedFits:
    return SharedViews(smplify).fit_placed(views.keypoints, own, views.groups, views.rig)


def in_world(body: KeypointBody, fit: FitBatch, rig: CameraRig) -> tuple[torch.Tensor, ...]:
    """World roots and pelvises, as each picture has them."""
    estimate = fit.estimate
    pelvis = body.root_joint(estimate.betas) + estimate.camera_translation - rig.translations
    back = rig.rotations.mT
    return back @ estimate.rotations[:, 0], (back @ pelvis[..., None])[..., 0]


def test_pictures_of_a_rig_have_one_root_and_one_place_in_the_world(
    views: PlacedViews, placed: SharedFits, keypoint_body: KeypointBody
) -> None:
    for found in in_world(keypoint_body, placed.fits, views.rig):
        first = found.view(MOMENTS, CAMERAS, -1)
        torch.testing.assert_close(first, first[:, :1].expand_as(first), rtol=0, atol=1e-4)
    assert placed.contradiction_px2.abs().max() < LARGEST_CONTRADICTION_PX2 / 3


def test_the_place_is_the_true_one_and_the_body_better_than_without(
    smplify: Smplify,
    views: PlacedViews,
    own: FitBatch,
    placed: SharedFits,
    keypoint_body: KeypointBody,
) -> None:
    _, pelvis = in_world(keypoint_body, placed.fits, views.rig)
    assert torch.linalg.vector_norm(pelvis, dim=1).max() < 0.05
    free = SharedViews(smplify).fit(views.keypoints, own, views.groups)
    errors = [views.errors_m(keypoint_body, fit).mean() for fit in (placed.fits, free)]
    assert errors[0] < 0.030
    assert errors[0] < errors[1] + 0.002
    off = [
        (fit.estimate.camera_translation - views.truth.camera_translation).norm(dim=1).mean()
        for fit in (placed.fits, free)
    ]
    assert off[0] < 0.5 * off[1]


def test_places_that_the_pictures_contradict_are_noticed_and_left_out(
    smplify: Smplify, views: PlacedViews, own: FitBatch
) -> None:
    wrong: list[CameraPose | None] = list(views.poses)
    wrong[0], wrong[1] = wrong[1], wrong[0]
    found = SharedViews(smplify).fit_placed(views.keypoints, own, views.groups, views.rig_of(wrong))
    assert found.contradiction_px2[:3].min() > LARGEST_CONTRADICTION_PX2
    assert found.contradiction_px2[3:].max() < LARGEST_CONTRADICTION_PX2
    free = SharedViews(smplify).fit(views.keypoints, own, views.groups)
    torch.testing.assert_close(
        found.fits.estimate.rotations[:3], free.estimate.rotations[:3], rtol=0, atol=1e-4
    )


def test_a_held_body_is_followed_without_places(
    smplify: Smplify, views: PlacedViews, own: FitBatch
) -> None:
    held = torch.zeros(len(own), dtype=torch.bool)
    held[1] = True
    found = SharedViews(smplify).fit_placed(
        views.keypoints, own, views.groups, views.rig, held=held
    )
    assert not found.contradiction_px2[:3].any()
    torch.testing.assert_close(found.fits.estimate.rotations[1], own.estimate.rotations[1])


def test_a_subject_has_one_shape_in_its_places(
    smplify: Smplify, views: PlacedViews, own: FitBatch, keypoint_body: KeypointBody
) -> None:
    groups = ViewGroups.of(views.moments, ["he"] * len(views.moments))
    found = SharedViews(smplify).fit_placed(views.keypoints, own, groups, views.rig).fits
    torch.testing.assert_close(found.estimate.betas, found.estimate.betas[:1].expand(len(own), -1))
    for place in in_world(keypoint_body, found, views.rig):
        first = place.view(MOMENTS, CAMERAS, -1)
        torch.testing.assert_close(first, first[:, :1].expand_as(first), rtol=0, atol=1e-4)


def test_the_gradient_in_the_world_is_that_of_finite_differences(
    make_people: Callable[..., object],
    precise_keypoint_body: KeypointBody,
    prior: PosePrior,
    open_body: BodyModel,
) -> None:
    people = make_people(3, dtype=torch.float64, noise_px=3.0)
    cameras = camera_tensors([CropCamera(900.0, 100.0, 120.0)] * 3)
    rig = CameraRig.of(
        [camera_pose(number) for number in range(3)],
        cameras,
        [0, 0, 0],
        metres_per_unit=[1.0] * 3,
    ).to(people.truth.betas)
    seen = Keypoints2D(people.keypoints.positions_crop_px, people.keypoints.confidence, cameras)
    first = torch.zeros(3, dtype=torch.long)
    state = BodyState.of(take_rows(people.guess, first))
    state = placed_in_world(precise_keypoint_body, state, rig, state.root)
    objective = Smplify(open_body, prior, STUDIO).objective(seen, 30.0)
    stage = BodyStage(
        precise_keypoint_body,
        objective,
        depth_start=state.camera_translation[:, 2],
        depth_weight=0.0,
    )
    world = WorldStage(stage, precise_keypoint_body, rig)
    gradient, _ = world.normal_equations(state, world.evaluate(state))
    step_size = 1e-6
    for unknown in (0, 1, 2, 10, 40, 72, 75, 82, 83, 84):
        step = torch.zeros(3, 85, dtype=torch.float64)
        step[:, unknown] = step_size
        after, before = (
            world.evaluate(world.moved(state, sign * step)).cost.sum() for sign in (1, -1)
        )
        measured = (after - before) / (2 * step_size)
        torch.testing.assert_close(2 * gradient[:, unknown].sum(), measured, rtol=1e-4, atol=1e-2)


def test_rays_meet_where_the_point_is_whatever_the_depths(views: PlacedViews) -> None:
    rig = views.rig
    place = torch.tensor([0.3, -0.2, 0.5]).expand(len(rig), 3)
    points = (rig.rotations @ place[..., None])[..., 0] + rig.translations
    off = points * torch.linspace(0.8, 1.3, len(rig))[:, None]
    torch.testing.assert_close(met_rays(off, rig), place, rtol=0, atol=5e-3)


def test_rows_of_unknown_places_stay_by_themselves(views: PlacedViews) -> None:
    poses: list[CameraPose | None] = [*views.poses]
    poses[4] = None
    rig = views.rig_of(poses)
    assert rig.placed == (True, True, True, True, False, True, True, True, True)
    apart = rig.without([row == 0 for row in range(len(rig))])
    assert apart.placed == (False, False, False, True, False, True, True, True, True)
    copies = rig.of_rows(torch.tensor([0, 1, 0, 1]), [0, 0, 1, 1])
    assert copies.rigs == (0, 0, 1, 1)


@pytest.mark.parametrize("unit_m", [1.0, 0.01, 0.001, 0.3048, 0.05])
def test_the_size_of_people_tells_the_unit(
    views: PlacedViews, keypoint_body: KeypointBody, unit_m: float
) -> None:
    poses = [
        CameraPose(pose.rotation, tuple(number / unit_m for number in pose.translation), pose.world)
        for pose in views.poses
    ]
    found = metres_per_unit(keypoint_body, views.keypoints, poses, views.moments)
    # 5 cm is no unit of people's, such as the square of a chessboard: the mean body measures it.
    assert found == pytest.approx([unit_m] * len(poses), rel=0.15 if unit_m == 0.05 else 1e-9)


@pytest.mark.parametrize(
    ("measured", "stated", "expected"),
    [
        (1.05, None, 1.0),
        (1.45, None, 1.0),
        (0.0012, None, 0.001),
        (0.05, None, 0.05),
        (0.9, 1.0, 1.0),
        (0.05, 0.045, 0.045),
        (0.0011, 1.0, 0.001),
        (math.nan, 0.01, 0.01),
        (math.nan, None, 1.0),
    ],
)
def test_a_stated_unit_stands_unless_people_contradict_it(measured, stated, expected) -> None:
    assert settled_unit(measured, stated) == expected
