"""Pickles of VIBE, PHALP, 3DPW and SMPLify-X: bodies land where the file's own formula has them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import torch

from core.body.conventions import SKELETON_JOINT_NAMES
from core.errors import AnnotationError, UnsafePickleError
from core.formats.bodies.file_bodies import JointOrigin
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.workflows.predictions.import_predictions import import_predictions
from tests.core.workflows.predictions import true_bodies as bodies
from tests.core.workflows.predictions.true_bodies import TrueBody

SEQUENCE = "downtown_walking"
FRAMES = 3


@pytest.fixture
def truths() -> list[TrueBody]:
    return bodies.true_bodies()


@pytest.fixture
def project(tmp_path: Path, truths) -> Path:
    return bodies.make_project(tmp_path, truths)


def matrices(truth: TrueBody) -> np.ndarray:
    return axis_angle_to_matrix(truth.pose.reshape(24, 3))


# VIBE


def long_lens_place(truth: TrueBody, box) -> tuple[np.ndarray, np.ndarray]:
    """(s, tx, ty) of a crop, and the translation it stands for before SPIN's lens of 5000 px."""
    weak = np.array([0.8, 0.05, -0.12])
    return weak, np.array([weak[1], weak[2], 2 * 5000 / (224 * weak[0])])


def vibe_results(truths: list[TrueBody]) -> dict[int, Any]:
    """Two tracks: the people of frame 0, and the first of them again in frame 1."""
    tracks = {7: [(truths[0], 0), (truths[2], 1)], 9: [(truths[1], 0)]}
    return {
        number: {
            "pred_cam": np.float32([long_lens_place(one, one.box)[0] for one, _ in track]),
            "orig_cam": np.zeros((len(track), 4), np.float32),
            "verts": np.zeros((len(track), 10, 3), np.float32),
            "pose": np.float32([one.pose for one, _ in track]),
            "betas": np.float32([one.betas for one, _ in track]),
            "joints2d": None,
            "bboxes": np.array(
                [(one.box.center_x_px, one.box.center_y_px) + (one.box.side_px,) * 2
                 for one, _ in track]
            ),
            "frame_ids": np.array([frame for _, frame in track]),
        }
        for number, track in tracks.items()
    }  # fmt: skip


def seen_by_long_lens(project: Path, truth: TrueBody) -> np.ndarray:
    """Pixels of the picture: SPIN's weak camera of a crop, written out."""
    _, place = long_lens_place(truth, truth.box)
    vertices = bodies.vertices_of(bodies.double_body(project), truth.pose, truth.betas, place)
    in_crop = 5000 * vertices[:, :2] / vertices[:, 2:] + 112
    return truth.box.crop_to_picture(in_crop)


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3)])
def test_vibes_tracks_become_the_people_of_its_frames(tmp_path, compress):
    truths = [
        TrueBody(f"video/{frame:06d}.jpg", one.pose, one.betas, one.translation, one.box)
        for one, frame in zip(bodies.true_bodies(), (1, 1, 2), strict=True)
    ]
    project = bodies.make_project(tmp_path, truths)
    source = tmp_path / "vibe_output.pkl"
    joblib.dump(vibe_results(truths), source, compress=compress)
    report = import_predictions(project, "theirs", source, betas="keep")
    assert report.imported == 3
    assert "frame 0 is 000001" in report.summary()
    assert "verts" in report.unused_fields
    body = bodies.double_body(project)
    for (found, box), truth in zip(bodies.imported_bodies(project, "theirs"), truths, strict=True):
        _, pixels = bodies.places_of(body, found, box)
        assert np.abs(pixels - seen_by_long_lens(project, truth)).max() < 0.01


# PHALP and 4D-Humans


def phalp_results(truths: list[TrueBody], size: tuple[int, int]) -> dict[str, Any]:
    """Frames by path; their camera sees the padded picture, scaled to 256 px, at 5000 px."""
    width, height = size
    side = max(width, height)
    focal = 5000 * side / 256
    frames: dict[str, Any] = {}
    for truth in truths:
        frame = frames.setdefault(
            "/tmp/demo/img/" + truth.picture,
            {"time": 0, "shot": 0, **{name: [] for name in (
                "smpl", "camera", "bbox", "center", "scale", "size", "tid", "tracked_time",
                "conf", "img_path", "3d_joints", "embedding", "mask",
            )}},
        )  # fmt: skip
        # As far away as this lens needs to show the same person as large.
        far = truth.translation * [1, 1, focal / bodies.FOCAL_PX]
        matrix = matrices(truth).astype(np.float32)
        box = truth.box
        corner = [box.center_x_px - box.side_px / 2, box.center_y_px - box.side_px / 2]
        for name, value in (
            (
                "smpl",
                {
                    "global_orient": matrix[:1],
                    "body_pose": matrix[1:],
                    "betas": truth.betas.astype(np.float32),
                },
            ),
            ("camera", far),
            ("bbox", np.array([*corner, box.side_px, box.side_px])),
            ("center", np.array([box.center_x_px, box.center_y_px])),
            ("scale", np.array([0.7 * box.side_px, box.side_px])),
            ("size", [height, width]),
            ("tid", len(frame["tid"])),
            ("tracked_time", 0),
            ("conf", np.float64(0.9)),
            ("img_path", truth.picture),
            ("3d_joints", np.zeros((45, 3))),
            ("embedding", torch.zeros(4)),
            ("mask", {"size": [height, width], "counts": b"abc"}),
        ):
            frame[name].append(value)
    return frames  # fmt: skip


