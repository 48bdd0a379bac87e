"""The keypoint-only body equals the full mesh, and its derivatives equal autograd's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.arrays import body_arrays_from
from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_PARENTS
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.errors import ShapeError
from core.geometry.rotation_jacobian import right_jacobian
from core.geometry.rotations import axis_angle_to_matrix, pose_to_matrices

SMPL_VERTICES = 6890


def forged_smpl(*, dtype: torch.dtype = torch.float32) -> BodyModel:
    """Random arrays of SMPL's shapes: every blend shape and the extra regressor dense."""
    rng = np.random.default_rng(5)
    joints = rng.uniform(-0.8, 0.8, (24, 3))
    carrier = rng.integers(0, 24, SMPL_VERTICES)
    skinning = np.zeros((SMPL_VERTICES, 24))
    for _ in range(4):
        bones = rng.integers(0, 24, SMPL_VERTICES)
        skinning[np.arange(SMPL_VERTICES), bones] += rng.random(SMPL_VERTICES)
    regressor = rng.random((24, SMPL_VERTICES)) * (rng.random((24, SMPL_VERTICES)) < 0.01)
    entries = {
        "v_template": joints[carrier] + rng.normal(0, 0.05, (SMPL_VERTICES, 3)),
        "shapedirs": rng.normal(0, 0.01, (SMPL_VERTICES, 3, 10)),
        "posedirs": rng.normal(0, 1e-3, (SMPL_VERTICES, 3, 207)),
        "J_regressor": regressor / regressor.sum(1, keepdims=True),
        "weights": skinning / skinning.sum(1, keepdims=True),
        "kintree_table": np.stack([np.array(SKELETON_PARENTS), np.arange(24)]),
        "f": rng.integers(0, SMPL_VERTICES, (100, 3)),
        "J_regressor_extra": rng.dirichlet(np.ones(SMPL_VERTICES), 9),
    }
    # smplx itself reads arrays through single precision, as files hold them.
    rounded = {
        name: array.astype(np.float32) if array.dtype.kind == "f" else array
        for name, array in entries.items()
    }
    ids = dict(zip(PICKED_VERTEX_NAMES, range(21), strict=True))
    arrays = body_arrays_from(rounded, path=Path("forged"), vertex_ids=ids)
    return BodyModel(arrays, name="forged SMPL", dtype=dtype)


def random_bodies(
    count: int, *, dtype: torch.dtype = torch.float32, seed: int = 0
) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    pose = torch.randn(count, 72, generator=generator, dtype=torch.float64) * 0.8
    betas = torch.randn(count, 10, generator=generator, dtype=torch.float64) * 1.5
    return pose.to(dtype), betas.to(dtype)


@pytest.fixture(scope="module")
def precise_body() -> BodyModel:
    return load_body(dtype=torch.float64)


def test_equals_the_full_mesh_on_a_hundred_random_bodies(open_body: BodyModel) -> None:
    pose, betas = random_bodies(100)
    difference = (
        KeypointBody(open_body).keypoints(pose_to_matrices(pose), betas)
        - open_body.posed(pose, betas).keypoints
    )
    assert difference.abs().max() < 1e-5


def test_equals_the_full_mesh_of_a_body_of_smpl_shape() -> None:
    model = forged_smpl()
    body = KeypointBody(model)
    pose, betas = random_bodies(100)
    difference = 0.0
    for rows in torch.arange(100).split(20):
        fast = body.keypoints(pose_to_matrices(pose[rows]), betas[rows])
        full = model.posed(pose[rows], betas[rows]).keypoints
        difference = max(difference, float((fast - full).abs().max()))
    assert difference < 1e-5


def test_shares_what_keypoints_have_in_common(open_body: BodyModel) -> None:
    body = KeypointBody(open_body)
    assert body.num_distinct == 34
    pose, betas = random_bodies(2)
    keypoints = body.keypoints(pose_to_matrices(pose), betas)
    assert torch.equal(keypoints[:, 11], keypoints[:, 25])


