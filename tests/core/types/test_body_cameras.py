"""The camera that a body's translation belongs to."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import StudioError
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.types.bodies import (
    LONG_LENS,
    BodyParameters,
    CropCamera,
    camera_batch,
    cameras_one_by_one,
)

CAMERA = CropCamera(480.0, 300.0, -80.0)


def test_a_body_without_a_camera_belongs_to_the_long_lens() -> None:
    zeros = np.zeros(72, np.float32)
    body = BodyParameters(zeros, zeros[:10], zeros[:3])
    assert body.camera is LONG_LENS
    assert CropCamera(5000, 112, 112) == LONG_LENS


@pytest.mark.parametrize("focal_length_px", [0.0, -1.0, np.inf, np.nan])
def test_a_camera_without_a_focal_length_is_refused(focal_length_px: float) -> None:
    with pytest.raises(StudioError, match="focal length above 0"):
        CropCamera(focal_length_px, 112.0, 112.0)


def test_a_batch_of_cameras_is_the_cameras() -> None:
    both = [LONG_LENS, CAMERA]
    batch = camera_batch(both)
    assert cameras_one_by_one(batch) == both
    assert len(camera_batch([])) == 0


def test_a_corrected_box_leaves_a_body_where_the_picture_shows_it() -> None:
    box, corrected = Box(640.0, 360.0, 400.0), Box(600.0, 402.0, 250.0)
    points = np.random.default_rng(0).normal(0, 0.3, (1, 9, 3)).astype(np.float32)
    translation = np.array([[0.1, -0.2, 2.5]], np.float32)
    before, after = (
        of_box.crop_to_picture(project_to_crop(points, translation, camera_batch([camera])))
        for of_box, camera in ((box, CAMERA), (corrected, CAMERA.between_boxes(box, corrected)))
    )
    np.testing.assert_allclose(after, before, atol=1e-3)
    back = CAMERA.between_boxes(box, corrected).between_boxes(corrected, box)
    assert cameras_one_by_one(camera_batch([back])) == [CAMERA]
