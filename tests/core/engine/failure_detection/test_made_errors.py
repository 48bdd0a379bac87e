"""Errors made on purpose are the failures that they are named for, and large enough to be seen."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.conventions import SKELETON_FLIP, SKELETON_JOINT_NAMES
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.made_errors import LEAST_MOVE_M, make_error
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import pose_to_matrices
from core.types.bodies import BodyParameters
from core.types.reviewing.made_errors import ErrorKind

LIMB_KINDS = (ErrorKind.LIMB_MIRRORED, ErrorKind.LIMB_TURNED)


@pytest.fixture
def people(make_people) -> list[BodyParameters]:
    return make_people(12, seed=4).truth.to_parameters()


def joints_m(body: BodyParameters, keypoint_body: KeypointBody) -> torch.Tensor:
    """Joints ``(24, 3)`` in the camera's frame."""
    pose = pose_to_matrices(torch.from_numpy(body.pose_axis_angle[None].copy()))
    betas = torch.from_numpy(body.betas[None].copy())
    translation = torch.from_numpy(body.camera_translation.copy())
    with torch.no_grad():
        return keypoint_body.posed(pose, betas).joints[0] + translation


def seen_px(points: torch.Tensor) -> torch.Tensor:
    return project_to_crop(points[None], torch.zeros(1, 3))[0]


def made(people, kind, keypoint_body, seed=1):
    draw = np.random.default_rng(seed)
    pairs = [(right, make_error(right, kind, draw=draw, body=keypoint_body)) for right in people]
    return [(right, wrong) for right, wrong in pairs if wrong is not None]


@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_shows_in_most_people_and_is_drawn_again_by_its_seed(
    people, kind, keypoint_body
):
    pairs = made(people, kind, keypoint_body)
    assert len(pairs) >= 8
    for (_right, wrong), (_same, again) in zip(
        pairs, made(people, kind, keypoint_body), strict=True
    ):
        assert np.array_equal(wrong.pose_axis_angle, again.pose_axis_angle)
        assert np.array_equal(wrong.betas, again.betas)
        assert np.array_equal(wrong.camera_translation, again.camera_translation)


def test_a_mirrored_limb_keeps_its_pixels_and_goes_far_in_depth(people, keypoint_body):
    for right, wrong in made(people, ErrorKind.LIMB_MIRRORED, keypoint_body):
        before, after = joints_m(right, keypoint_body), joints_m(wrong, keypoint_body)
        assert (seen_px(after) - seen_px(before)).norm(dim=1).max() < 12
        assert (after - before).norm(dim=1).max() >= LEAST_MOVE_M


@pytest.mark.parametrize("kind", LIMB_KINDS)
def test_only_one_limb_is_made_wrong(people, keypoint_body, kind):
    limbs = {
        frozenset({f"{side}_{joint}" for joint in joints})
        for side in ("left", "right")
        for joints in (("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle"))
    }
    for right, wrong in made(people, kind, keypoint_body):
        before, after = (body.pose_axis_angle.reshape(24, 3) for body in (right, wrong))
        changed = np.flatnonzero(np.abs(after - before).max(1) > 1e-5)
        names = {SKELETON_JOINT_NAMES[joint] for joint in changed}
        assert any(names <= limb for limb in limbs), names
        assert np.array_equal(right.betas, wrong.betas)


def test_exchanged_sides_put_right_joints_where_left_ones_are_seen(people, keypoint_body):
    for right, wrong in made(people, ErrorKind.SIDES_EXCHANGED, keypoint_body):
        before, after = joints_m(right, keypoint_body), joints_m(wrong, keypoint_body)
        other_side = before[list(SKELETON_FLIP)]
        # The body's own shape is not quite symmetric, and what was near is far.
        assert (seen_px(after) - seen_px(other_side)).norm(dim=1).max() < 8
        depths = after[:, 2] - after[0, 2], other_side[:, 2] - other_side[0, 2]
        assert torch.allclose(depths[0], -depths[1], atol=0.05)


def test_an_extreme_shape_covers_the_same_part_of_the_picture(people, keypoint_body):
    for right, wrong in made(people, ErrorKind.EXTREME_SHAPE, keypoint_body):
        assert np.abs(wrong.betas).max() >= 4
        middles = [seen_px(joints_m(body, keypoint_body)).mean(0) for body in (right, wrong)]
        assert (middles[0] - middles[1]).norm() < 10


def test_a_moved_body_lies_a_tenth_of_the_crop_or_more_beside_the_person(people, keypoint_body):
    for right, wrong in made(people, ErrorKind.BODY_MOVED, keypoint_body):
        before, after = (seen_px(joints_m(body, keypoint_body)) for body in (right, wrong))
        moved_px = (after - before).norm(dim=1)
        assert moved_px.min() > 20
        assert moved_px.max() < 60


@pytest.mark.parametrize(
    "kind", [*LIMB_KINDS, ErrorKind.BODY_TURNED, ErrorKind.SIDES_EXCHANGED], ids=str
)
def test_an_error_too_small_to_be_seen_is_not_made(
    people, keypoint_body, kind, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.engine.failure_detection.made_errors.LEAST_MOVE_M", 2.5)
    assert made(people, kind, keypoint_body) == []
