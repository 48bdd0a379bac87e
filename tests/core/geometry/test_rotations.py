"""Rotations of arrays and tensors: stable at zero and near pi, in values and in gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from core.errors import ShapeError
from core.geometry import rotations


def random_axes(count: int) -> np.ndarray:
    axes = np.random.default_rng(0).normal(size=(count, 3))
    return axes / np.linalg.norm(axes, axis=-1, keepdims=True)


ANGLES = [0.0, 1e-12, 1e-7, 0.9e-3, 1.1e-3, 0.3, 2.0, math.pi - 1e-3, math.pi - 1e-9, math.pi, 5.0]
"""Around the places where the formulas change, and beyond a half-turn."""


@pytest.mark.parametrize("angle", ANGLES)
def test_matrices_and_vectors_are_those_of_scipy(array, angle: float) -> None:
    axis_angle = random_axes(30) * angle
    expected = Rotation.from_rotvec(axis_angle)
    matrices = rotations.axis_angle_to_matrix(array(axis_angle))
    np.testing.assert_allclose(matrices, expected.as_matrix(), atol=1e-13)
    back = np.asarray(rotations.matrix_to_axis_angle(array(expected.as_matrix())))
    apart = Rotation.from_rotvec(back) * expected.inv()
    assert apart.magnitude().max() < 1e-13
    assert np.linalg.norm(back, axis=-1).max() <= math.pi + 1e-15


@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-4, 0.5, 2.0, 3.1, math.pi - 1e-6])
def test_axis_angle_survives_the_way_through_matrices(array, angle: float) -> None:
    axis_angle = random_axes(20) * angle
    back = rotations.matrix_to_axis_angle(rotations.axis_angle_to_matrix(array(axis_angle)))
    np.testing.assert_allclose(back, axis_angle, atol=1e-9)


def test_half_turns_come_back_as_the_same_rotation(array) -> None:
    """At pi the axis may change sign; the rotation may not."""
    matrices = rotations.axis_angle_to_matrix(array(random_axes(50) * math.pi))
    axis_angle = rotations.matrix_to_axis_angle(matrices)
    np.testing.assert_allclose(np.linalg.norm(axis_angle, axis=-1), math.pi)
    again = rotations.axis_angle_to_matrix(axis_angle)
    np.testing.assert_allclose(again, matrices, atol=1e-12)


def test_no_rotations_are_no_rotations(array) -> None:
    none = array(np.zeros((0, 24, 3)))
    matrices = rotations.axis_angle_to_matrix(none)
    assert tuple(matrices.shape) == (0, 24, 3, 3)
    assert tuple(rotations.matrix_to_axis_angle(matrices).shape) == (0, 24, 3)


def test_the_precision_is_kept_and_single_precision_is_stable_too(array) -> None:
    for angle in (0.0, 1e-6, math.pi - 1e-4, math.pi):
        axis_angle = array(random_axes(50) * angle, "float32")
        matrices = rotations.axis_angle_to_matrix(axis_angle)
        back = rotations.matrix_to_axis_angle(matrices)
        assert matrices.dtype == back.dtype == axis_angle.dtype
        again = rotations.axis_angle_to_matrix(back)
        np.testing.assert_allclose(again, matrices, atol=2e-3)


def test_derivatives_are_right_wherever_a_vector_may_be() -> None:
    """By the second derivative, too: the solvers' own are checked against them."""
    for angle in (0.0, 1e-12, 0.9e-3, 1.1e-3, 0.7, 3.0, math.pi - 1e-6):
        axis_angle = torch.tensor(random_axes(2) * angle, requires_grad=True)
        assert torch.autograd.gradcheck(rotations.axis_angle_to_matrix, axis_angle)
        assert torch.autograd.gradgradcheck(rotations.axis_angle_to_matrix, axis_angle)
        matrix = rotations.axis_angle_to_matrix(axis_angle.detach()).requires_grad_()
        assert torch.autograd.gradcheck(rotations.matrix_to_axis_angle, matrix)


