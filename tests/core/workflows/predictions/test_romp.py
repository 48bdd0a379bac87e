"""ROMP's and BEV's files: cameras of the picture padded to a square, which the pixels tell."""

from __future__ import annotations

from dataclasses import replace
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
    joints[:, 0] = [0, -0.22, 0.03]
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


HIPS_M = np.array([0.01, 0.31, 0.02])
"""Where in these bodies the point lies that BEV counts from: beside the root joint at rest."""


FOCAL_OF_BEV, MIDDLE_OF_BEV = 443.4 / 512 * SIDE, np.array([SIDE / 2, SIDE / 2]) - OFFSET


def before_bev(truths: list[TrueBody]) -> list[TrueBody]:
    """The same people in the middle of their boxes, as that camera sees them."""
    moved = []
    for truth in truths:
        depth = truth.translation[2]
        middle = np.array([truth.box.center_x_px, truth.box.center_y_px]) - MIDDLE_OF_BEV
        place = np.array([*(middle * depth / FOCAL_OF_BEV), depth])
        moved.append(replace(truth, translation=place))
    return moved


def of_bev(project: Path, truths: list[TrueBody]) -> dict[str, Any]:
    """As simple_romp's bev writes it: a perspective camera of 60° across the padded square."""
    joints = np.random.default_rng(6).normal(0, 0.3, (len(truths), 71, 3))
    body = bodies.double_body(project)
    joints[:, 0] = [bodies.pelvis_of(body, truth.betas) - HIPS_M for truth in truths]
    places = np.array([truth.translation + HIPS_M for truth in truths])
    points = joints + places[:, None]
    across = points[..., :2] / points[..., 2:] * 443.4 / 256
    return {
        "cam": np.ones((len(truths), 3), np.float32),
        "cam_trans": places.astype(np.float32),
        "smpl_thetas": np.float32([truth.pose for truth in truths]),
        "smpl_betas": np.float32(
            [[*truth.betas, 0.9 - 0.5 * row] for row, truth in enumerate(truths)]
        ),
        "params_pred": np.zeros((len(truths), 146), np.float32),
        "verts": np.zeros((len(truths), 6890, 3), np.float32),
        "joints": joints.astype(np.float32),
        "pj2d_org": ((across + 1) * SIDE / 2 - OFFSET).astype(np.float32),
    }


def test_bev_s_bodies_stand_before_its_perspective_camera(project, tmp_path, truths):
    """0.1 mm and 0.01 px: it counts from the hips, and its joints say where the root is."""
    truths = before_bev(truths)
    found = {"a.png": of_bev(project, truths[:2]), "b.png": of_bev(project, truths[2:])}
    source = tmp_path / "video_results.npz"
    np.savez(source, results=found, sequence_results={})
    report = import_predictions(project, "theirs", source, betas="keep")
    assert (report.imported, report.solved_cameras) == (3, 0)
    assert "2 of 3 bodies are children of SMIL" in report.summary()
    body = bodies.double_body(project)
    there = bodies.imported_bodies(project, "theirs")
    for (imported, box), truth in zip(there, truths, strict=True):
        expected = bodies.vertices_of(body, truth.pose, truth.betas, truth.translation)
        vertices, pixels = bodies.places_of(body, imported, box)
        assert np.abs(vertices - expected).max() < bodies.MOST_OFF_M
        seen = FOCAL_OF_BEV * expected[:, :2] / expected[:, 2:] + MIDDLE_OF_BEV
        assert np.abs(pixels - seen).max() < bodies.MOST_OFF_PX


def test_romp_that_counts_from_the_hips_is_no_body_s_length_off(tmp_path, truths):
    alone = truths[2:]
    project = bodies.make_project(tmp_path, alone)
    body = bodies.double_body(project)
    found = results_of(alone, "b")
    found["joints"][:, 0] = bodies.pelvis_of(body, alone[0].betas) - HIPS_M
    seen = CAMERAS["b"][:, None, :1] * found["joints"][..., :2] + CAMERAS["b"][:, None, 1:]
    found["pj2d_org"] = ((seen + 1) * SIDE / 2 - OFFSET).astype(np.float32)
    np.savez(tmp_path / "b.npz", results=found)
    report = import_predictions(project, "theirs", tmp_path / "b.npz", betas="keep")
    assert (report.imported, report.solved_cameras) == (1, 0)
    ((imported, box),) = bodies.imported_bodies(project, "theirs")
    s, tx, ty = CAMERAS["b"][0].astype(np.float64)
    place = np.array([tx / s, ty / s, 2 * 5000 / (224 * s)]) - HIPS_M
    vertices = bodies.vertices_of(body, alone[0].pose, alone[0].betas, place)
    across = 5000 / 112 * vertices[:, :2] / vertices[:, 2:]
    _, pixels = bodies.places_of(body, imported, box)
    assert np.abs(pixels - ((across + 1) * SIDE / 2 - OFFSET)).max() < bodies.MOST_OFF_PX