@pytest.mark.parametrize("compress", [0, 3])
def test_phalps_people_stand_before_the_lens_of_the_padded_picture(
    project, tmp_path, truths, compress
):
    source = tmp_path / "demo.pkl"
    width, height = bodies.SIZE_PX
    results = phalp_results(truths, (width, height))
    ghost = next(iter(results.values()))
    for name, values in ghost.items():
        if isinstance(values, list):
            values.append(5 if name == "tracked_time" else values[0])
    joblib.dump(results, source, compress=compress)
    assert read_foreign_predictions(source).cameras_are_assumed
    report = import_predictions(project, "theirs", source, betas="keep")
    assert report.imported == 3
    assert report.without_body == {
        "tracked_time is not 0: the person was not seen in this frame": 1
    }
    body = bodies.double_body(project)
    focal = 5000 * 640 / 256
    for (found, box), truth in zip(bodies.imported_bodies(project, "theirs"), truths, strict=True):
        far = truth.translation * [1, 1, focal / bodies.FOCAL_PX]
        expected = bodies.vertices_of(body, truth.pose, truth.betas, far)
        vertices, pixels = bodies.places_of(body, found, box)
        assert np.abs(vertices - expected).max() < bodies.MOST_OFF_M
        seen = focal * expected[:, :2] / expected[:, 2:] + [width / 2, height / 2]
        assert np.abs(pixels - seen).max() < bodies.MOST_OFF_PX


# 3DPW


