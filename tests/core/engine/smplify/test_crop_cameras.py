"""Fits under the cameras that took the pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.body.body_axis import turned_to_middle
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import (
    LONG_LENSES,
    BodyEstimate,
    Keypoints2D,
    camera_tensors,
)
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.reprojection_loss import comparison_loss
from core.engine.smplify.search_selection import body_distance
from core.engine.smplify.smplify import Smplify
from core.geometry.camera_translation import DEFAULT_DEPTH_PER_PX
from core.geometry.crop_camera import CropCameras, project_to_crop
from core.geometry.rotations import geodesic_angle
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import PAPER, STUDIO, Descent, ObjectiveWeights
from core.types.bodies import LONG_LENS, CropCamera
from tests.core.engine.conftest import cameras_at

MakePeople = Callable[..., object]

LENSES = [(diagonals, off) for diagonals in (0.4, 1.0, 3.0, 10.0) for off in (False, True)]
every_lens = pytest.mark.parametrize(("diagonals", "off_center"), LENSES)
PATIENT = replace(
    STUDIO,
    weights=ObjectiveWeights(pose_prior=1.0, angle_prior=1.0, shape_prior=1.0),
    refinement=(Descent(20, 30.0), Descent(20, 15.0)),
)
"""Hardly held by priors, so that keypoints without noise tell the body."""


@every_lens
def test_a_body_is_recovered_whatever_camera_saw_it(
    open_body: BodyModel,
    prior: PosePrior,
    make_people: MakePeople,
    diagonals: float,
    *,
    off_center: bool,
) -> None:
    people = make_people(8, cameras=cameras_at(diagonals, off_center=off_center))
    smplify = Smplify(open_body, prior, PATIENT)
    fit = smplify.fit(people.keypoints, people.guess)
    found = smplify.body.keypoints(fit.estimate.rotations, fit.estimate.betas)
    assert body_distance(found, people.keypoints_3d).median() < 0.025
    seen = project_to_crop(found, fit.estimate.camera_translation, people.keypoints.cameras)
    assert (seen - people.keypoints.positions_crop_px).norm(dim=-1).median() < 0.3
    truth = people.truth.camera_translation
    assert (fit.estimate.camera_translation / truth - 1)[:, 2].abs().median() < 0.03
    assert fit.comparison.median() < 0.1
    centered, true = (
        points - points.mean(1, keepdim=True) for points in (found, people.keypoints_3d)
    )
    assert (centered - true).norm(dim=-1).mean(1).median() < 0.035


@pytest.mark.parametrize("off_center", [False, True])
def test_bodies_are_found_from_the_mean_pose_under_a_short_lens(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople, *, off_center: bool
) -> None:
    cameras = cameras_at(0.7, off_center=off_center)
    people = make_people(12, noise_px=2.0, missing=0.15, cameras=cameras)
    smplify = Smplify(open_body, prior, STUDIO)
    fit = smplify.fit_from_mean_pose(people.keypoints)
    turned = geodesic_angle(fit.estimate.rotations[:, 0], people.truth.rotations[:, 0])
    assert (turned > math.radians(60)).sum() == 0
    found = smplify.body.keypoints(fit.estimate.rotations, fit.estimate.betas)
    assert body_distance(found, people.keypoints_3d).median() < 0.06
    assert fit.comparison.median() < 25
    assert fit.parameters(3).camera == people_camera(people.keypoints, 3)


def people_camera(keypoints: Keypoints2D, row: int) -> CropCamera:
    cameras = keypoints.cameras
    numbers = [cameras.focal_length_px, *cameras.principal_point_px.T, *cameras.axis_px.T]
    return CropCamera(*(float(part[row]) for part in numbers))


@every_lens
def test_limb_lengths_tell_the_depth_before_every_camera(
    make_people: MakePeople, diagonals: float, *, off_center: bool
) -> None:
    people = make_people(16, cameras=cameras_at(diagonals, off_center=off_center))
    found = camera_start(people.keypoints_3d, people.keypoints)
    truth = people.truth.camera_translation
    assert (found / truth - 1)[:, 2].abs().median() < 0.06
    assert (found - truth)[:, :2].abs().median() < 0.05


def test_without_keypoints_a_body_stands_on_the_cameras_axis(make_people: MakePeople) -> None:
    people = make_people(2)
    cameras = cameras_at(0.7, off_center=True)
    empty = Keypoints2D(torch.zeros(2, 49, 2), torch.zeros(2, 49), cameras)
    found = camera_start(people.keypoints_3d, empty)
    torch.testing.assert_close(found[:, :2], torch.zeros(2, 2), atol=1e-5, rtol=0)
    in_camera = found[0] @ empty.cameras.viewing_rotations[0].T
    torch.testing.assert_close(in_camera[2], cameras.focal_length_px[0] * DEFAULT_DEPTH_PER_PX)


@every_lens
def test_the_comparison_of_the_truth_is_zero_under_its_own_camera_alone(
    precise_keypoint_body: KeypointBody,
    make_people: MakePeople,
    diagonals: float,
    *,
    off_center: bool,
) -> None:
    cameras = cameras_at(diagonals, off_center=off_center)
    people = make_people(4, dtype=torch.float64, cameras=cameras)
    own = comparison_loss(precise_keypoint_body, people.truth, people.keypoints)
    assert own.max() < 1e-3
    under_long_lens = replace(people.keypoints, cameras=LONG_LENSES)
    other = comparison_loss(precise_keypoint_body, people.truth, under_long_lens)
    if diagonals < 1:
        assert (other > 1).all()


def test_the_papers_profile_fits_under_the_long_lens_and_is_measured_under_the_samples_camera(
    open_body: BodyModel, prior: PosePrior, make_people: MakePeople
) -> None:
    people = make_people(3, cameras=cameras_at(0.7, off_center=True))
    quick = replace(PAPER, camera_iterations=6, refinement=(Descent(6),))
    smplify = Smplify(open_body, prior, quick)
    under_long_lens = replace(people.keypoints, cameras=LONG_LENSES)
    start = people.guess.between_cameras(people.keypoints.cameras, under_long_lens.cameras)
    fit, plain = smplify.fit(people.keypoints, people.guess), smplify.fit(under_long_lens, start)
    assert fit.parameters(0).camera == LONG_LENS
    torch.testing.assert_close(fit.losses.total, plain.losses.total)
    torch.testing.assert_close(fit.estimate.rotations, plain.estimate.rotations)
    measured = comparison_loss(smplify.body, fit.estimate, people.keypoints)
    torch.testing.assert_close(fit.comparison, measured)
    assert (fit.comparison != plain.comparison).all()


def test_a_depth_weighs_more_the_nearer_the_camera_is(make_people: MakePeople) -> None:
    people = make_people(2)
    cameras = camera_tensors([CropCamera(500.0, 112.0, 112.0), LONG_LENS])
    prior = EstimatePrior.uniform(people.truth, depth=2.0, cameras=cameras)
    assert prior.depth_weight.tolist() == pytest.approx([200.0, 2.0])
    moved = prior.between_cameras(cameras, cameras_at(1.0, off_center=True))
    ratio = 5000 / cameras_at(1.0, off_center=True).focal_length_px
    assert moved.depth_weight.tolist() == pytest.approx([float(2 * ratio**2)] * 2, rel=1e-5)


class TestStoredBodies:
    """Bodies that were stored under one camera, as they stand before another."""

    stored = CropCamera(900.0, 260.0, 40.0, 130.0, 96.0)

    def cameras_of(self, camera: CropCamera) -> CropCameras[torch.Tensor]:
        return camera_tensors([camera])

    def test_stay_as_they_are_under_their_own_camera(self, make_people: MakePeople) -> None:
        bodies = make_people(1).truth.to_parameters(self.cameras_of(self.stored))
        plain = BodyEstimate.from_parameters(bodies)
        same = BodyEstimate.from_parameters(bodies, self.cameras_of(self.stored))
        assert torch.equal(plain.rotations, same.rotations)
        assert torch.equal(plain.camera_translation, same.camera_translation)

    def test_keep_their_direction_in_the_picture_when_only_the_axis_moved(
        self, make_people: MakePeople
    ) -> None:
        bodies = make_people(1).truth.to_parameters(self.cameras_of(self.stored))
        before = self.cameras_of(self.stored)
        after = self.cameras_of(CropCamera(900.0, 260.0, 40.0))
        plain = BodyEstimate.from_parameters(bodies)
        moved = BodyEstimate.from_parameters(bodies, after)
        from_axis, from_middle = before.viewing_rotations[0], after.viewing_rotations[0]
        torch.testing.assert_close(
            from_axis @ plain.rotations[0, 0], from_middle @ moved.rotations[0, 0]
        )
        torch.testing.assert_close(
            from_axis @ plain.camera_translation[0],
            from_middle @ moved.camera_translation[0],
            atol=1e-5,
            rtol=1e-5,
        )

    def test_keep_every_pixel_when_only_the_axis_moved_wherever_their_pelvis_is(
        self, open_body: BodyModel, make_people: MakePeople
    ) -> None:
        own = open_body.arrays
        lifted = replace(own, v_template=own.v_template + np.array([0.4, -0.3, 0.2]))
        body = KeypointBody(BodyModel(lifted, name="lifted"))
        (far,) = make_people(1).truth.to_parameters(self.cameras_of(self.stored))
        bodies = [replace(far, camera_translation=np.array([0.1, 0.2, 3.0], np.float32))]
        after = self.cameras_of(self.stored.in_middle)
        plain = BodyEstimate.from_parameters(bodies)
        moved = BodyEstimate.from_parameters(bodies, after, root_joints=body.root_joint_like)
        seen, still = (
            project_to_crop(
                body.keypoints(each.rotations, each.betas), each.camera_translation, cameras
            )
            for each, cameras in ((plain, self.cameras_of(self.stored)), (moved, after))
        )
        torch.testing.assert_close(still, seen, atol=0.01, rtol=0)
        middle = turned_to_middle(bodies[0])
        torch.testing.assert_close(
            BodyEstimate.from_parameters([middle]).rotations, moved.rotations, atol=1e-5, rtol=0
        )

    def test_keep_place_and_size_under_another_focal_length(self, make_people: MakePeople) -> None:
        truth = make_people(1).truth
        nearer = CropCamera(900.0, 260.0, 40.0)
        moved = BodyEstimate.from_parameters(truth.to_parameters(), self.cameras_of(nearer))
        assert torch.equal(
            moved.rotations, BodyEstimate.from_parameters(truth.to_parameters()).rotations
        )
        origin = torch.zeros(1, 1, 3)
        seen = project_to_crop(origin, truth.camera_translation)
        still = project_to_crop(origin, moved.camera_translation, self.cameras_of(nearer))
        torch.testing.assert_close(still, seen, atol=1e-3, rtol=0)
        back = moved.between_cameras(self.cameras_of(nearer), LONG_LENSES)
        torch.testing.assert_close(
            back.camera_translation, truth.camera_translation, rtol=1e-4, atol=1e-4
        )


def test_rows_of_keypoints_keep_their_cameras(make_people: MakePeople) -> None:
    cameras = camera_tensors([CropCamera(500.0, 100.0, 90.0), LONG_LENS])
    keypoints = replace(make_people(2).keypoints, cameras=cameras)
    assert take_rows(keypoints, torch.tensor([1])).cameras.focal_length_px.tolist() == [5000.0]
    twice = keypoints.repeated(2)
    assert twice.cameras.focal_length_px.tolist() == [500.0, 5000.0, 500.0, 5000.0]
    assert (
        twice.to(device=torch.device("cpu"), dtype=torch.float64).cameras.axis_px.dtype
        == torch.float64
    )
