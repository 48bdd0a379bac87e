"""Bones and keypoints of arrays and tensors, against the joint-by-joint definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.body.arrays import BodyArrays
from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_PARENTS
from core.body.extra_joints import extra_regressor_for
from core.body.keypoint_collapse import collapse_keypoints
from core.body.keypoint_posing import KeypointPosing
from core.body.kinematics import BodyKinematics, ancestor_matrix, pose_features
from core.body.smpl_files import load_open_body_arrays
from core.errors import ShapeError
from core.geometry.rotations import pose_to_matrices


def numpy_array(numbers: Any) -> np.ndarray:
    return np.array(numbers)


def tensor(numbers: Any) -> torch.Tensor:
    return torch.from_numpy(np.array(numbers))


@pytest.fixture(params=[numpy_array, tensor], ids=["numpy", "torch"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture(scope="module")
def arrays() -> BodyArrays:
    return load_open_body_arrays()


def some_bodies(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pose matrices, the last pose at rest, and betas."""
    rng = np.random.default_rng(0)
    poses = rng.normal(0, 0.7, (count, 72))
    poses[-1] = 0
    return pose_to_matrices(poses), rng.normal(0, 1.5, (count, 10))


def walked(arrays: BodyArrays, matrices: np.ndarray, betas: np.ndarray) -> tuple[Any, Any]:
    """Rotations and joints of one body, joint by joint."""
    joints = arrays.J_regressor @ (arrays.v_template + arrays.shapedirs @ betas)
    rotations, posed = matrices.copy(), joints.copy()
    for joint, parent in enumerate(SKELETON_PARENTS):
        if parent >= 0:
            rotations[joint] = rotations[parent] @ matrices[joint]
            posed[joint] = posed[parent] + rotations[parent] @ (joints[joint] - joints[parent])
    return rotations, posed


def test_bones_are_where_the_walk_from_joint_to_joint_leads(kind: Any, arrays: BodyArrays) -> None:
    matrices, betas = some_bodies(5)
    bones = BodyKinematics(arrays, kind).posed(kind(matrices), kind(betas))
    for index in range(5):
        rotations, joints = walked(arrays, matrices[index], betas[index])
        np.testing.assert_allclose(bones.rotations[index], rotations, atol=1e-12)
        np.testing.assert_allclose(bones.joints[index], joints, atol=1e-12)
        parents = np.concatenate([np.eye(3)[None], rotations[list(SKELETON_PARENTS[1:])]])
        np.testing.assert_allclose(bones.parent_rotations[index], parents, atol=1e-12)


def test_at_rest_the_joints_are_those_of_the_shape(kind: Any, arrays: BodyArrays) -> None:
    matrices, betas = some_bodies(3)
    kinematics = BodyKinematics(arrays, kind)
    at_rest = kinematics.joints_at_rest(kind(betas))
    posed = kinematics.posed(kind(matrices), kind(betas))
    np.testing.assert_allclose(posed.joints[-1], at_rest[-1], atol=1e-12)
    np.testing.assert_allclose(kinematics.root_joint(kind(betas)), at_rest[:, 0], atol=1e-12)
    assert not np.asarray(pose_features(kind(matrices)))[-1].any()


def test_bones_can_be_differentiated(arrays: BodyArrays) -> None:
    matrices, betas = (tensor(part[:1]).requires_grad_() for part in some_bodies(2))
    kinematics = BodyKinematics(arrays, tensor)
    assert torch.autograd.gradcheck(
        lambda *body: kinematics.posed(*body).joints, (matrices, betas), fast_mode=True
    )


def test_a_joint_is_below_itself_and_its_ancestors() -> None:
    np.testing.assert_array_equal(
        ancestor_matrix([-1, 0, 1, 0]), [[1, 1, 1, 1], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    )


@pytest.fixture(scope="module")
def posings(arrays: BodyArrays) -> dict[Any, KeypointPosing[Any]]:
    collapsed = collapse_keypoints(
        arrays,
        picked_vertices=[arrays.vertex_ids[name] for name in PICKED_VERTEX_NAMES],
        extra_regressor=extra_regressor_for(arrays),
    )
    return {kind: KeypointPosing(arrays, collapsed, kind) for kind in (numpy_array, tensor)}


def test_arrays_and_tensors_have_the_same_keypoints(
    posings: dict[Any, KeypointPosing[Any]],
) -> None:
    """Those of tensors are held to the full mesh by the tests of the keypoint-only body."""
    matrices, betas = some_bodies(4)
    found, expected = (
        posings[kind].posed(kind(matrices), kind(betas)) for kind in (numpy_array, tensor)
    )
    np.testing.assert_allclose(found.distinct, expected.distinct, atol=1e-12)
    np.testing.assert_allclose(found.points, expected.points, atol=1e-12)


def test_no_bodies_have_no_keypoints(kind: Any, posings: dict[Any, KeypointPosing[Any]]) -> None:
    posed = posings[kind].posed(kind(np.zeros((0, 24, 3, 3))), kind(np.zeros((0, 10))))
    assert tuple(posed.distinct.shape) == (0, 34, 3)


def test_wrong_shapes_are_named(kind: Any, posings: dict[Any, KeypointPosing[Any]]) -> None:
    with pytest.raises(ShapeError, match="pose_matrices"):
        posings[kind].posed(kind(np.zeros((2, 23, 3, 3))), kind(np.zeros((2, 10))))
    with pytest.raises(ShapeError, match="betas"):
        posings[kind].posed(kind(np.zeros((2, 24, 3, 3))), kind(np.zeros((3, 10))))
