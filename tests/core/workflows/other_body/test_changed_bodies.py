"""Bodies of one model become bodies of another: near, repeatable, one shape a person."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.body.smpl_files import load_body_arrays, load_open_body_arrays
from core.engine.body.smpl_body import BodyModel
from core.errors import ShapeError
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle, matrix_to_axis_angle
from core.types.foreign.imported_bodies import Conversion
from core.workflows.other_body.changed_bodies import BodyConverter
from tests.core.workflows.other_body.bodies import write_longer_body

PEOPLE = 5


@pytest.fixture(scope="module")
def people() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    poses = rng.normal(0, 0.3, (PEOPLE, 72)).astype(np.float32)
    poses[:, 0] += np.pi
    return poses, rng.normal(0, 0.8, (PEOPLE, 10)).astype(np.float32)


@pytest.fixture(scope="module", params=[False, True], ids=["one mesh", "other mesh"])
def change(request, tmp_path_factory) -> BodyConverter:
    path = write_longer_body(tmp_path_factory.mktemp("bodies"), other_mesh=request.param)
    change = BodyConverter(load_open_body_arrays(), load_body_arrays(path))
    change.arrays = load_open_body_arrays(), load_body_arrays(path)
    return change


def posed(arrays, poses, betas, shift=0.0):
    """Vertices and joints in the frame of the camera."""
    tensors = (torch.from_numpy(np.asarray(part, np.float32)) for part in (poses, betas))
    body = BodyModel(arrays, name="").posed(*tensors)
    moved = np.asarray(shift)[..., None, :] if np.ndim(shift) else shift
    return body.vertices.numpy() + moved, body.joints.numpy() + moved


def test_the_error_that_is_told_is_that_of_the_bodies_as_they_stand(change, people):
    source, target = change.arrays
    made = change.convert(*people)
    theirs = posed(source, *people)
    ours = posed(target, made.pose_axis_angle, made.betas, made.shift_m)
    through_vertices = change.conversion is Conversion.THROUGH_VERTICES
    kind = 0 if through_vertices else 1
    off_mm = 1000 * np.linalg.norm(ours[kind] - theirs[kind], axis=-1).mean(axis=1)
    np.testing.assert_allclose(off_mm, made.error_mm, atol=0.01)
    assert made.error_mm.max() < (7 if through_vertices else 3)
    unchanged = posed(target, people[0], people[1])
    before_mm = 1000 * np.linalg.norm(unchanged[kind] - theirs[kind], axis=-1).mean(axis=1)
    assert (made.error_mm < 0.2 * before_mm).all()


def test_the_way_back_leads_near_where_it_began(change, people):
    source, target = change.arrays
    there = change.convert(*people)
    back = BodyConverter(target, source).convert(there.pose_axis_angle, there.betas)
    first = posed(source, *people)
    last = posed(source, back.pose_axis_angle, back.betas, there.shift_m + back.shift_m)
    vertices_mm, joints_mm = (
        1000 * np.linalg.norm(a - b, axis=-1).mean() for a, b in zip(last, first, strict=True)
    )
    if change.conversion is Conversion.THROUGH_VERTICES:
        assert vertices_mm < 0.05
        np.testing.assert_allclose(back.betas, people[1], atol=1e-5)
    else:
        assert joints_mm < 3
        assert vertices_mm < 6


def test_a_person_keeps_one_shape_and_a_moment_one_pose(change, people):
    poses, betas = people[0].copy(), people[1].copy()
    betas[1:] = betas[0]
    poses[1, 3:] = poses[0, 3:]
    made = change.convert(poses, betas)
    assert (made.betas == made.betas[0]).all()
    np.testing.assert_array_equal(made.pose_axis_angle[1, 3:], made.pose_axis_angle[0, 3:])
    assert made.error_mm[1] == made.error_mm[0]
    before, after = (
        axis_angle_to_matrix(each[:2, :3].astype(float)) for each in (poses, made.pose_axis_angle)
    )
    turns = np.swapaxes(before, 1, 2) @ after
    assert geodesic_angle(turns[0], turns[1]) < 1e-5


def test_turning_the_camera_turns_the_body(change, people):
    turn = axis_angle_to_matrix(np.array([0.4, -1.0, 0.3]))
    poses = people[0].astype(float)
    turned = poses.copy()
    turned[:, :3] = matrix_to_axis_angle(turn @ axis_angle_to_matrix(poses[:, :3]))
    as_is, other = (change.convert(each, people[1]) for each in (poses, turned))
    source, target = change.arrays
    rest = posed(source, np.zeros((PEOPLE, 72)), people[1])[1][:, 0]
    here = posed(target, as_is.pose_axis_angle, as_is.betas, as_is.shift_m)[1] - rest[:, None]
    there = posed(target, other.pose_axis_angle, other.betas, other.shift_m)[1] - rest[:, None]
    np.testing.assert_allclose(here @ turn.T, there, atol=2e-5)


def test_no_bodies_and_wrong_shapes(change):
    none = change.convert(np.zeros((0, 72)), np.zeros((0, 10)))
    assert none.pose_axis_angle.shape == (0, 72)
    assert none.error_mm.shape == (0,)
    with pytest.raises(ShapeError, match="betas"):
        change.convert(np.zeros((2, 72)), np.zeros((1, 10)))
