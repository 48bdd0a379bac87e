"""Six parts from skin weights, and their maps as the camera sees them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.conventions import KEYPOINT_NAMES
from core.engine.evaluation.part_segmentation import (
    SegmentedPart,
    face_parts,
    part_map,
    textured_face_parts,
    uncropped,
    vertex_parts,
)
from core.errors import ShapeError
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.rendering.render_thread import RenderService


def test_parts_are_connected_to_their_side_and_height(open_body):
    parts, rest = vertex_parts(open_body.arrays), open_body.arrays.v_template
    means = {part: rest[parts == part].mean(0) for part in SegmentedPart if part}
    assert means[SegmentedPart.LEFT_ARM][0] > 0.2 > -0.2 > means[SegmentedPart.RIGHT_ARM][0]
    assert means[SegmentedPart.LEFT_LEG][0] > 0 > means[SegmentedPart.RIGHT_LEG][0]
    heights = [
        means[segmented_part][1]
        for segmented_part in (SegmentedPart.HEAD, SegmentedPart.TORSO, SegmentedPart.LEFT_LEG)
    ]
    assert heights == sorted(heights, reverse=True)
    counts = np.bincount(parts, minlength=7)
    assert counts[0] == 0
    assert (counts[1:] > 100).all()
    assert counts[SegmentedPart.LEFT_ARM] == pytest.approx(counts[SegmentedPart.RIGHT_ARM], rel=0.1)


def test_a_part_map_shows_each_joint_in_its_part(open_body):
    pose = torch.zeros(1, 72)
    pose[0, 0] = torch.pi
    posed = open_body.posed(pose, torch.zeros(1, 10))
    camera = np.array([0.0, 0.1, 52.0], np.float32)
    box = Box(150.0, 130.0, 300.0)
    with RenderService(open_body.faces) as rendering:
        seen = part_map(
            rendering,
            face_parts(open_body.arrays),
            posed.vertices[0].numpy(),
            camera,
            box=box,
            picture_size_px=(320, 280),
        )
    assert seen.shape == (280, 320)
    in_crop = project_to_crop(posed.keypoints, torch.from_numpy(camera)[None])[0].numpy()
    places = np.floor(box.crop_to_picture(in_crop)).astype(int)
    for name, part in (
        ("Right Elbow", SegmentedPart.RIGHT_ARM),
        ("Left Elbow", SegmentedPart.LEFT_ARM),
        ("Right Knee", SegmentedPart.RIGHT_LEG),
        ("Left Knee", SegmentedPart.LEFT_LEG),
        ("Spine (H36M)", SegmentedPart.TORSO),
        ("Head (H36M)", SegmentedPart.HEAD),
    ):
        column, row = places[KEYPOINT_NAMES.index(name)]
        assert seen[row, column] == part, name
    assert seen[0, 0] == SegmentedPart.BACKGROUND
    assert set(np.unique(seen)) == set(range(7))


def test_a_map_goes_back_to_its_place_in_the_picture():
    crop = np.zeros((224, 224), np.uint8)
    crop[112:, 112:] = 3
    whole = uncropped(crop, box=Box(20.0, 30.0, 16.0), picture_size_px=(60, 40))
    expected = np.zeros((40, 60), np.uint8)
    expected[30:38, 20:28] = 3
    np.testing.assert_array_equal(whole, expected)


def test_a_box_over_the_edge_is_cut_off():
    whole = uncropped(
        np.full((224, 224), 2, np.uint8), box=Box(0.0, 0.0, 20.0), picture_size_px=(30, 8)
    )
    assert (whole[:, :10] == 2).all()
    assert (whole[:, 10:] == 0).all()


def test_spins_textures_are_read_by_colour():
    cube = np.zeros((100, 92, 17), np.int64)
    cube[29, 50, 3] = 4
    cube[99, 0, 16] = 6
    texture = np.zeros((1, 2, 2, 2, 2, 3))
    texture[0, 0] = [0.29, 0.50, 0.03]
    texture[0, 1] = [1.0, 0.0, 0.16]
    assert textured_face_parts(cube, texture, faces=2).tolist() == [4, 6]
    with pytest.raises(ShapeError, match="vertex_texture"):
        textured_face_parts(cube, texture, faces=3)
