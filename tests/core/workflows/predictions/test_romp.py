"""ROMP's files: weak cameras of the picture padded to a square, which the file's pixels tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.workflows.predictions.import_predictions import import_predictions
from tests.core.workflows.predictions import true_bodies as bodies
from tests.core.workflows.predictions.true_bodies import TrueBody

CAMERAS = {
    "a": np.float32([[0.5, -0.55, -0.12], [0.45, 0.49, 0.04]]),
    "b": np.float32([[0.7, -0.02, 0.07]]),
}
SIDE = 640
OFFSET = np.array([0, 80])
"""Of 640 x 480 px: left and top of the padding."""


def results_of(truths: list[TrueBody], name: str, *, mesh: bool = True) -> dict[str, Any]:
    """As simple_romp writes them: joints in metres, and their orthographic pixels."""
    cameras = CAMERAS[name]
    joints = np.random.default_rng(5).normal(0, 0.2, (len(truths), 71, 3)).astype(np.float32)
    seen = cameras[:, None, :1] * joints[..., :2] + cameras[:, None, 1:]
    found = {
        "cam": cameras,
        "global_orient": np.float32([truth.pose[:3] for truth in truths]),
        "body_pose": np.float32([truth.pose[3:] for truth in truths]),
        "smpl_betas": np.float32([truth.betas for truth in truths]),
        "smpl_thetas": np.float32([truth.pose for truth in truths]),
        "center_confs": np.ones((len(truths), 1), np.float32),
        "cam_trans": np.ones((len(truths), 3), np.float32),
    }
    if mesh:
        found["verts"] = np.zeros((len(truths), 6890, 3), np.float32)
        found["joints"] = joints
        found["pj2d_org"] = ((seen + 1) * SIDE / 2 - OFFSET).astype(np.float32)
    return found


@pytest.fixture
def truths() -> list[TrueBody]:
    return bodies.true_bodies()


@pytest.fixture
def project(tmp_path: Path, truths) -> Path:
    return bodies.make_project(tmp_path, truths)


def expected_px(project: Path, truth: TrueBody, camera: np.ndarray) -> np.ndarray:
    """Before SPIN's long lens, which this program has for every weak camera, in ROMP's square."""
    s, tx, ty = camera.astype(np.float64)
    place = np.array([tx / s, ty / s, 2 * 5000 / (224 * s)])
    vertices = bodies.vertices_of(bodies.double_body(project), truth.pose, truth.betas, place)
    across = 5000 / 112 * vertices[:, :2] / vertices[:, 2:]
    return (across + 1) * SIDE / 2 - OFFSET


def check(project: Path, truths: list[TrueBody]) -> None:
    body = bodies.double_body(project)
    there = bodies.imported_bodies(project, "theirs")
    cameras = [*CAMERAS["a"], *CAMERAS["b"]]
    for (found, box), truth, camera in zip(there, truths, cameras, strict=True):
        _, pixels = bodies.places_of(body, found, box)
        assert np.abs(pixels - expected_px(project, truth, camera)).max() < bodies.MOST_OFF_PX


def test_a_pictures_file_bears_its_name(tmp_path, truths):
    alone = truths[2:]
    project = bodies.make_project(tmp_path, alone)
    np.savez(tmp_path / "b.npz", results=results_of(alone, "b"))
    report = import_predictions(project, "theirs", tmp_path / "b.npz", betas="keep")
    assert report.imported == 1
    (found, box), *_ = bodies.imported_bodies(project, "theirs")
    _, pixels = bodies.places_of(bodies.double_body(project), found, box)
    seen = expected_px(project, alone[0], CAMERAS["b"][0])
    assert np.abs(pixels - seen).max() < bodies.MOST_OFF_PX


def test_a_videos_file_has_its_pictures_by_name(project, tmp_path, truths):
    """Two people of one picture are told apart by where ROMP saw them."""
    found = {"a.png": results_of(truths[:2], "a"), "b.png": results_of(truths[2:], "b")}
    source = tmp_path / "video_results.npz"
    np.savez(source, results=found, sequence_results={})
    assert import_predictions(project, "theirs", source, betas="keep").imported == 3
    check(project, truths)


def test_without_its_mesh_the_camera_is_found_again_and_that_is_said(tmp_path, truths):
    alone = truths[2:]
    project = bodies.make_project(tmp_path, alone)
    np.savez(tmp_path / "b.npz", results=results_of(alone, "b", mesh=False))
    report = import_predictions(project, "theirs", tmp_path / "b.npz", betas="keep")
    assert (report.imported, report.solved_cameras) == (1, 1)
    assert "where the picture lies in ROMP's square" in report.summary()