def test_gradients_at_the_identity_are_those_of_the_cross_product() -> None:
    """The original's conversion gave NaN there."""
    axis_angle = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    rotations.axis_angle_to_matrix(axis_angle)[1, 0].backward()
    assert axis_angle.grad is not None
    assert axis_angle.grad.tolist() == [0.0, 0.0, 1.0]
    matrix = torch.eye(3, dtype=torch.float64).requires_grad_()
    rotations.matrix_to_axis_angle(matrix).sum().backward()
    assert matrix.grad is not None
    assert torch.isfinite(matrix.grad).all()


def test_the_nearest_rotation_is_one_and_no_mirror_image(array) -> None:
    random = np.random.default_rng(1).normal(size=(50, 3, 3))
    nearest = np.asarray(rotations.nearest_rotation(array(random)))
    np.testing.assert_allclose(np.linalg.det(nearest), 1)
    np.testing.assert_allclose(nearest @ nearest.mT, np.tile(np.eye(3), (50, 1, 1)), atol=1e-12)
    distance = np.linalg.norm(nearest - random, axis=(-2, -1))
    for turn in rotations.axis_angle_to_matrix(random_axes(20) * 1e-3):
        assert (np.linalg.norm(turn @ nearest - random, axis=(-2, -1)) > distance).all()


def test_the_nearest_rotation_of_a_scaled_one_is_itself(array) -> None:
    matrices = rotations.axis_angle_to_matrix(array(random_axes(20) * 2.0))
    np.testing.assert_allclose(rotations.nearest_rotation(1.3 * matrices), matrices, atol=1e-12)


def test_half_way_between_two_rotations_is_the_nearest_to_their_sum(array) -> None:
    axes = random_axes(10)
    first, second, middle = (
        rotations.axis_angle_to_matrix(array(axes * angle)) for angle in (0.2, 1.8, 1.0)
    )
    nearest = rotations.nearest_rotation(first + second)
    np.testing.assert_allclose(nearest, middle, atol=1e-12)


