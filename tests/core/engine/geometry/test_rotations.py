"""Rotations: stable at zero and near pi, in values and in gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from core.engine.geometry import rotations
from core.errors import ShapeError


def random_axes(count: int) -> Tensor:
    axes = torch.randn(count, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return axes / axes.norm(dim=-1, keepdim=True)


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-4, 0.5, 2.0, 3.1, math.pi - 1e-6])
def test_axis_angle_survives_the_way_through_matrices(angle: float) -> None:
    axis_angle = random_axes(20) * angle
    back = rotations.matrix_to_axis_angle(rotations.axis_angle_to_matrix(axis_angle))
    torch.testing.assert_close(back, axis_angle, atol=1e-6, rtol=0)


def test_half_turns_come_back_as_the_same_rotation() -> None:
    """At pi the axis may change sign; the rotation may not."""
    matrices = rotations.axis_angle_to_matrix(random_axes(50) * math.pi)
    axis_angle = rotations.matrix_to_axis_angle(matrices)
    torch.testing.assert_close(axis_angle.norm(dim=-1), torch.full((50,), math.pi).double())
    again = rotations.axis_angle_to_matrix(axis_angle)
    torch.testing.assert_close(again, matrices, atol=1e-6, rtol=0)


def test_single_precision_is_stable_too() -> None:
    for angle in (0.0, 1e-6, math.pi - 1e-4, math.pi):
        axis_angle = (random_axes(50) * angle).float()
        matrices = rotations.axis_angle_to_matrix(axis_angle)
        again = rotations.axis_angle_to_matrix(rotations.matrix_to_axis_angle(matrices))
        torch.testing.assert_close(again, matrices, atol=2e-3, rtol=0)


ANGLES = [0.0, 1e-12, 1e-7, 0.9e-3, 1.1e-3, 0.3, 2.0, math.pi - 1e-3, math.pi - 1e-9, math.pi, 5.0]
"""Around the places where the formulas change, and beyond a half-turn."""


@pytest.mark.parametrize("angle", ANGLES)
def test_matrices_and_vectors_are_those_of_scipy(angle: float) -> None:
    axis_angle = random_axes(30) * angle
    expected = Rotation.from_rotvec(axis_angle.numpy())
    matrices = rotations.axis_angle_to_matrix(axis_angle)
    np.testing.assert_allclose(matrices, expected.as_matrix(), atol=1e-13)
    back = rotations.matrix_to_axis_angle(torch.from_numpy(expected.as_matrix()))
    apart = Rotation.from_rotvec(back.numpy()) * expected.inv()
    assert apart.magnitude().max() < 1e-13
    assert back.norm(dim=-1).max() <= math.pi + 1e-15


def test_derivatives_are_right_wherever_a_vector_may_be() -> None:
    """By the second derivative, too: the solvers' own are checked against them."""
    for angle in (1e-12, 0.9e-3, 1.1e-3, 0.7, 3.0):
        axis_angle = (random_axes(2) * angle).requires_grad_()
        assert torch.autograd.gradcheck(rotations.axis_angle_to_matrix, axis_angle)
        assert torch.autograd.gradgradcheck(rotations.axis_angle_to_matrix, axis_angle)
        matrix = rotations.axis_angle_to_matrix(axis_angle.detach()).requires_grad_()
        assert torch.autograd.gradcheck(rotations.matrix_to_axis_angle, matrix)


