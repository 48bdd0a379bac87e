"""The crop camera."""

from __future__ import annotations

import pytest
import torch

from core.engine.geometry.cameras import (
    CROP_CENTER_PX,
    FOCAL_LENGTH_PX,
    project_to_crop,
    translation_to_weak_perspective,
    weak_perspective_to_translation,
)
from core.errors import ShapeError


def test_a_point_on_the_axis_is_seen_in_the_middle_of_the_crop() -> None:
    seen = project_to_crop(torch.zeros(1, 1, 3), torch.tensor([[0.0, 0.0, 40.0]]))
    torch.testing.assert_close(seen, torch.full((1, 1, 2), CROP_CENTER_PX))


def test_right_and_down_are_positive_and_far_things_are_small() -> None:
    points = torch.tensor([[[0.5, 0.25, 0.0], [0.5, 0.25, 50.0]]])
    seen = project_to_crop(points, torch.tensor([[0.0, 0.0, 50.0]])) - CROP_CENTER_PX
    torch.testing.assert_close(seen[0, 0], torch.tensor([50.0, 25.0]))
    torch.testing.assert_close(seen[0, 1], torch.tensor([25.0, 12.5]))


def test_every_body_of_a_batch_has_its_own_camera() -> None:
    points = torch.randn(3, 49, 3, dtype=torch.float64)
    translation = torch.tensor([[0.0, 0, 40], [1, 0, 50], [0, -1, 60]], dtype=torch.float64)
    together = project_to_crop(points, translation)
    for index in range(3):
        alone = project_to_crop(points[index : index + 1], translation[index : index + 1])
        torch.testing.assert_close(together[index : index + 1], alone)


def test_weak_perspective_scale_is_the_size_in_half_crops() -> None:
    """A metre at the body's depth covers scale × 112 px."""
    camera = torch.tensor([[0.9, 0.1, -0.2]], dtype=torch.float64)
    translation = weak_perspective_to_translation(camera)
    torch.testing.assert_close(
        translation[0, 2], torch.tensor(2 * FOCAL_LENGTH_PX / (224 * 0.9)).double()
    )
    seen = project_to_crop(torch.tensor([[[0.0, 0, 0], [1.0, 0, 0]]]).double(), translation)
    assert float(seen[0, 1, 0] - seen[0, 0, 0]) == pytest.approx(0.9 * 112, abs=1e-4)
    assert seen[0, 0].tolist() == pytest.approx([112 + 0.09 * 112, 112 - 0.18 * 112], abs=1e-4)


def test_weak_perspective_and_translation_are_inverses() -> None:
    camera = torch.tensor([[0.9, 0.0, 0.0], [0.3, -0.4, 0.7], [1.6, 0.1, 0.2]]).double()
    back = translation_to_weak_perspective(weak_perspective_to_translation(camera))
    torch.testing.assert_close(back, camera, atol=1e-9, rtol=1e-9)


def test_projection_can_be_differentiated() -> None:
    points = torch.randn(1, 3, 3, dtype=torch.float64, requires_grad=True)
    translation = torch.tensor([[0.1, 0.2, 40.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(project_to_crop, (points, translation))


def test_wrong_shapes_are_refused_at_the_door() -> None:
    with pytest.raises(ShapeError, match="points"):
        project_to_crop(torch.zeros(1, 4, 2), torch.zeros(1, 3))
