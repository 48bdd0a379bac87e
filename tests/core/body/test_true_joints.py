"""True joints and true bodies that were stated in the picture's camera, seen from the crop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.display_body import DisplayBody
from core.body.picture_frame import in_pictures
from core.body.true_joints import truth_in_crop
from core.engine.body.smpl_body import BodyModel
from core.engine.data.augmentation import NO_AUGMENTATION_SETTINGS
from core.engine.data.seen_crops import SeenDataset
from core.engine.data.training_samples import TrainingRecord
from core.engine.evaluation.body_errors import body_errors
from core.engine.smplify.inputs import BodyEstimate, cameras_of
from core.geometry.boxes import Box
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera
from core.types.cameras import PictureCamera, long_lens_camera
from core.types.samples import GroundTruth, Sample
from core.workflows.demo_report import FitAndTruth, root_errors_deg

SIZE = (1600, 1200)
SHORT = PictureCamera(900.0, (799.5, 599.5))
OFF_CENTRE = Box(1400.0, 300.0, 300.0)
PELVIS = 39


def sample_with(truth: GroundTruth, camera: PictureCamera = SHORT) -> Sample:
    return Sample(
        id=1,
        name="a",
        picture_path=Path("/a.jpg"),
        picture_size_px=SIZE,
        dataset="d",
        person_key="0",
        box=OFF_CENTRE,
        keypoints_px=np.zeros((49, 3), np.float32),
        ground_truth=truth,
        imported_at="2026-01-01",
        camera=camera,
    )


def about_pelvis(body: DisplayBody, parameters: BodyParameters) -> np.ndarray:
    keypoints = body.keypoints(parameters)
    relative = keypoints - keypoints[PELVIS]
    return np.concatenate([relative, np.full((49, 1), 0.8)], axis=1).astype(np.float32)


@pytest.fixture
def fit() -> BodyParameters:
    """The body in the crop's frame, where a perfect fit would find it."""
    pose = np.random.default_rng(3).normal(0, 0.3, 72).astype(np.float32)
    pose[:3] = [np.pi - 0.2, 0.3, -0.1]
    camera = SHORT.crop_camera(OFF_CENTRE)
    return BodyParameters(pose, np.zeros(10, np.float32), np.float32([0.05, 0.2, 3.0]), camera)


@pytest.fixture
def truth(fit: BodyParameters, open_body: BodyModel, display_body: DisplayBody) -> GroundTruth:
    """The same body and its joints as a data set states them, in the picture's camera."""
    seen = in_pictures([fit], open_body.arrays)
    pose = np.concatenate([seen.root_axis_angle[0], fit.pose_axis_angle[3:]]).astype(np.float32)
    lens = fit.camera
    straight = replace(lens, axis_x_px=lens.principal_x_px, axis_y_px=lens.principal_y_px)
    stated = BodyParameters(pose, fit.betas, seen.translation[0].astype(np.float32), straight)
    return GroundTruth(parameters=stated, joints_3d=about_pelvis(display_body, stated))


@pytest.mark.parametrize("with_body", [True, False])
def test_joints_off_centre_are_those_of_the_body_in_the_crop(
    truth: GroundTruth, fit: BodyParameters, display_body: DisplayBody, with_body: bool
) -> None:
    given = truth if with_body else GroundTruth(joints_3d=truth.joints_3d)
    wanted = about_pelvis(display_body, fit)
    assert np.abs(given.joints_3d - wanted).max() > 0.2
    np.testing.assert_allclose(truth_in_crop(sample_with(given)).joints_3d, wanted, atol=1e-5)


def test_a_training_learns_joints_and_body_in_the_crop(
    truth: GroundTruth, fit: BodyParameters, display_body: DisplayBody
) -> None:
    record = TrainingRecord.of(sample_with(truth), with_truth=True)
    dataset = SeenDataset([record], size_px=64, settings=NO_AUGMENTATION_SETTINGS, seed=1)
    batch = dataset.collate([dataset[(0, 0)]])
    np.testing.assert_allclose(batch.joints_3d[0], about_pelvis(display_body, fit), atol=1e-5)
    wanted = BodyEstimate.from_parameters([fit]).rotations
    torch.testing.assert_close(batch.truth.rotations, wanted, atol=1e-5, rtol=0)


def test_a_perfect_fit_has_no_error_against_a_body_of_the_picture(
    truth: GroundTruth, fit: BodyParameters, open_body: BodyModel
) -> None:
    cameras = cameras_of([sample_with(truth)])
    found, true = (
        BodyEstimate.from_parameters([each], cameras) for each in (fit, truth.parameters)
    )
    errors = body_errors(open_body, found, true)
    assert errors.mpjpe_mm[0] < 0.05
    assert errors.root_deg[0] < 0.05
    (root_deg,) = root_errors_deg([FitAndTruth(fit, truth.parameters, truth.joints_3d)])
    assert root_deg < 0.05


@pytest.mark.parametrize("with_body", [True, False])
def test_before_the_long_lens_truth_stays_as_it_is(
    truth: GroundTruth, fit: BodyParameters, with_body: bool
) -> None:
    body = replace(fit, camera=LONG_LENS) if with_body else None
    given = replace(truth, parameters=body)
    assert truth_in_crop(sample_with(given, long_lens_camera(SIZE))) is given


def test_joints_stay_with_a_body_of_the_long_lens_when_the_picture_gets_a_camera(
    truth: GroundTruth, fit: BodyParameters
) -> None:
    given = replace(truth, parameters=replace(fit, camera=LONG_LENS))
    turned = truth_in_crop(sample_with(given))
    np.testing.assert_array_equal(turned.joints_3d, given.joints_3d)


def test_the_middle_keeps_the_lens() -> None:
    moved = CropCamera(480.0, -250.0, 170.0, 119.0, 96.0)
    assert moved.in_middle == CropCamera(480.0, -250.0, 170.0)