def test_the_nearest_rotation_is_one_and_no_mirror_image() -> None:
    random = torch.randn(50, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    nearest = rotations.nearest_rotation(random)
    torch.testing.assert_close(torch.linalg.det(nearest), torch.ones(50).double())
    torch.testing.assert_close(nearest @ nearest.mT, torch.eye(3).double().expand(50, 3, 3))
    distance = (nearest - random).norm(dim=(-2, -1))
    for turn in rotations.axis_angle_to_matrix(random_axes(20) * 1e-3):
        assert (((turn @ nearest) - random).norm(dim=(-2, -1)) > distance).all()


def test_half_way_between_two_rotations_is_the_nearest_to_their_sum() -> None:
    axes = random_axes(10)
    first, second, middle = (
        rotations.axis_angle_to_matrix(axes * angle) for angle in (0.2, 1.8, 1.0)
    )
    torch.testing.assert_close(rotations.nearest_rotation(first + second), middle)


def test_matrices_turn_by_the_right_hand() -> None:
    quarter = rotations.axis_angle_to_matrix(torch.tensor([0.0, 0.0, math.pi / 2]))
    turned = quarter @ torch.tensor([1.0, 0.0, 0.0])
    torch.testing.assert_close(turned, torch.tensor([0.0, 1.0, 0.0]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("angle", [0.0, 1e-8, 0.7, math.pi - 1e-5])
def test_gradients_are_finite_and_right(angle: float) -> None:
    """The original's conversion gave NaN at the identity."""
    axis_angle = (random_axes(4) * angle).requires_grad_()
    rotations.axis_angle_to_matrix(axis_angle)[..., 0, 1].sum().backward()
    assert axis_angle.grad is not None
    assert torch.isfinite(axis_angle.grad).all()
    step = 1e-6
    with torch.no_grad():
        for index in range(3):
            shift = torch.zeros(3, dtype=torch.float64)
            shift[index] = step
            ahead = rotations.axis_angle_to_matrix(axis_angle + shift)[..., 0, 1]
            behind = rotations.axis_angle_to_matrix(axis_angle - shift)[..., 0, 1]
            slope = (ahead - behind) / (2 * step)
            torch.testing.assert_close(axis_angle.grad[:, index], slope, atol=1e-5, rtol=0)


def test_gradients_back_to_axis_angle_are_finite_at_the_identity() -> None:
    matrix = torch.eye(3, dtype=torch.float64).requires_grad_()
    rotations.matrix_to_axis_angle(matrix).sum().backward()
    assert matrix.grad is not None
    assert torch.isfinite(matrix.grad).all()


def test_a_pose_is_24_rotations_root_first() -> None:
    pose = torch.zeros(2, 72)
    pose[1, 3:6] = torch.tensor([0.1, 0.2, 0.3])
    matrices = rotations.pose_to_matrices(pose)
    assert matrices.shape == (2, 24, 3, 3)
    torch.testing.assert_close(matrices[0], torch.eye(3).expand(24, 3, 3))
    torch.testing.assert_close(matrices[1, 1], rotations.axis_angle_to_matrix(pose[1, 3:6]))


def test_the_angle_between_rotations_is_the_turn_that_joins_them() -> None:
    axes = random_axes(10)
    first = rotations.axis_angle_to_matrix(axes * 0.4)
    second = rotations.axis_angle_to_matrix(axes * 1.9)
    angles = rotations.geodesic_angle(first, second)
    torch.testing.assert_close(angles, torch.full((10,), 1.5).double(), atol=1e-6, rtol=0)
    # The half-turn and the identity are the far ends.
    half_turn = rotations.axis_angle_to_matrix(axes * math.pi)
    farthest = rotations.geodesic_angle(half_turn, torch.eye(3).double().expand(10, 3, 3))
    torch.testing.assert_close(farthest, torch.full((10,), math.pi).double(), atol=1e-4, rtol=0)


def test_a_body_that_faces_the_camera_stands_upright_in_the_picture() -> None:
    facing = rotations.facing_root(torch.zeros(1))[0]
    expected = torch.diag(torch.tensor([1.0, -1.0, -1.0]))  # as in SPIN's mean parameters
    torch.testing.assert_close(facing, expected, atol=1e-6, rtol=0)


@pytest.mark.parametrize("yaw", [0.0, 0.6, math.pi / 2, math.pi, -2.0])
def test_a_yaw_turns_about_the_bodys_vertical(yaw: float) -> None:
    root = rotations.facing_root(torch.tensor([yaw]))[0]
    up, forward = root @ torch.tensor([0.0, 1, 0]), root @ torch.tensor([0.0, 0, 1])
    torch.testing.assert_close(up, torch.tensor([0.0, -1.0, 0.0]), atol=1e-6, rtol=0)
    goal = torch.tensor([math.sin(yaw), 0.0, -math.cos(yaw)])
    torch.testing.assert_close(forward, goal, atol=1e-6, rtol=0)


def test_wrapped_rotations_are_the_same_with_angles_up_to_pi() -> None:
    axis_angle = (random_axes(30) * torch.linspace(0, 12, 30).double()[:, None]).float().numpy()
    wrapped = rotations.wrap_axis_angle(axis_angle)
    assert wrapped.dtype == np.float32
    assert np.linalg.norm(wrapped, axis=-1).max() <= math.pi + 1e-5
    before = rotations.axis_angle_to_matrix(torch.from_numpy(axis_angle).double())
    after = rotations.axis_angle_to_matrix(torch.from_numpy(wrapped).double())
    torch.testing.assert_close(after, before, atol=1e-5, rtol=0)


def test_wrong_shapes_are_refused_at_the_door() -> None:
    with pytest.raises(ShapeError, match="axis_angle"):
        rotations.axis_angle_to_matrix(torch.zeros(2, 4))
    with pytest.raises(ShapeError, match="matrix"):
        rotations.matrix_to_axis_angle(torch.zeros(2, 3, 4))
    with pytest.raises(ShapeError, match="pose_axis_angle"):
        rotations.pose_to_matrices(torch.zeros(2, 69))
