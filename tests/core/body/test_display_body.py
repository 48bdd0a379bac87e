"""The body for looking at against the full-mesh body of PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.arrays import BodyArrays, body_arrays_from
from core.body.conventions import PICKED_VERTEX_NAMES, SMPL_PICKED_VERTICES
from core.body.display_body import DisplayBody
from core.body.extra_joints import SMPL_NUM_VERTICES
from core.engine.body.load_body import load_body, load_open_body_arrays
from core.engine.body.smpl_body import BodyModel
from core.errors import ShapeError
from core.types.bodies import BodyParameters

CAMERA = np.array([0.0, 0.2, 45.0], dtype=np.float32)


@pytest.fixture(scope="module")
def arrays() -> BodyArrays:
    return load_open_body_arrays()


def poses(kind: str, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(4)
    if kind == "zero":
        return [np.zeros(72, np.float32)]
    if kind == "tiny":
        return [rng.normal(0, 1e-5, 72).astype(np.float32) for _ in range(count)]
    if kind == "random":
        return [rng.normal(0, 0.7, 72).astype(np.float32) for _ in range(count)]
    axes = rng.normal(size=(count, 24, 3))
    angles = np.pi + rng.uniform(-1e-4, 1e-4, (count, 24, 1))
    near_pi = angles * axes / np.linalg.norm(axes, axis=2, keepdims=True)
    return list(near_pi.reshape(count, 72).astype(np.float32))


def assert_alike(display: DisplayBody, model: BodyModel, pose: np.ndarray, betas: np.ndarray):
    vertices, keypoints = display.posed(BodyParameters(pose, betas, CAMERA))
    posed = model.posed(*(torch.from_numpy(item)[None].double() for item in (pose, betas)))
    np.testing.assert_allclose(vertices, posed.vertices[0], atol=1e-5)
    np.testing.assert_allclose(keypoints, posed.keypoints[0], atol=1e-5)
    joints = display.skeleton(pose, betas).joints
    np.testing.assert_allclose(joints, posed.joints[0], atol=1e-6)


@pytest.mark.parametrize("kind", ["zero", "tiny", "random", "near pi"])
def test_vertices_joints_and_keypoints_are_those_of_smplx(arrays: BodyArrays, kind: str) -> None:
    display, model = DisplayBody(arrays, name="open body"), load_body(dtype=torch.float64)
    rng = np.random.default_rng(5)
    for pose in poses(kind, 4):
        assert_alike(display, model, pose, rng.normal(0, 2, 10).astype(np.float32))


@pytest.mark.parametrize("vertices", [40, SMPL_NUM_VERTICES])
def test_a_body_of_ones_own_is_posed_alike(entries_of, vertices: int) -> None:
    """Without an extra regressor, which is derived then; SMPL's size picks SMPL's vertices."""
    ids = (
        SMPL_PICKED_VERTICES
        if vertices == SMPL_NUM_VERTICES
        else {name: index for index, name in enumerate(PICKED_VERTEX_NAMES)}
    )
    made = body_arrays_from(entries_of(vertices), path=Path("made.npz"), vertex_ids=ids)
    display = DisplayBody(made, name="made")
    model = BodyModel(made, name="made", dtype=torch.float64)
    rng = np.random.default_rng(6)
    for pose in poses("random", 2):
        assert_alike(display, model, pose, rng.normal(size=10).astype(np.float32))


def test_keypoints_alone_are_those_of_the_mesh(arrays: BodyArrays) -> None:
    display = DisplayBody(arrays, name="open body")
    body = BodyParameters(poses("random", 1)[0], np.ones(10, np.float32), CAMERA)
    np.testing.assert_array_equal(display.keypoints(body), display.posed(body)[1])
    np.testing.assert_array_equal(display.vertices(body), display.posed(body)[0])


def test_betas_of_another_shape_are_refused(arrays: BodyArrays) -> None:
    display = DisplayBody(arrays, name="open body")
    with pytest.raises(ShapeError):
        display.skeleton(np.zeros(72, np.float32), np.zeros(11, np.float32))


def test_the_copied_vertices_are_smplxs_own() -> None:
    from smplx.vertex_ids import vertex_ids

    assert dict(SMPL_PICKED_VERTICES) == {
        name: vertex_ids["smplh"][name] for name in PICKED_VERTEX_NAMES
    }