def test_matrices_turn_by_the_right_hand(array) -> None:
    quarter = rotations.axis_angle_to_matrix(array([0.0, 0.0, math.pi / 2]))
    np.testing.assert_allclose(quarter @ array([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0], atol=1e-12)


def test_a_pose_is_24_rotations_root_first(array) -> None:
    pose = np.zeros((2, 72))
    pose[1, 3:6] = [0.1, 0.2, 0.3]
    matrices = rotations.pose_to_matrices(array(pose))
    assert tuple(matrices.shape) == (2, 24, 3, 3)
    np.testing.assert_allclose(matrices[0], np.tile(np.eye(3), (24, 1, 1)))
    of_joint = rotations.axis_angle_to_matrix(array(pose[1, 3:6]))
    np.testing.assert_allclose(matrices[1, 1], of_joint)


@pytest.mark.parametrize("angle", [0.0, 1e-6, 0.5, 1.5, 3.0, math.pi - 1e-3, math.pi])
def test_the_angle_between_rotations_is_the_turn_that_joins_them(array, angle: float) -> None:
    first = rotations.axis_angle_to_matrix(array(random_axes(10) * 0.4))
    turned = first @ rotations.axis_angle_to_matrix(array(random_axes(10)[::-1] * angle))
    np.testing.assert_allclose(rotations.geodesic_angle(first, turned), angle, atol=1e-7)


def test_gradients_of_the_angle_are_finite_also_at_zero_and_pi() -> None:
    identity = torch.eye(3, dtype=torch.float64)
    for angle in (0.0, 1e-8, 0.5, math.pi - 1e-6):
        axis_angle = torch.tensor(random_axes(4) * angle, requires_grad=True)
        turned = rotations.axis_angle_to_matrix(axis_angle)
        rotations.geodesic_angle(identity.expand(4, 3, 3), turned).sum().backward()
        assert axis_angle.grad is not None
        assert torch.isfinite(axis_angle.grad).all()


def test_a_body_that_faces_the_camera_stands_upright_in_the_picture(array) -> None:
    facing = rotations.facing_root(array([0.0]))[0]
    np.testing.assert_allclose(facing, np.diag([1.0, -1.0, -1.0]))  # as in SPIN's mean parameters


@pytest.mark.parametrize("yaw", [0.0, 0.6, math.pi / 2, math.pi, -2.0])
def test_a_yaw_turns_about_the_bodys_vertical(array, yaw: float) -> None:
    root = np.asarray(rotations.facing_root(array(yaw)))
    up, forward = root @ [0.0, 1, 0], root @ [0.0, 0, 1]
    np.testing.assert_allclose(up, [0.0, -1.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(forward, [math.sin(yaw), 0.0, -math.cos(yaw)], atol=1e-12)


@pytest.mark.parametrize("turns", [-2, -1, 0, 1, 3])
def test_wrapping_keeps_the_rotation_and_shortens_the_vector(array, turns: int) -> None:
    axis = np.array([0.6, -0.64, 0.48])
    wrapped = rotations.wrap_rotation_vector(array((1.3 + 2 * math.pi * turns) * axis))
    np.testing.assert_allclose(wrapped, 1.3 * axis)


def test_wrapped_rotations_are_the_same_with_angles_up_to_pi(array) -> None:
    axis_angle = random_axes(30) * np.linspace(0, 12, 30)[:, None]
    wrapped = np.asarray(rotations.wrap_rotation_vector(array(axis_angle)))
    assert np.linalg.norm(wrapped, axis=-1).max() <= math.pi + 1e-12
    before, after = (rotations.axis_angle_to_matrix(vectors) for vectors in (axis_angle, wrapped))
    np.testing.assert_allclose(after, before, atol=1e-12)


def test_wrapping_leaves_zero_alone(array) -> None:
    assert not np.asarray(rotations.wrap_rotation_vector(array(np.zeros((2, 3))))).any()


def test_wrong_shapes_are_refused_at_the_door(array) -> None:
    with pytest.raises(ShapeError, match="axis_angle"):
        rotations.axis_angle_to_matrix(array(np.zeros((2, 4))))
    with pytest.raises(ShapeError, match="matrix"):
        rotations.matrix_to_axis_angle(array(np.zeros((2, 3, 4))))
    with pytest.raises(ShapeError, match="pose_axis_angle"):
        rotations.pose_to_matrices(array(np.zeros((2, 69))))


def test_the_shortest_rotation_takes_one_direction_to_another(array) -> None:
    source, target = 3 * random_axes(40)[:20], 0.1 * random_axes(40)[20:]
    rotation = np.asarray(rotations.shortest_rotation(array(source), array(target)))
    expected = target / np.linalg.norm(target, axis=-1, keepdims=True)
    turned = np.einsum("nij,nj->ni", rotation, source) / 3
    np.testing.assert_allclose(turned, expected, atol=1e-14)
    axis = np.cross(source, target)
    np.testing.assert_allclose(np.einsum("nij,nj->ni", rotation, axis), axis, atol=1e-14)
    np.testing.assert_allclose(np.linalg.det(rotation), 1, atol=1e-13)


def test_the_shortest_rotation_between_equal_directions_is_none(array) -> None:
    axes = random_axes(10)
    rotation = rotations.shortest_rotation(array(axes), array(2 * axes))
    np.testing.assert_allclose(rotation, np.broadcast_to(np.eye(3), (10, 3, 3)), atol=1e-15)


def test_gradients_of_the_shortest_rotation_are_right() -> None:
    pair = torch.tensor(np.stack([random_axes(8)[:4], random_axes(8)[4:]]), requires_grad=True)
    assert torch.autograd.gradcheck(lambda both: rotations.shortest_rotation(*both), (pair,))
