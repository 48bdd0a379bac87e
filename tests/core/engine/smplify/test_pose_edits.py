"""What people do to a body by hand keeps what it promises to keep."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.pose_edits import (
    CameraAxis,
    average_shape,
    clamped_shape,
    mirrored_in_depth,
    turned_body,
    turned_joint,
)
from core.errors import StudioError
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import geodesic_angle, pose_to_matrices
from core.types.bodies import BodyParameters
from core.types.body_parts import BodyPart

LEFT_ELBOW_JOINT, LEFT_SHOULDER_JOINT = 18, 16


@pytest.fixture
def person(make_people) -> BodyParameters:
    truth = make_people(1, seed=4, yaw=0.3).truth
    return truth.to_parameters()[0]


def tensors(body: BodyParameters) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    matrices = pose_to_matrices(torch.from_numpy(body.pose_axis_angle[None].copy()))
    return (
        matrices,
        torch.from_numpy(body.betas[None].copy()),
        torch.from_numpy(body.camera_translation[None].copy()),
    )


def seen(keypoint_body: KeypointBody, body: BodyParameters) -> np.ndarray:
    matrices, betas, translation = tensors(body)
    return project_to_crop(keypoint_body.keypoints(matrices, betas), translation)[0].numpy()


def joints(keypoint_body: KeypointBody, body: BodyParameters) -> np.ndarray:
    matrices, betas, translation = tensors(body)
    return (keypoint_body.posed(matrices, betas).joints + translation[:, None])[0].numpy()


@pytest.mark.parametrize("axis", list(CameraAxis))
def test_a_body_turned_round_keeps_the_place_of_its_pelvis(keypoint_body, person, axis):
    turned = turned_body(person, axis)
    before, after = joints(keypoint_body, person), joints(keypoint_body, turned)
    np.testing.assert_allclose(after[0], before[0], atol=1e-5)
    kept = 1 if axis is CameraAxis.VERTICAL else 2
    mirrored = [number for number in range(3) if number != kept]
    np.testing.assert_allclose(
        (after - after[0])[:, kept], (before - before[0])[:, kept], atol=1e-4
    )
    np.testing.assert_allclose(
        (after - after[0])[:, mirrored], -(before - before[0])[:, mirrored], atol=1e-4
    )


@pytest.mark.parametrize("axis", list(CameraAxis))
def test_turned_round_twice_is_the_same_body(person, axis):
    twice = turned_body(turned_body(person, axis), axis)
    angle = geodesic_angle(tensors(twice)[0], tensors(person)[0])
    assert float(angle.max()) < 1e-3
    np.testing.assert_array_equal(twice.pose_axis_angle[3:], person.pose_axis_angle[3:])


def test_a_mirrored_arm_keeps_the_pixels_of_elbow_and_wrist(keypoint_body, person):
    pose = person.pose_axis_angle.reshape(24, 3)
    pose[LEFT_SHOULDER_JOINT], pose[LEFT_ELBOW_JOINT] = [0.0, -0.8, -0.4], [0.0, -0.7, 0.0]
    mirrored = mirrored_in_depth(person, BodyPart.LEFT_ARM, body=keypoint_body)
    before, after = joints(keypoint_body, person), joints(keypoint_body, mirrored)

    def pixels(points: np.ndarray) -> np.ndarray:
        return 5000 * points[:, :2] / points[:, 2:]

    # Single precision of the body's joints: 1e-5 m at 45 m and 5000 px.
    np.testing.assert_allclose(pixels(after)[[18, 20]], pixels(before)[[18, 20]], atol=2e-3)
    np.testing.assert_array_equal(
        mirrored.pose_axis_angle.reshape(24, 3)[[0, 1, 5, 17, 19]],
        person.pose_axis_angle.reshape(24, 3)[[0, 1, 5, 17, 19]],
    )
    assert abs(before[20, 2] - before[16, 2]) > 0.02
    assert (after[20, 2] - after[16, 2]) * (before[20, 2] - before[16, 2]) < 0
    np.testing.assert_array_equal(mirrored.camera_translation, person.camera_translation)


def test_a_turned_joint_moves_only_what_hangs_below_it(keypoint_body, person):
    turned = turned_joint(person, LEFT_ELBOW_JOINT, np.array([0.0, 0.0, 40.0]))
    before, after = joints(keypoint_body, person), joints(keypoint_body, turned)
    moved = np.linalg.norm(after - before, axis=1)
    assert moved[20] > 0.05
    assert moved[[0, 16, 18, 21, 4]].max() < 1e-6
    angle = geodesic_angle(tensors(turned)[0], tensors(person)[0])[0]
    assert float(angle[LEFT_ELBOW_JOINT]) == pytest.approx(np.deg2rad(40), abs=1e-4)


def test_a_joint_turned_there_and_back_is_as_before(person):
    degrees = np.array([20.0, -35.0, 10.0])
    there = turned_joint(person, LEFT_SHOULDER_JOINT, degrees)
    back = turned_joint(there, LEFT_SHOULDER_JOINT, -degrees)
    assert float(geodesic_angle(tensors(back)[0], tensors(person)[0]).max()) < 1e-3


def test_an_unknown_joint_is_refused(person):
    with pytest.raises(StudioError, match="joint 24"):
        turned_joint(person, 24, np.zeros(3))


@pytest.mark.parametrize(("reshape", "largest"), [(average_shape, 0.0), (clamped_shape, 3.0)])
def test_a_mended_shape_covers_the_same_part_of_the_picture(
    keypoint_body, person, reshape, largest
):
    betas = np.array([6, -5, 1, 0, 0, 0, 0, 0, 0, 0], np.float32)
    strange = BodyParameters(person.pose_axis_angle, betas, person.camera_translation)
    corrected = reshape(strange, body=keypoint_body)
    assert np.abs(corrected.betas).max() == largest
    before, after = seen(keypoint_body, strange), seen(keypoint_body, corrected)
    extents = [np.ptp(points[:, 1]) for points in (before, after)]
    # The strange body is a tenth taller; without a new camera it would cover a tenth more.
    assert extents[1] == pytest.approx(extents[0], rel=0.06)
    assert np.linalg.norm(after - before, axis=1).mean() < 6
    kept_camera = BodyParameters(
        corrected.pose_axis_angle, corrected.betas, strange.camera_translation
    )
    worse = np.linalg.norm(seen(keypoint_body, kept_camera) - before, axis=1).mean()
    assert np.linalg.norm(after - before, axis=1).mean() < worse


def test_a_shape_within_the_limits_is_left_alone(keypoint_body, person):
    person.betas.clip(-2.9, 2.9, out=person.betas)
    assert clamped_shape(person, body=keypoint_body) is person