def world_of(frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the camera of a frame stood: x_camera = R x + t."""
    rng = np.random.default_rng(frame)
    return axis_angle_to_matrix(rng.normal(0, 0.8, 3)), rng.normal(0, 2, 3)


def sequence_of(project: Path, truths: list[TrueBody]) -> dict[str, Any]:
    """Two people of a sequence, the second without a camera in its last frame."""
    body = bodies.double_body(project)
    worlds = [world_of(frame) for frame in range(FRAMES)]
    people: dict[str, list[Any]] = {"poses": [], "trans": [], "jointPositions": []}
    for truth in truths[:2]:
        pelvis = bodies.pelvis_of(body, truth.betas)
        poses, places, joints = [], [], []
        for rotation, shift in worlds:
            pose = truth.pose.copy()
            pose[:3] = matrix_to_axis_angle(rotation.T @ truth.root)
            at = rotation.T @ (pelvis + truth.translation - shift) - pelvis
            posed = body.posed(torch.from_numpy(pose[None]), torch.from_numpy(truth.betas[None]))
            poses.append(pose)
            places.append(at)
            joints.append((posed.joints[0].numpy() + at).reshape(-1))
        people["poses"].append(np.array(poses))
        people["trans"].append(np.array(places))
        people["jointPositions"].append(np.array(joints))
    cameras = np.repeat(np.eye(4)[None], FRAMES, axis=0)
    for frame, (rotation, shift) in enumerate(worlds):
        cameras[frame, :3, :3], cameras[frame, :3, 3] = rotation, shift
    f, (cx, cy) = bodies.FOCAL_PX, bodies.PRINCIPAL_PX
    return {
        **people,
        "sequence": SEQUENCE,
        "betas": [truth.betas for truth in truths[:2]],
        "genders": ["m", "f"],
        "cam_poses": cameras,
        "campose_valid": [np.ones(FRAMES), np.array([1.0, 1.0, 0.0])],
        "cam_intrinsics": np.array([[f, 0, cx], [0, f, cy], [0, 0, 1]]),
        "img_frame_ids": np.arange(FRAMES),
        "poses2d": [np.zeros((FRAMES, 3, 18))] * 2,
    }


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_3dpws_people_come_from_the_world_before_their_frames_cameras(tmp_path, truths, protocol):
    both = [
        TrueBody(
            f"imageFiles/{SEQUENCE}/image_{frame:05d}.jpg",
            person.pose, person.betas, person.translation, person.box,
        )
        for frame in range(FRAMES)
        for person in truths[:2]
    ]  # fmt: skip
    project = bodies.make_project(tmp_path, both)
    source = tmp_path / "downtown.pkl"
    source.write_bytes(pickle.dumps(sequence_of(project, truths), protocol))
    report = import_predictions(project, "theirs", source, betas="keep")
    assert report.imported == 5
    assert report.without_body == {"campose_valid is 0": 1}
    bodies.assert_in_their_places(project, "theirs", both[:5])


def test_3dpws_true_joints_lie_in_the_cameras_axes(project, tmp_path, truths):
    source = tmp_path / "downtown.pkl"
    source.write_bytes(pickle.dumps(sequence_of(project, truths), 2))
    found = read_foreign_predictions(source)
    assert list(found.genders or ()) == ["male"] * 3 + ["female"] * 2
    joints = found.joints_3d
    assert joints is not None
    assert (joints.names, joints.origin) == (SKELETON_JOINT_NAMES, JointOrigin.CAMERA)
    body = bodies.double_body(project)
    for row, truth in zip(joints.positions_m, [truths[0]] * 3 + [truths[1]] * 2, strict=True):
        pose, betas = (torch.from_numpy(part[None]) for part in (truth.pose, truth.betas))
        expected = body.posed(pose, betas).joints[0].numpy() + truth.translation
        np.testing.assert_allclose(row, expected, atol=1e-4)


# SMPLify-X


def smplify_x_person(project: Path, truth: TrueBody, *, joints: int = 21) -> dict[str, Any]:
    """x_camera = R x + t with a turned camera; the body's origin stays where it is."""
    body = bodies.double_body(project)
    rotation = axis_angle_to_matrix(np.array([0.2, -0.1, 0.05]))
    pelvis = bodies.pelvis_of(body, truth.betas)
    focal_ratio = 5000 / bodies.FOCAL_PX
    far = truth.translation * [1, 1, focal_ratio]
    return {
        "camera_rotation": rotation[None].astype(np.float32),
        "camera_translation": (far + pelvis - rotation @ pelvis)[None].astype(np.float32),
        "global_orient": matrix_to_axis_angle(rotation.T @ truth.root)[None],
        "body_pose": truth.pose[None, 3 : 3 + 3 * joints],
        "betas": truth.betas[None].astype(np.float32),
        "jaw_pose": np.zeros((1, 3), np.float32),
        "left_hand_pose": np.zeros((1, 12), np.float32),
        "expression": np.zeros((1, 10), np.float32),
    }


def test_smplify_xs_folder_of_results_is_read_as_a_whole(tmp_path):
    alone = bodies.true_bodies()[1:]
    project = bodies.make_project(tmp_path, alone)
    for truth in alone:
        folder = tmp_path / "results" / Path(truth.picture).stem
        folder.mkdir(parents=True)
        person = smplify_x_person(project, truth)
        (folder / "000.pkl").write_bytes(pickle.dumps(person, 2))
    broken = {**smplify_x_person(project, alone[0]), "body_pose": np.zeros((1, 32))}
    (tmp_path / "results" / "a" / "001.pkl").write_bytes(pickle.dumps(broken, 2))
    report = import_predictions(project, "theirs", tmp_path / "results", betas="keep")
    assert report.imported == 2
    assert "decode them with VPoser" in report.left_out()[0]
    assert "its own 5000 px is assumed" in report.summary()
    assert read_foreign_predictions(tmp_path / "results").cameras_are_assumed
    file = tmp_path / "stated.pkl"
    stated = {**person, "focal_length": np.float32([700]), "camera_center": np.float32([[9, 8]])}
    file.write_bytes(pickle.dumps(stated, 2))
    assert not read_foreign_predictions(file).cameras_are_assumed
    body = bodies.double_body(project)
    middle = np.array(bodies.SIZE_PX) / 2
    for (found, box), truth in zip(bodies.imported_bodies(project, "theirs"), alone, strict=True):
        far = truth.translation * [1, 1, 5000 / bodies.FOCAL_PX]
        expected = bodies.vertices_of(body, truth.pose, truth.betas, far)
        vertices, pixels = bodies.places_of(body, found, box)
        assert np.abs(vertices - expected).max() < bodies.MOST_OFF_M
        seen = 5000 * expected[:, :2] / expected[:, 2:] + middle
        assert np.abs(pixels - seen).max() < bodies.MOST_OFF_PX


def test_what_no_known_program_pickles_is_named(tmp_path):
    source = tmp_path / "other.pkl"
    source.write_bytes(pickle.dumps({"weights": np.ones(3), "epoch": 3}))
    with pytest.raises(AnnotationError, match="a pickle of a dict with weights, epoch"):
        read_foreign_predictions(source)


def test_a_pickle_that_asks_for_a_program_is_refused_by_name(tmp_path):
    class Runs:
        def __reduce__(self) -> tuple[Any, ...]:
            return print, ("run",)

    source = tmp_path / "vibe_output.pkl"
    joblib.dump({1: {"pose": np.zeros((1, 72)), "frame_ids": [0], "x": Runs()}}, source)
    with pytest.raises(UnsafePickleError, match=r"builtins\.print"):
        read_foreign_predictions(source)


def test_a_table_of_sam_3d_body_is_named_with_what_its_bodies_are(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    source = tmp_path / "000000.parquet"
    names = ("image", "global_rot", "body_pose_params", "scale_params", "shape_params")
    parquet.write_table(pyarrow.table({name: [[0.0, 1.0]] for name in names}), source)
    with pytest.raises(AnnotationError, match="table of SAM 3D Body: its bodies are of MHR"):
        read_foreign_predictions(source)
    parquet.write_table(pyarrow.table({"a": [1]}), source)
    with pytest.raises(AnnotationError, match="a parquet table, which no known program"):
        read_foreign_predictions(source)
