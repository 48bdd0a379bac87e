"""AMASS's npz and ``.smpl``: motion without pictures, which an index beside it gives back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from smplcodec.codec import SMPLCodec, SMPLVersion

from core.errors import AnnotationError
from core.formats.bodies.options import PredictionOptions, RootFrame
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle, matrix_to_axis_angle
from core.workflows.predictions.import_predictions import import_predictions
from tests.core.workflows.predictions import true_bodies as bodies
from tests.core.workflows.predictions.true_bodies import TrueBody

Y_UP = np.diag([1.0, -1.0, -1.0])
Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""From the files' axes to the camera's, y down and z forward."""


@pytest.fixture
def truths() -> list[TrueBody]:
    """Two frames of one person: a file of motion has one shape."""
    first, _, alone = bodies.true_bodies()
    return [first, TrueBody(alone.picture, alone.pose, first.betas, alone.translation, alone.box)]


@pytest.fixture
def project(tmp_path: Path, truths) -> Path:
    return bodies.make_project(tmp_path, truths)


def in_axes(project: Path, truths: list[TrueBody], to_camera: np.ndarray) -> tuple[Any, Any]:
    """Poses (T, 72) and places (T, 3): a body turns about its root joint, not its origin."""
    poses, places = [], []
    for truth in truths:
        pelvis = bodies.pelvis_of(bodies.double_body(project), truth.betas)
        pose = truth.pose.copy()
        pose[:3] = matrix_to_axis_angle(to_camera.T @ truth.root)
        poses.append(pose)
        places.append(to_camera.T @ (pelvis + truth.translation) - pelvis)
    return np.array(poses), np.array(places)


def write_amass(project: Path, path: Path, truths: list[TrueBody], **changed: Any) -> Path:
    poses, places = in_axes(project, truths, Z_UP)
    full = np.zeros((len(truths), 156))
    full[:, :66] = poses[:, :66]
    arrays = {
        "poses": full, "trans": places, "betas": np.concatenate([truths[0].betas, np.ones(6)]),
        "gender": np.array("male"), "mocap_framerate": np.array(120.0),
        "dmpls": np.zeros((len(truths), 8)), **changed,
    }  # fmt: skip
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def write_smpl(project: Path, path: Path, truths: list[TrueBody]) -> Path:
    """By smplcodec itself."""
    poses, places = in_axes(project, truths, Y_UP)
    SMPLCodec(
        smpl_version=SMPLVersion.SMPL,
        shape_parameters=truths[0].betas.astype(np.float32),
        frame_count=len(truths),
        frame_rate=30.0,
        body_translation=places.astype(np.float32),
        body_pose=poses.reshape(-1, 24, 3).astype(np.float32),
    ).write(path)
    return path


def write_index(file: Path, truths: list[TrueBody]) -> None:
    """As this program's exports of motion have it, with a line of another file."""
    names = (
        "file", "frame", "picture", "person", "picture_focal_length_px",
        "picture_principal_point_px_0", "picture_principal_point_px_1", "body_name",
    )  # fmt: skip
    with (file.parent / "bodies.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        camera = (bodies.FOCAL_PX, *bodies.PRINCIPAL_PX)
        for frame, truth in enumerate(truths):
            writer.writerow([file.name, frame, f"/data/{truth.picture}", str(frame), *camera, ""])
            writer.writerow(["other.npz", frame, "/data/x.jpg", "9", *camera, ""])


@pytest.mark.parametrize("write", [write_amass, write_smpl])
def test_bodies_land_before_the_cameras_of_the_index(project, tmp_path, truths, write):
    source = write(project, tmp_path / ("motion.npz" if write is write_amass else "a.smpl"), truths)
    write_index(source, truths)
    report = import_predictions(project, "theirs", source, betas="keep")
    assert report.imported == 2
    bodies.assert_in_their_places(project, "theirs", truths)


def test_frames_that_the_index_does_not_have_are_left_out_and_counted(project, tmp_path, truths):
    source = write_amass(project, tmp_path / "motion.npz", truths)
    write_index(source, truths[:1])
    report = import_predictions(project, "theirs", source, betas="keep")
    assert report.imported == 1
    assert report.without_body == {"bodies.csv has no picture for their frame": 1}


def test_a_held_level_camera_is_believed_where_the_user_says_so(tmp_path, truths):
    """One frame is the picture of the file's name; its place is found from the keypoints."""
    alone = truths[1:]
    project = bodies.make_project(tmp_path, alone)
    for write, name in ((write_amass, "b.npz"), (write_smpl, "b.smpl")):
        source = write(project, tmp_path / name, alone)
        options = PredictionOptions(frame=RootFrame.Y_UP)
        report = import_predictions(project, name, source, betas="keep", options=options)
        assert (report.imported, report.solved_cameras) == (1, 1)
        ((found, _),) = bodies.imported_bodies(project, name)
        root = axis_angle_to_matrix(found.pose_axis_angle[:3].astype(np.float64))
        assert np.degrees(geodesic_angle(root, alone[0].root)) < 0.01


def test_roots_of_a_room_are_found_from_the_keypoints(tmp_path, truths):
    alone = truths[1:]
    project = bodies.make_project(tmp_path, alone)
    report = import_predictions(
        project, "theirs", write_amass(project, tmp_path / "b.npz", alone), betas="keep"
    )
    assert report.imported == 1
    assert "nothing says how the camera stood" in report.summary()


@pytest.mark.parametrize(
    ("columns", "rate", "model"),
    [(156, "mocap_framerate", "smplh"), (165, "mocap_frame_rate", "smplx")],
)
def test_both_generations_of_amass_say_whose_body_it_is(
    project, tmp_path, truths, columns, rate, model
):
    poses = np.zeros((2, columns))
    poses[:, 3:66] = [truth.pose[3:66] for truth in truths]
    source = write_amass(
        project, tmp_path / "a.npz", truths, poses=poses, **{"mocap_framerate": None, rate: 30.0}
    )
    found = read_foreign_predictions(source)
    assert (found.body_names, found.genders) == ([model] * 2, ["male"] * 2)
    assert found.all_betas is not None
    assert found.all_betas.shape == (2, 16)
    assert list(found.picture_names) == ["a_000000", "a_000001"]


def test_amass_in_parts_is_the_same(project, tmp_path, truths):
    poses, _ = in_axes(project, truths, Z_UP)
    whole = read_foreign_predictions(write_amass(project, tmp_path / "a.npz", truths))
    parts = read_foreign_predictions(
        write_amass(
            project, tmp_path / "b.npz", truths, poses=None,
            root_orient=poses[:, :3], pose_body=poses[:, 3:66],
            surface_model_type=np.array("smplx"),
        )
    )  # fmt: skip
    np.testing.assert_array_equal(whole.pose_axis_angle, parts.pose_axis_angle)
    assert parts.body_names == ["smplx"] * 2


def test_bodies_of_other_skeletons_are_refused_by_name(tmp_path):
    path = tmp_path / "a.smpl"
    with path.open("wb") as stream:
        np.savez(stream, smplVersion=np.int32(5), bodyPose=np.zeros((1, 46)))
    with pytest.raises(AnnotationError, match="is of the body 5 of smplcodec's list"):
        read_foreign_predictions(path)
