"""The full-mesh body against raw smplx, and its left-right symmetry."""

from __future__ import annotations

import numpy as np
import pytest
import smplx
import torch
from smplx.utils import Struct

from core.body.conventions import KEYPOINT_FLIP, KEYPOINT_TO_RAW_JOINT, SKELETON_FLIP, flip_pose
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.errors import ShapeError
from core.geometry.rotations import pose_to_matrices


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body(dtype=torch.float64)


def random_bodies(count: int, *, spread: float = 0.5) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(3)
    pose = torch.from_numpy(rng.normal(size=(count, 72)) * spread)
    return pose, torch.from_numpy(rng.normal(size=(count, 10)))


def test_keypoints_are_raw_smplxs_joints_in_the_convention_of_49(body: BodyModel) -> None:
    arrays = body.arrays
    keys = ("v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f")
    raw = smplx.SMPL(
        "",
        data_struct=Struct(**{key: getattr(arrays, key) for key in keys}),
        vertex_ids=dict(arrays.vertex_ids),
        batch_size=4,
        dtype=torch.float64,
    )
    pose, betas = random_bodies(4)
    expected = raw(global_orient=pose[:, :3], body_pose=pose[:, 3:], betas=betas)
    extra = torch.from_numpy(body.extra_regressor) @ expected.vertices
    joints = torch.cat([expected.joints, extra], dim=1)[:, list(KEYPOINT_TO_RAW_JOINT)]
    posed = body.posed(pose, betas)
    assert expected.joints.shape[1] == 45
    # smplx adds 1e-8 rad to every angle in its own conversion, hence not to the last digit.
    torch.testing.assert_close(posed.vertices, expected.vertices, atol=1e-7, rtol=0)
    torch.testing.assert_close(posed.keypoints, joints, atol=1e-7, rtol=0)
    torch.testing.assert_close(posed.joints, expected.joints[:, :24], atol=1e-7, rtol=0)


def test_axis_angle_and_matrices_pose_the_same_body(body: BodyModel) -> None:
    pose, betas = random_bodies(3)
    from_matrices = body(pose_to_matrices(pose), betas)
    torch.testing.assert_close(from_matrices.keypoints, body.posed(pose, betas).keypoints)


def test_a_flipped_pose_gives_the_mirrored_body(body: BodyModel) -> None:
    """Also checks the pose blend shapes: they must be mirrored like the mesh."""
    pose, betas = random_bodies(8)
    flipped = torch.from_numpy(flip_pose(pose.numpy()).astype(np.float64))
    mirror = torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64)
    first, second = body.posed(pose, betas), body.posed(flipped, betas)
    keypoints = first.keypoints[:, list(KEYPOINT_FLIP)] * mirror
    joints = first.joints[:, list(SKELETON_FLIP)] * mirror
    assert (second.keypoints - keypoints).norm(dim=2).max() < 1e-3
    assert (second.joints - joints).norm(dim=2).max() < 1e-3


def test_left_keypoints_lie_on_the_left_of_a_body_that_faces_forward(body: BodyModel) -> None:
    from core.body.conventions import KEYPOINT_NAMES, side_of_keypoint

    rest = body.posed(torch.zeros(1, 72).double(), torch.zeros(1, 10).double()).keypoints[0]
    for index in range(49):
        x = float(rest[index, 0])
        side = side_of_keypoint(index)
        placed = {"left": x > 0.01, "right": x < -0.01, "middle": abs(x) < 0.005}
        assert placed[side], (KEYPOINT_NAMES[index], x)
    nose, neck = rest[0], rest[1]
    assert nose[2] - neck[2] > 0.05
    assert nose[1] > neck[1]


def test_gradients_reach_pose_and_betas(body: BodyModel) -> None:
    pose, betas = random_bodies(2)
    pose.requires_grad_()
    betas.requires_grad_()
    body.posed(pose, betas).keypoints.square().sum().backward()
    assert torch.isfinite(pose.grad).all()
    assert betas.grad.abs().min() > 0
    # Wrists and hands move finger tips only, which are none of the 49.
    moved = pose.grad.abs().amax(dim=0).reshape(24, 3).amin(dim=1) > 0
    assert moved.tolist() == [True] * 20 + [False] * 4


def test_wrong_shapes_are_refused_at_the_door(body: BodyModel) -> None:
    matrices = torch.eye(3).double().expand(2, 24, 3, 3)
    with pytest.raises(ShapeError, match="pose_matrices"):
        body(matrices[:, :22], torch.zeros(2, 10).double())
    with pytest.raises(ShapeError, match="betas"):
        body(matrices, torch.zeros(1, 10).double())


def test_the_model_says_which_mesh_it_is(open_body: BodyModel) -> None:
    assert open_body.name == "open body"
    assert open_body.faces.shape[1] == 3
    assert len(open_body.picked_vertices) == 21
    assert open_body.extra_regressor.shape == (9, open_body.arrays.num_vertices)
