"""Bodies written for programs that know no crops are the same bodies at the same pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.body.arrays import BodyArrays
from core.body.display_body import DisplayBody
from core.body.picture_frame import in_pictures, intrinsics_in_picture
from core.body.seen_keypoints import keypoints_in_crop
from core.engine.body.smpl_body import BodyModel
from core.geometry.boxes import Box
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera

BOX = Box(515.0, 130.0, 190.0)


def a_body(camera: CropCamera, distance_m: float) -> BodyParameters:
    rng = np.random.default_rng(11)
    pose = rng.normal(0, 0.3, 72).astype(np.float32)
    pose[:3] = [np.pi - 0.2, 0.3, -0.1]
    betas = rng.normal(0, 1, 10).astype(np.float32)
    return BodyParameters(pose, betas, np.array([0.05, 0.2, distance_m], np.float32), camera)


NEAR = a_body(CropCamera(480.0, -250.0, 170.0, 119.0, 96.0), 2.4)


@pytest.fixture(params=[(0.0, 0.0, 0.0), (0.4, -0.3, 0.2)], ids=["at the pelvis", "elsewhere"])
def arrays(request, open_body: BodyModel) -> BodyArrays:
    """The open body, whose origin is its pelvis, and the same one drawn about another origin."""
    own = open_body.arrays
    return replace(own, v_template=own.v_template + np.array(request.param))


@pytest.mark.parametrize("body", [NEAR, a_body(LONG_LENS, 47.0)], ids=["near", "long lens"])
def test_a_plain_pinhole_camera_sees_it_where_the_crops_camera_does(arrays, body):
    model = DisplayBody(arrays, name="moved")
    seen = in_pictures([body], arrays)
    pose = np.concatenate([seen.root_axis_angle[0], body.pose_axis_angle[3:]]).astype(np.float32)
    points = model.keypoints(replace(body, pose_axis_angle=pose)) + seen.translation[0]
    focal_px, *principal_px = intrinsics_in_picture(body.camera, BOX)
    in_picture = focal_px * points[:, :2] / points[:, 2:] + np.array(principal_px)
    in_crop = keypoints_in_crop(model.keypoints(body), body)
    np.testing.assert_allclose(in_picture, BOX.crop_to_picture(in_crop), atol=0.005)


def test_what_the_long_lens_sees_is_written_as_it_is(arrays):
    body = a_body(LONG_LENS, 47.0)
    seen = in_pictures([body], arrays)
    np.testing.assert_array_equal(seen.root_axis_angle[0], body.pose_axis_angle[:3])
    np.testing.assert_array_equal(seen.translation[0], body.camera_translation)
    focal_px, x_px, y_px = intrinsics_in_picture(LONG_LENS, BOX)
    assert (focal_px, x_px, y_px) == (BOX.focal_length_px, BOX.center_x_px, BOX.center_y_px)


def test_no_bodies_are_no_bodies(arrays):
    seen = in_pictures([], arrays)
    assert seen.root_axis_angle.shape == seen.translation.shape == (0, 3)