@pytest.mark.parametrize("forged", [False, True])
def test_gradient_equals_autograd_through_the_full_mesh(
    precise_body: BodyModel, *, forged: bool
) -> None:
    model = forged_smpl(dtype=torch.float64) if forged else precise_body
    pose, betas = random_bodies(2, dtype=torch.float64)
    matrices = pose_to_matrices(pose).requires_grad_()
    betas.requires_grad_()
    weights = torch.randn(2, 49, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    fast = (KeypointBody(model).keypoints(matrices, betas) * weights).sum()
    full = (model(matrices, betas).keypoints * weights).sum()
    for ours, theirs in zip(
        torch.autograd.grad(fast, (matrices, betas)),
        torch.autograd.grad(full, (matrices, betas)),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


def _pose_jacobians(model: BodyModel) -> tuple[torch.Tensor, torch.Tensor]:
    """(B, 3U, 72): analytic, and by autograd, over root turns and axis-angle numbers."""
    body = KeypointBody(model)
    pose, betas = random_bodies(1, dtype=torch.float64)
    posed = body.posed(pose_to_matrices(pose), betas)
    frames = posed.bone_rotations.clone()
    frames[:, 1:] = frames[:, 1:] @ right_jacobian(pose.view(-1, 24, 3)[:, 1:])
    axes = torch.eye(3, dtype=torch.float64)[None, ..., None].expand(1, 3, 3, body.num_distinct)
    derivatives = body.row_derivatives(posed, axes, frames)
    torch.testing.assert_close(
        derivatives[:, 72:82].permute(0, 3, 2, 1), body.betas_jacobian(posed), rtol=0, atol=1e-12
    )
    analytic = derivatives[:, :72].permute(0, 3, 2, 1).reshape(1, -1, 72)

    def keypoints(step: torch.Tensor) -> torch.Tensor:
        turned = axis_angle_to_matrix(pose.view(-1, 24, 3)[:, :1]) @ axis_angle_to_matrix(
            step.view(-1, 24, 3)[:, :1]
        )
        rest = axis_angle_to_matrix(pose.view(-1, 24, 3)[:, 1:] + step.view(-1, 24, 3)[:, 1:])
        return body.distinct_keypoints(torch.cat([turned, rest], 1), betas).flatten(1)

    full = torch.autograd.functional.jacobian(keypoints, torch.zeros_like(pose))
    rows = torch.arange(1)
    return analytic, full[rows, :, rows]


def test_pose_jacobian_equals_autograd_where_blend_shapes_do_not_matter(
    precise_body: BodyModel,
) -> None:
    """The root drives no blend shape: exact. Elsewhere the part left out is small."""
    analytic, full = _pose_jacobians(precise_body)
    torch.testing.assert_close(analytic[..., :3], full[..., :3], rtol=1e-9, atol=1e-12)
    assert (analytic - full).abs().max() < 0.02
    assert (analytic - full).norm() < 0.01 * full.norm()


def test_pose_jacobian_is_exact_for_a_body_without_pose_blend_shapes(
    precise_body: BodyModel,
) -> None:
    entries = {name: getattr(precise_body.arrays, name) for name in (
        "v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f",
        "J_regressor_extra",
    )}  # fmt: skip
    entries["posedirs"] = np.zeros_like(entries["posedirs"])
    arrays = body_arrays_from(
        entries, path=Path("stiff"), vertex_ids=precise_body.arrays.vertex_ids
    )
    analytic, full = _pose_jacobians(BodyModel(arrays, name="stiff", dtype=torch.float64))
    torch.testing.assert_close(analytic, full, rtol=1e-8, atol=1e-10)


def test_betas_jacobian_equals_autograd(precise_body: BodyModel) -> None:
    body = KeypointBody(precise_body)
    pose, betas = random_bodies(2, dtype=torch.float64)
    matrices = pose_to_matrices(pose)
    full = torch.autograd.functional.jacobian(
        lambda values: body.distinct_keypoints(matrices, values), betas
    )
    analytic = body.betas_jacobian(body.posed(matrices, betas))
    rows = torch.arange(2)
    torch.testing.assert_close(analytic, full[rows, :, :, rows], rtol=1e-9, atol=1e-12)


def test_the_root_turns_the_body_about_the_root_joint(open_body: BodyModel) -> None:
    body = KeypointBody(open_body)
    pose, betas = random_bodies(4)
    posed = body.posed(pose_to_matrices(pose), betas)
    torch.testing.assert_close(posed.joints[:, 0], body.root_joint(betas))
    torch.testing.assert_close(open_body.posed(pose, betas).joints, posed.joints, rtol=0, atol=1e-5)


def test_wrong_shapes_are_named(open_body: BodyModel) -> None:
    body = KeypointBody(open_body)
    with pytest.raises(ShapeError, match="pose_matrices"):
        body.keypoints(torch.zeros(2, 23, 3, 3), torch.zeros(2, 10))
    with pytest.raises(ShapeError, match="betas"):
        body.keypoints(torch.zeros(2, 24, 3, 3), torch.zeros(3, 10))
