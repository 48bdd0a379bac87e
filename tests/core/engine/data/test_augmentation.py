"""Augmentation acts alike on pictures, keypoints, joints, poses and cameras, and can be undone."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import torch

from core.body.conventions import KEYPOINT_FLIP
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import (
    NO_AUGMENTATION,
    NO_AUGMENTATION_SETTINGS,
    Augmentation,
    AugmentationBatch,
    AugmentationSettings,
    augment_cameras,
    augment_estimate,
    augment_joints_3d,
    augment_keypoints,
    augment_pose,
    augment_rotations,
    augmented_crop,
    augmented_crop_of_part,
    draw_augmentation,
    part_for_augmentation,
    unaugment_estimate,
    unaugment_keypoints,
    unaugment_pose,
    unaugment_rotations,
)
from core.engine.smplify.inputs import LONG_LENSES, cameras_like
from core.errors import ShapeError, StudioError
from core.geometry.boxes import Box
from core.geometry.crop_camera import CropCameras, project_to_crop
from core.geometry.rotations import pose_to_matrices
from core.pictures.decoding import crop_picture

BOX = Box(203.4, 151.7, 260.0)
MANY = [
    NO_AUGMENTATION,
    Augmentation(flip=True),
    Augmentation(rotation_rad=0.7),
    Augmentation(flip=True, rotation_rad=-0.5, scale=1.2),
    Augmentation(flip=True, rotation_rad=1.0, scale=0.8),
    Augmentation(rotation_rad=-1.0, scale=0.75),
]


@pytest.fixture
def keypoints_px():
    rng = np.random.default_rng(3)
    keypoints = np.ones((49, 3), np.float32)
    keypoints[:, :2] = rng.uniform((100, 60), (300, 240), (49, 2))
    keypoints[[4, 30]] = 0
    return keypoints


@pytest.fixture
def pose():
    return np.random.default_rng(4).normal(0, 0.4, 72).astype(np.float32)


@pytest.mark.parametrize("augmentation", MANY)
def test_keypoints_come_back(keypoints_px, augmentation):
    there = augment_keypoints(keypoints_px, BOX, augmentation)
    back = unaugment_keypoints(there, BOX, augmentation)
    np.testing.assert_allclose(back, keypoints_px, atol=1e-4)


@pytest.mark.parametrize("augmentation", MANY)
def test_poses_come_back(pose, augmentation):
    back = unaugment_pose(augment_pose(pose, augmentation), augmentation)
    wanted, got = (pose_to_matrices(torch.tensor(item)) for item in (pose, back))
    torch.testing.assert_close(got, wanted, atol=1e-4, rtol=0)


def test_flipping_twice_and_turning_back_are_identities(keypoints_px, pose):
    """Without the inverses above: by the same functions again."""
    flip = Augmentation(flip=True)
    crop_box = Box(112, 112, 224)
    once = augment_keypoints(keypoints_px, BOX, flip)
    plain = augment_keypoints(keypoints_px, BOX, NO_AUGMENTATION)
    np.testing.assert_allclose(augment_keypoints(once, crop_box, flip), plain, atol=1e-4)
    np.testing.assert_allclose(augment_pose(augment_pose(pose, flip), flip), pose, atol=1e-4)
    turn, turn_back = Augmentation(rotation_rad=0.9), Augmentation(rotation_rad=-0.9)
    turned = augment_keypoints(keypoints_px, BOX, turn)
    np.testing.assert_allclose(augment_keypoints(turned, crop_box, turn_back), plain, atol=1e-4)
    np.testing.assert_allclose(augment_pose(augment_pose(pose, turn), turn_back), pose, atol=1e-4)


def test_absent_keypoints_stay_zero(keypoints_px):
    for augmentation in MANY:
        moved = augment_keypoints(keypoints_px, BOX, augmentation)
        absent = keypoints_px[:, 2] == 0
        if augmentation.flip:
            absent = absent[list(KEYPOINT_FLIP)]
        assert not moved[absent].any()
        assert (moved[~absent, 2] == 1).all()


def test_no_augmentation_is_the_plain_crop(keypoints_px):
    picture = np.random.default_rng(0).integers(0, 256, (320, 400, 3), dtype=np.uint8)
    np.testing.assert_allclose(
        augment_keypoints(keypoints_px, BOX, NO_AUGMENTATION), BOX.keypoints_to_crop(keypoints_px),
        atol=1e-4,
    )  # fmt: skip
    for size_px in (224, 128):
        crop = augmented_crop(picture, BOX, NO_AUGMENTATION, size_px=size_px)
        plain = crop_picture(picture, BOX, size_px=size_px)
        assert np.abs(crop - plain).max() <= 1.5


@pytest.mark.parametrize("augmentation", MANY)
@pytest.mark.parametrize("size_px", [224, 128])
def test_picture_follows_keypoints(augmentation, size_px):
    """Dots drawn at keypoints of the picture lie at the augmented keypoints of the crop."""
    for at in [(150, 90), (230, 170), (260, 120), (190, 220)]:
        picture = np.zeros((320, 400, 3), np.uint8)
        cv2.circle(picture, at, 5, (255, 255, 255), -1, cv2.LINE_AA)
        keypoints = np.zeros((49, 3), np.float32)
        keypoints[8] = (*at, 1)  # OP MidHip: on the axis of the flip
        crop = augmented_crop(picture, BOX, augmentation, size_px=size_px)
        weight = crop[..., 0].astype(np.float64)
        rows, columns = np.mgrid[:size_px, :size_px]
        found = np.array([(weight * columns).sum(), (weight * rows).sum()]) / weight.sum()
        wanted = augment_keypoints(keypoints, BOX, augmentation)[8, :2] * size_px / 224
        np.testing.assert_allclose(found, wanted, atol=0.15)


@pytest.mark.parametrize("augmentation", MANY)
@pytest.mark.parametrize("side_px", [60, 700])
def test_crops_of_a_part_show_what_crops_of_the_picture_show(augmentation, side_px):
    """Of a box smaller than the crop, and of one that is reduced; both reach out of the picture."""
    noise = np.random.default_rng(0).integers(0, 256, (20, 25, 3), dtype=np.uint8)
    picture = cv2.resize(noise, (1000, 800), interpolation=cv2.INTER_CUBIC)
    box = Box(880.3, 420.6, side_px)
    part = part_for_augmentation(picture, box, AugmentationSettings(), size_px=128)
    assert part.pixels.nbytes < 310 * 310 * 3
    whole = augmented_crop(picture, box, augmentation, size_px=128)
    cut = augmented_crop_of_part(part, box, augmentation, size_px=128)
    assert np.abs(whole - cut).mean() < 2.0
    assert np.abs(whole - cut).max() < 20.0


def test_rotation_is_counter_clockwise_as_seen(keypoints_px):
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[8] = (BOX.center_x_px + 50, BOX.center_y_px, 1)
    moved = augment_keypoints(keypoints, BOX, Augmentation(rotation_rad=math.pi / 2))
    assert moved[8, 1] < 112 - 20
    assert moved[8, 0] == pytest.approx(112, abs=1e-3)


def test_flip_puts_left_joints_in_the_places_of_right_ones(keypoints_px):
    plain = augment_keypoints(keypoints_px, BOX, NO_AUGMENTATION)
    flipped = augment_keypoints(keypoints_px, BOX, Augmentation(flip=True))
    assert flipped[2, 0] == pytest.approx(224 - plain[5, 0], abs=1e-3)


def test_larger_scale_makes_the_person_smaller(keypoints_px):
    plain = augment_keypoints(keypoints_px, BOX, NO_AUGMENTATION)
    scaled = augment_keypoints(keypoints_px, BOX, Augmentation(scale=1.25))
    seen = plain[:, 2] > 0
    np.testing.assert_allclose(scaled[seen, :2] - 112, (plain[seen, :2] - 112) / 1.25, atol=1e-3)


def bodies(count, seed=0):
    rng = np.random.default_rng(seed)
    pose = rng.normal(0, 0.35, (count, 72)).astype(np.float32)
    pose[:, :3] = np.array([math.pi, 0, 0]) + rng.normal(0, 0.2, (count, 3))
    betas = rng.normal(0, 1, (count, 10)).astype(np.float32)
    camera = np.stack(
        [rng.normal(0, 0.1, count), rng.normal(0, 0.1, count), rng.uniform(40, 60, count)], axis=1
    )
    return pose, torch.tensor(betas), torch.tensor(camera, dtype=torch.float32)


def test_estimates_come_back(open_body):
    pose, betas, camera = bodies(len(MANY))
    rotations = pose_to_matrices(torch.tensor(pose))
    root_joint = KeypointBody(open_body).root_joint(betas)
    batch = AugmentationBatch.of(MANY)
    turned = augment_estimate(rotations, camera, batch, root_joint=root_joint)
    back_rotations, back_camera = unaugment_estimate(*turned, batch, root_joint=root_joint)
    torch.testing.assert_close(back_rotations, rotations, atol=1e-4, rtol=0)
    torch.testing.assert_close(back_camera, camera, atol=1e-4, rtol=0)
    there = augment_rotations(rotations, batch)
    torch.testing.assert_close(unaugment_rotations(there, batch), rotations, atol=1e-4, rtol=0)


def test_rotations_of_a_batch_agree_with_single_poses():
    pose, _, _ = bodies(len(MANY))
    single = np.stack([augment_pose(one, how) for one, how in zip(pose, MANY, strict=True)])
    together = augment_rotations(pose_to_matrices(torch.tensor(pose)), AugmentationBatch.of(MANY))
    torch.testing.assert_close(together, pose_to_matrices(torch.tensor(single)), atol=1e-4, rtol=0)


def test_projected_body_follows_the_augmented_keypoints(open_body):
    """The augmented estimate projects to where the augmented keypoints of the plain one lie.

    A larger box is taken for a camera farther off, which bends the perspective a little.
    """
    pose, betas, camera = bodies(len(MANY), seed=2)
    body = KeypointBody(open_body)
    rotations = pose_to_matrices(torch.tensor(pose))
    batch = AugmentationBatch.of(MANY)
    plain = project_to_crop(body.keypoints(rotations, betas), camera).numpy()
    turned, moved = augment_estimate(rotations, camera, batch, root_joint=body.root_joint(betas))
    augmented = project_to_crop(body.keypoints(turned, betas), moved).numpy()
    crop_box = Box(112, 112, 224)
    for row, augmentation in enumerate(MANY):
        keypoints = np.concatenate([plain[row], np.ones((49, 1))], axis=1)
        wanted = augment_keypoints(keypoints, crop_box, augmentation)[:, :2]
        # The open body is not exactly symmetric, and the scale moves the camera.
        tolerance = 0.6 if augmentation.flip or augmentation.scale != 1 else 0.01
        np.testing.assert_allclose(augmented[row], wanted, atol=tolerance)


def short_cameras(count: int) -> CropCameras[torch.Tensor]:
    """Of 350 to 900 crop pixels, whose principal points lie up to a crop and a half away."""
    rng = np.random.default_rng(4)
    return CropCameras(
        torch.tensor(rng.uniform(350, 900, count)),
        torch.tensor(rng.uniform(-250, 470, (count, 2))),
        torch.full((count, 2), 112.0, dtype=torch.float64),
    )


def test_an_augmented_crop_has_a_camera_of_its_own_that_sees_the_body_exactly(precise_body):
    """Turned and scaled crops agree to rounding; of mirrored ones the body is not symmetric."""
    pose, betas, _ = bodies(len(MANY), seed=2)
    body, batch = KeypointBody(precise_body), AugmentationBatch.of(MANY)
    rotations, betas = pose_to_matrices(torch.tensor(pose).double()), betas.double()
    cameras = short_cameras(len(MANY))
    translation = torch.tensor([[0.05, 0.1, 45.0]]).double() / cameras.long_lens_ratio[:, None]
    plain = project_to_crop(body.keypoints(rotations, betas), translation, cameras).numpy()
    turned, moved = augment_estimate(
        rotations, translation, batch, root_joint=body.root_joint(betas), cameras=cameras
    )
    of_crop = augment_cameras(cameras, batch)
    seen = project_to_crop(body.keypoints(turned, betas), moved, of_crop).numpy()
    for row, augmentation in enumerate(MANY):
        keypoints = np.concatenate([plain[row], np.ones((49, 1))], axis=1)
        wanted = augment_keypoints(keypoints, Box(112, 112, 224), augmentation)[:, :2]
        tolerance = 1.0 if augmentation.flip else 1e-3
        np.testing.assert_allclose(seen[row], wanted, atol=tolerance)
    back = unaugment_estimate(
        turned, moved, batch, root_joint=body.root_joint(betas), cameras=cameras
    )
    torch.testing.assert_close(back[0], rotations)
    torch.testing.assert_close(back[1], translation)


def test_the_long_lens_is_the_camera_of_augmented_crops_alike():
    batch = AugmentationBatch.of(MANY)
    plain = cameras_like(torch.zeros(len(MANY), 1), LONG_LENSES)
    augmented = augment_cameras(plain, batch)
    assert torch.equal(augmented.focal_length_px, plain.focal_length_px)
    assert torch.equal(augmented.principal_point_px, plain.principal_point_px)
    assert torch.equal(augmented.axis_px, plain.axis_px)


def test_joints_follow_the_pose(open_body):
    pose, betas, _ = bodies(len(MANY), seed=5)
    body = KeypointBody(open_body)
    for row, augmentation in enumerate(MANY):
        moved = augment_pose(pose[row], augmentation)
        plain, turned = (
            body.keypoints(pose_to_matrices(torch.tensor(item)[None]), betas[row : row + 1])[0]
            for item in (pose[row], moved)
        )
        about_pelvis = torch.cat([plain - plain[39], torch.ones(49, 1)], dim=1).numpy()
        wanted = (turned - turned[39]).numpy()
        got = augment_joints_3d(about_pelvis, augmentation)
        np.testing.assert_allclose(got[:, :3], wanted, atol=0.006 if augmentation.flip else 1e-5)


def test_crop_averages_instead_of_aliasing():
    """A checkerboard far finer than the crop becomes even grey, turned or not."""
    checkers = np.indices((1200, 1200)).sum(axis=0) % 2 * 255
    picture = np.repeat(checkers[..., None], 3, axis=2).astype(np.uint8)
    box = Box(600, 600, 800)
    for rotation in (0.0, 0.4):
        crop = augmented_crop(picture, box, Augmentation(rotation_rad=rotation), size_px=64)
        assert np.abs(crop - 127.5).max() < 25


def test_color_gain_is_not_rounded_and_stays_in_range():
    picture = np.full((50, 50, 3), 101, np.uint8)
    gain = Augmentation(color_gain=(0.5, 1.37, 3.0))
    crop = augmented_crop(picture, Box(25, 25, 20), gain, size_px=8)
    np.testing.assert_allclose(crop[4, 4], [50.5, 138.37, 255], rtol=1e-5)


def test_drawn_augmentations_have_the_published_spread():
    rng = np.random.default_rng(0)
    drawn = [draw_augmentation(rng, AugmentationSettings()) for _ in range(4000)]
    rotations = np.degrees([item.rotation_rad for item in drawn])
    scales = np.array([item.scale for item in drawn])
    gains = np.array([item.color_gain for item in drawn])
    assert np.mean([item.flip for item in drawn]) == pytest.approx(0.5, abs=0.03)
    assert np.mean(rotations == 0) == pytest.approx(0.6, abs=0.03)
    assert np.abs(rotations).max() == pytest.approx(60, abs=0.01)
    assert np.std(rotations[rotations != 0]) == pytest.approx(28, abs=2)
    assert (scales.min(), scales.max()) == (0.75, 1.25)
    assert scales.mean() == pytest.approx(1, abs=0.01)
    assert gains.min() > 0.6 > gains.min() - 0.01
    assert gains.max() < 1.4


def test_settings_without_augmentation_draw_none():
    rng = np.random.default_rng(0)
    for _ in range(20):
        assert draw_augmentation(rng, NO_AUGMENTATION_SETTINGS) == NO_AUGMENTATION


def test_impossible_settings_and_shapes_are_refused(open_body):
    with pytest.raises(StudioError, match="Shares"):
        AugmentationSettings(flip_share=1.5)
    with pytest.raises(StudioError, match="below 1"):
        AugmentationSettings(scale_spread=1.0)
    with pytest.raises(ShapeError):
        augment_keypoints(np.zeros((25, 3)), BOX, NO_AUGMENTATION)
    with pytest.raises(ShapeError):
        augment_rotations(torch.zeros(2, 24, 3, 3), AugmentationBatch.of(MANY))
