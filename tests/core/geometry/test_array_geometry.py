"""Rotations, projection and Procrustes of arrays against those of tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.engine.geometry.cameras import project_to_crop
from core.engine.geometry.procrustes import procrustes_aligned
from core.engine.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.errors import ShapeError
from core.geometry.crop_camera import seen_in_crop
from core.geometry.procrustes import aligned_points
from core.geometry.rotations import angles_between, pose_matrices, rotation_matrices


@pytest.mark.parametrize("angle", [0.0, 1e-12, 9e-5, 1.1e-4, 0.3, np.pi - 1e-7, np.pi, 5.0])
def test_matrices_are_those_of_tensors(angle: float) -> None:
    axes = np.random.default_rng(0).normal(size=(20, 3))
    vectors = angle * axes / np.linalg.norm(axes, axis=1, keepdims=True)
    expected = axis_angle_to_matrix(torch.from_numpy(vectors))
    np.testing.assert_allclose(rotation_matrices(vectors), expected, atol=1e-12)


def test_matrices_are_rotations_at_any_angle() -> None:
    vectors = np.random.default_rng(1).normal(size=(2, 50, 3)) * 3
    matrices = rotation_matrices(vectors)
    unit = matrices @ matrices.swapaxes(-1, -2)
    np.testing.assert_allclose(unit, np.broadcast_to(np.eye(3), unit.shape), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(matrices), 1, atol=1e-12)


def test_angles_between_rotations_are_those_of_tensors_also_at_zero_and_pi() -> None:
    axis = np.array([0.6, 0.0, 0.8])
    turns = np.array([0.0, 1e-6, 0.5, 3.0, np.pi - 1e-3, np.pi])
    start = rotation_matrices(np.array([0.3, -0.2, 0.9]))
    turned = start @ rotation_matrices(turns[:, None] * axis)
    found = angles_between(start, turned)
    np.testing.assert_allclose(found, turns, atol=1e-7)
    expected = geodesic_angle(torch.from_numpy(start)[None], torch.from_numpy(turned))
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_projection_is_that_of_tensors() -> None:
    rng = np.random.default_rng(2)
    points, camera = rng.normal(size=(3, 7, 3)), rng.normal((0, 0, 40), 1, (3, 3))
    expected = project_to_crop(torch.from_numpy(points), torch.from_numpy(camera))
    np.testing.assert_allclose(seen_in_crop(points, camera), expected, atol=1e-9)
    np.testing.assert_allclose(seen_in_crop(points[0], camera[0]), expected[0], atol=1e-9)


@pytest.mark.parametrize("mirrored", [False, True])
def test_procrustes_is_that_of_tensors(mirrored: bool) -> None:
    rng = np.random.default_rng(3)
    points, target = rng.normal(size=(2, 24, 3))
    if mirrored:
        target = points * [-1, 1, 1]
    expected = procrustes_aligned(torch.from_numpy(points)[None], torch.from_numpy(target)[None])
    np.testing.assert_allclose(aligned_points(points, target), expected[0], atol=1e-9)


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ShapeError, match="axis_angle"):
        rotation_matrices(np.zeros((5, 4)))
    with pytest.raises(ShapeError, match="pose_axis_angle"):
        pose_matrices(np.zeros(69))
    with pytest.raises(ShapeError, match="points"):
        seen_in_crop(np.zeros((5, 2)), np.zeros(3))
    with pytest.raises(ShapeError, match="points"):
        aligned_points(np.zeros((5, 3)), np.zeros((4, 3)))
