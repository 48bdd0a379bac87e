"""Files of BEDLAM and CameraHMR: each body lands where the file's own formula puts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.formats.bodies.options import PredictionOptions, RootFrame
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.workflows.predictions.import_predictions import import_predictions
from tests.core.workflows.predictions.true_bodies import (
    FOCAL_PX,
    PRINCIPAL_PX,
    TrueBody,
    assert_in_their_places,
    double_body,
    imported_bodies,
    make_project,
    pelvis_of,
    true_bodies,
)

CAM_INT = np.array([[FOCAL_PX, 0, PRINCIPAL_PX[0]], [0, FOCAL_PX, PRINCIPAL_PX[1]], [0, 0, 1]])
Y_UP = np.diag([1.0, -1.0, -1.0])


@pytest.fixture
def truths() -> list[TrueBody]:
    return true_bodies()


@pytest.fixture
def project(tmp_path: Path, truths) -> Path:
    return make_project(tmp_path, truths)


def rows(truths: list[TrueBody]) -> dict[str, Any]:
    """What the labels of both have in common; boxes are not quite those of the project."""
    return {
        "imgname": np.array([truth.picture for truth in truths]),
        "center": np.array([(t.box.center_x_px + 7, t.box.center_y_px - 5) for t in truths]),
        "scale": np.array([truth.box.side_px * 1.1 / 200 for truth in truths]),
        "shape": np.stack([truth.betas for truth in truths]),
        "cam_int": np.repeat(CAM_INT[None], len(truths), axis=0),
    }


def imported(project: Path, folder: Path, arrays: dict[str, Any], **options: Any) -> Any:
    source = folder / "labels.npz"
    np.savez(source, **arrays)
    return import_predictions(project, "theirs", source, betas="keep", **options)


def test_bedlams_bodies_stand_at_the_sum_of_both_translations(project, tmp_path, truths):
    """v + trans_cam + cam_ext[:3, 3]: what BEDLAM's df_full_body.py projects with cam_int."""
    shares = np.random.default_rng(3).normal(0, 1, (3, 3))
    extrinsics = np.repeat(np.eye(4)[None], 3, axis=0)
    extrinsics[:, :3, 3] = shares
    extrinsics[:, :3, :3] = axis_angle_to_matrix(np.full((3, 3), 0.3))  # is in pose_cam already
    full = np.random.default_rng(4).normal(0, 0.4, (3, 165))
    full[:, :66] = [truth.pose[:66] for truth in truths]
    world = full.copy()
    world[:, :3] = 0.1
    arrays = {
        **rows(truths),
        "pose_cam": full,
        "pose_world": world,
        "trans_cam": np.stack([truth.translation for truth in truths]) - shares,
        "trans_world": np.ones((3, 3)),
        "cam_ext": extrinsics,
        "gender": np.array(["neutral"] * 3),
    }
    arrays["shape"] = np.concatenate([arrays["shape"], np.ones((3, 1))], axis=1)
    report = imported(project, tmp_path, arrays)
    assert report.imported == 3
    assert "no hands of SMPL" in report.summary()
    assert "11 numbers a body" in report.summary()
    assert_in_their_places(project, "theirs", truths)


def test_camera_hmrs_labels_have_their_place_in_cam_ext_alone(project, tmp_path, truths):
    """dataset_train.py: cam_ext[:, :3, 3], to which 'trans_cam' is added where there is one."""
    extrinsics = np.zeros((3, 4, 4))
    extrinsics[:, :3, 3] = [truth.translation for truth in truths]
    poses = np.stack([truth.pose for truth in truths])
    imported(project, tmp_path, {**rows(truths), "pose": poses, "cam_ext": extrinsics})
    assert_in_their_places(project, "theirs", truths)


def test_camera_hmrs_fits_have_it_in_cam_t(project, tmp_path, truths):
    poses = np.stack([truth.pose for truth in truths])
    places = np.stack([truth.translation for truth in truths])
    imported(project, tmp_path, {**rows(truths), "pose": poses, "cam_t": places})
    assert_in_their_places(project, "theirs", truths)


def test_bodies_of_a_y_up_camera_turn_about_their_root_joints(project, tmp_path, truths):
    """x_up = D x: the origin moves on an arc about the root joint, which lies 22 cm below it."""
    body = double_body(project)
    poses, places = [], []
    for truth in truths:
        pelvis = pelvis_of(body, truth.betas)
        pose = truth.pose.copy()
        pose[:3] = matrix_to_axis_angle(Y_UP @ truth.root)
        poses.append(pose)
        places.append(Y_UP @ (pelvis + truth.translation) - pelvis)
    arrays = {**rows(truths), "pose": np.stack(poses), "cam_t": np.stack(places)}
    imported(project, tmp_path, arrays, options=PredictionOptions(frame=RootFrame.Y_UP))
    assert_in_their_places(project, "theirs", truths)


def test_smpl_x_keeps_its_own_root_joint_where_another_body_takes_its_place(
    project, tmp_path, truths
):
    """SMPL-X has its origin 35 cm above its root joint, SMPL 22 cm: not the same body moved."""
    full = np.zeros((3, 165))
    full[:, :66] = [truth.pose[:66] for truth in truths]
    places = np.stack([truth.translation for truth in truths])
    source = tmp_path / "smplx.npz"
    np.savez(source, **{**rows(truths), "pose_cam": full, "trans_cam": places})
    report = import_predictions(project, "theirs", source)
    assert report.without_betas
    body = double_body(project)
    for (found, _), truth in zip(imported_bodies(project, "theirs"), truths, strict=True):
        distance = np.linalg.norm(found.camera_translation + pelvis_of(body, np.zeros(10)))
        true_distance = np.linalg.norm(truth.translation + np.array([0.0031, -0.3514, 0.0120]))
        assert abs(distance - true_distance) < 1e-4
