"""The crop camera."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import ShapeError
from core.geometry.crop_camera import (
    CROP_CENTER_PX,
    FOCAL_LENGTH_PX,
    project_to_crop,
    translation_to_weak_perspective,
    weak_perspective_to_translation,
)


def test_a_point_on_the_axis_is_seen_in_the_middle_of_the_crop(array) -> None:
    seen = project_to_crop(array(np.zeros((1, 1, 3))), array([[0.0, 0.0, 40.0]]))
    np.testing.assert_allclose(seen, np.full((1, 1, 2), CROP_CENTER_PX))


def test_right_and_down_are_positive_and_far_things_are_small(array) -> None:
    points = array([[0.5, 0.25, 0.0], [0.5, 0.25, 50.0]])
    seen = project_to_crop(points, array([0.0, 0.0, 50.0])) - CROP_CENTER_PX
    np.testing.assert_allclose(seen, [[50.0, 25.0], [25.0, 12.5]])


def test_every_body_of_a_batch_has_its_own_camera(array) -> None:
    points = np.random.default_rng(0).normal(size=(3, 49, 3))
    translation = np.array([[0.0, 0, 40], [1, 0, 50], [0, -1, 60]])
    together = project_to_crop(array(points), array(translation))
    for index in range(3):
        alone = project_to_crop(array(points[index]), array(translation[index]))
        np.testing.assert_allclose(together[index], alone)


def test_weak_perspective_scale_is_the_size_in_half_crops(array) -> None:
    """A metre at the body's depth covers scale × 112 px."""
    translation = weak_perspective_to_translation(array([0.9, 0.1, -0.2]))
    assert float(translation[2]) == pytest.approx(2 * FOCAL_LENGTH_PX / (224 * 0.9))
    seen = project_to_crop(array([[0.0, 0, 0], [1.0, 0, 0]]), translation)
    assert float(seen[1, 0] - seen[0, 0]) == pytest.approx(0.9 * 112, abs=1e-4)
    assert seen[0].tolist() == pytest.approx([112 + 0.09 * 112, 112 - 0.18 * 112], abs=1e-4)


def test_weak_perspective_and_translation_are_inverses(array) -> None:
    camera = np.array([[0.9, 0.0, 0.0], [0.3, -0.4, 0.7], [1.6, 0.1, 0.2]])
    back = translation_to_weak_perspective(weak_perspective_to_translation(array(camera)))
    np.testing.assert_allclose(back, camera, atol=1e-9, rtol=1e-9)


def test_projection_can_be_differentiated() -> None:
    points = torch.randn(1, 3, 3, dtype=torch.float64, requires_grad=True)
    translation = torch.tensor([[0.1, 0.2, 40.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(project_to_crop, (points, translation))


def test_wrong_shapes_are_refused_at_the_door(array) -> None:
    with pytest.raises(ShapeError, match="points"):
        project_to_crop(array(np.zeros((1, 4, 2))), array(np.zeros((1, 3))))
