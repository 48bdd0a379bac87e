"""Mirroring in depth keeps what the camera sees, and bones keep their lengths."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.conventions import SKELETON_PARENTS
from core.body.depth_mirror import TURNED_JOINTS, PosedSkeleton, mirrored_rotations
from core.engine.body.keypoint_forward import KeypointBody
from core.geometry.rotations import pose_to_matrices
from core.types.body_parts import BodyPart

FOCAL_PX = 5000.0
FAR_ENDS = {
    part: [child for child, parent in enumerate(SKELETON_PARENTS) if parent in joints]
    for part, joints in TURNED_JOINTS.items()
}
LIMBS = [part for part in BodyPart if part is not BodyPart.WHOLE_BODY]


@pytest.fixture(scope="module")
def keypoint_body(open_body) -> KeypointBody:
    return KeypointBody(open_body)


def skeleton_of(body: KeypointBody, pose: np.ndarray, depth_m: float = 40.0) -> PosedSkeleton:
    with torch.no_grad():
        posed = body.posed(
            pose_to_matrices(torch.tensor(pose[None], dtype=torch.float32)), torch.zeros(1, 10)
        )
    translation = np.array([0.3, -0.2, depth_m])
    return PosedSkeleton(
        posed.joints[0].double().numpy() + translation, posed.bone_rotations[0].double().numpy()
    )


def joints_of(skeleton: PosedSkeleton, rotations: np.ndarray) -> np.ndarray:
    """Where joints lie when bones are turned: rest bones come from the old rotations."""
    joints = skeleton.joints.copy()
    for joint, parent in enumerate(SKELETON_PARENTS[1:], start=1):
        bone = skeleton.joints[joint] - skeleton.joints[parent]
        at_rest = skeleton.rotations[parent].T @ bone
        joints[joint] = joints[parent] + rotations[parent] @ at_rest
    return joints


def pixels(joints: np.ndarray) -> np.ndarray:
    return FOCAL_PX * joints[:, :2] / joints[:, 2:]


@pytest.fixture(params=range(4))
def pose(request) -> np.ndarray:
    """Bodies that face any way with limbs bent by up to a radian."""
    drawn = np.random.default_rng(request.param)
    pose = drawn.uniform(-0.6, 0.6, 72)
    pose[:3] = [np.pi, 0, 0] if request.param == 0 else drawn.uniform(-1.5, 1.5, 3)
    return pose


@pytest.mark.parametrize("part", LIMBS)
def test_every_joint_of_a_mirrored_limb_keeps_its_pixel(keypoint_body, pose, part):
    skeleton = skeleton_of(keypoint_body, pose)
    mirrored = joints_of(skeleton, mirrored_rotations(skeleton, part))
    ends = FAR_ENDS[part]
    moved = np.abs(pixels(mirrored) - pixels(skeleton.joints))[ends]
    reachable = moved.max(axis=1) < 1e-4
    # A bone nearly across the view may miss its ray once the bone before it moved in depth; that
    # costs less than a pixel, and the first bone never does.
    assert reachable[0]
    assert moved.max() < 1.0


@pytest.mark.parametrize("part", LIMBS)
def test_seen_from_far_a_mirrored_limbs_bones_have_their_depth_negated(keypoint_body, pose, part):
    skeleton = skeleton_of(keypoint_body, pose, depth_m=10_000.0)
    mirrored = joints_of(skeleton, mirrored_rotations(skeleton, part))
    for joint in TURNED_JOINTS[part]:
        child = SKELETON_PARENTS.index(joint)
        before = (skeleton.joints[child] - skeleton.joints[joint])[2]
        after = (mirrored[child] - mirrored[joint])[2]
        assert after == pytest.approx(-before, abs=2e-3)


@pytest.mark.parametrize("part", list(BodyPart))
def test_rotations_stay_rotations_and_other_bones_stay(keypoint_body, pose, part):
    skeleton = skeleton_of(keypoint_body, pose)
    turned = mirrored_rotations(skeleton, part)
    identity = np.broadcast_to(np.eye(3), (24, 3, 3))
    np.testing.assert_allclose(turned @ turned.transpose(0, 2, 1), identity, atol=1e-5)
    np.testing.assert_allclose(np.linalg.det(turned), 1, atol=1e-5)
    below = set(TURNED_JOINTS[part])
    for joint, parent in enumerate(SKELETON_PARENTS):
        if parent in below:
            below.add(joint)
    kept = [joint for joint in range(24) if joint not in below]
    np.testing.assert_array_equal(turned[kept], skeleton.rotations[kept])


@pytest.mark.parametrize("part", LIMBS)
def test_mirrored_twice_is_as_before(keypoint_body, pose, part):
    skeleton = skeleton_of(keypoint_body, pose)
    once = mirrored_rotations(skeleton, part)
    between = PosedSkeleton(joints_of(skeleton, once), once)
    twice = mirrored_rotations(between, part)
    back = joints_of(between, twice)
    first = TURNED_JOINTS[part][0]
    end = SKELETON_PARENTS.index(first)
    np.testing.assert_allclose(back[end], skeleton.joints[end], atol=1e-6)


def test_a_bent_elbow_keeps_its_bend_and_its_hinge(keypoint_body):
    """The limb is turned as a whole in the shoulder: a mirrored arm does not break the elbow."""
    pose = np.zeros(72)
    pose[0] = np.pi
    pose[3 * 18 : 3 * 18 + 3] = [0, -1.0, 0]
    pose[3 * 16 : 3 * 16 + 3] = [0, -0.4, -0.5]
    skeleton = skeleton_of(keypoint_body, pose, depth_m=4000.0)
    turned = mirrored_rotations(skeleton, BodyPart.LEFT_ARM)
    before = skeleton.rotations[16].T @ skeleton.rotations[18]
    after = turned[16].T @ turned[18]
    np.testing.assert_allclose(after, before, atol=5e-3)


def test_a_whole_body_leans_the_other_way(keypoint_body):
    pose = np.zeros(72)
    pose[0] = np.pi
    pose[9:12] = [0.5, 0, 0]
    skeleton = skeleton_of(keypoint_body, pose)
    mirrored = joints_of(skeleton, mirrored_rotations(skeleton, BodyPart.WHOLE_BODY))
    head_before, head_after = (joint[15, 2] - joint[0, 2] for joint in (skeleton.joints, mirrored))
    assert head_before * head_after < 0
    limbs = [4, 5, 7, 8, 15, 18, 19, 20, 21]
    moved = np.abs(pixels(mirrored) - pixels(skeleton.joints))[limbs]
    assert moved.max() < 1.0


def test_a_bone_that_cannot_reach_its_ray_ends_at_the_nearest_place(keypoint_body):
    """Seen from 2 m a mirrored upper arm makes the forearm's ray pass by; nothing breaks."""
    pose = np.zeros(72)
    pose[0] = np.pi
    pose[3 * 16 : 3 * 16 + 3] = [0, -1.2, 0]
    pose[3 * 18 : 3 * 18 + 3] = [0, 1.2, 0]
    skeleton = skeleton_of(keypoint_body, pose, depth_m=2.0)
    turned = mirrored_rotations(skeleton, BodyPart.LEFT_ARM)
    assert np.isfinite(turned).all()
    mirrored = joints_of(skeleton, turned)
    lengths = [np.linalg.norm(item[20] - item[18]) for item in (mirrored, skeleton.joints)]
    assert lengths[0] == pytest.approx(lengths[1])
