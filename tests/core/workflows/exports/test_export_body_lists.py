"""EFT's and HumanData's loaders, written from their definition, find what the project holds."""

from __future__ import annotations

import json
import pickle
import pickletools
from dataclasses import replace

import numpy as np
import pytest

from core.body.conventions import KEYPOINT_NAMES
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.formats.bodies.writers.human_data import HUMAN_DATA_OF_49, joints_of_49
from core.formats.bodies.writers.portable_pickle import portable_pickle
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import pose_to_matrices
from core.types.bodies import BodyParameters, camera_batch
from core.workflows.exports.export_body_lists import export_eft, export_human_data
from core.workflows.exports.export_request import ExportOptions
from core.workflows.exports.export_smplify_x import export_smplify_x


def in_crop(people, display_body, sample_id: int) -> np.ndarray:
    body = people.body(sample_id)
    cameras = camera_batch([body.camera])
    points = display_body.keypoints(body)
    return project_to_crop(points[None], body.camera_translation[None], cameras)[0]


def in_picture(people, display_body, sample_id: int) -> np.ndarray:
    box = people.dictionary.samples.get(sample_id).box
    return box.crop_to_picture(in_crop(people, display_body, sample_id))


def seen(display_body, root, body_pose, betas, translation, focal, principal) -> np.ndarray:
    """Keypoints before a camera of a whole picture, by the textbook."""
    pose = np.concatenate([root, np.ravel(body_pose)]).astype(np.float32)
    shape, place = np.asarray(betas, np.float32), np.asarray(translation, np.float32)
    points = display_body.keypoints(BodyParameters(pose, shape, place)).astype(float) + place
    return focal * points[:, :2] / points[:, 2:] + principal


def test_an_eft_loader_gets_rotations_shape_weak_camera_and_box(people, tmp_path, display_body):
    out = tmp_path / "eft.json"
    report = export_eft(people.dictionary, people.request(out))
    document = json.loads(out.read_text())
    assert document["body_name"] == "open body"
    entries = document["data"]
    assert [entry["annotId"] for entry in entries] == [100, 101]
    assert [entry["imageName"] for entry in entries] == ["scene_0.jpg", "scene_0.jpg"]
    for entry, sample_id in zip(entries, people.exported, strict=True):
        sample, body = people.dictionary.samples.get(sample_id), people.body(sample_id)
        pose = np.array(entry["parm_pose"])
        np.testing.assert_allclose(
            pose, pose_to_matrices(body.pose_axis_angle.astype(float)), atol=1e-6
        )
        np.testing.assert_array_equal(np.float32(entry["parm_shape"]), body.betas)
        assert 200 * entry["bbox_scale"] == pytest.approx(sample.box.side_px)
        assert entry["bbox_center"] == [sample.box.center_x_px, sample.box.center_y_px]
        scale, *place = entry["parm_cam"]
        points = display_body.keypoints(body)[:, :2]
        weakly = 112 + 112 * (scale * points + place)
        exact = in_crop(people, display_body, sample_id)
        aside = np.linalg.norm(weakly - exact, axis=1)
        assert aside.mean() < (1.0 if sample_id == people.good else 8.0)
        assert len(entry["joint_validity_openpose18"]) == 18
        np.testing.assert_array_equal(
            np.float32(entry["crop_translation"]), body.camera_translation
        )
    assert "parm_cam is weak perspective: keypoints lie" in report.summary()
    assert "2 bodies; left out: 1 rejected, 1 too poor, 1 without a fit" in report.summary()


def test_an_export_of_no_one_is_still_json(people, tmp_path):
    export_eft(people.dictionary, people.request(tmp_path / "none.json", sample_ids=()))
    assert json.loads((tmp_path / "none.json").read_text())["data"] == []


class HumanDataLoader(dict):
    """What mmhuman3d's ``HumanData.load`` makes of a file."""

    def __init__(self, path) -> None:
        with np.load(path, allow_pickle=True) as file:
            for name in file.files:
                value = file[name]
                self[name] = value.item() if value.ndim == 0 else value


def test_a_human_data_loader_gets_everybody_and_the_bodies(people, tmp_path, display_body):
    out = tmp_path / "human_data.npz"
    export_human_data(people.dictionary, people.request(out))
    data = HumanDataLoader(out)
    assert data["__keypoints_compressed__"] is False
    assert data["image_path"].tolist() == [f"scene_{number // 2}.jpg" for number in range(5)]
    assert data["bbox_xywh"].shape == (5, 5)
    assert data["keypoints2d"].shape == (5, 190, 3)
    assert data["keypoints2d_mask"].sum() == 49
    assert data["has_smpl"].tolist() == [1, 1, 0, 0, 0]
    assert data["smpl"]["body_pose"].shape == (5, 23, 3)
    assert not data["smpl"]["body_pose"][2:].any()
    for row, sample_id in enumerate(people.exported):
        sample = people.dictionary.samples.get(sample_id)
        left, top, width, height, _score = data["bbox_xywh"][row]
        assert (left + width / 2, top + height / 2) == (
            sample.box.center_x_px,
            sample.box.center_y_px,
        )
        smpl, misc = data["smpl"], data["misc"]
        pixels = seen(
            display_body,
            smpl["global_orient"][row],
            smpl["body_pose"][row],
            smpl["betas"][row],
            smpl["transl"][row],
            misc["focal_length"][row],
            misc["principal_point"][row],
        )
        np.testing.assert_allclose(pixels, in_picture(people, display_body, sample_id), atol=0.01)


def test_joints_stand_where_human_data_has_joints_of_that_name():
    """Some places that mmhuman3d's list gives by name (keypoints_mapping/human_data.py)."""
    at = {
        "OP Nose": 153, "OP RHeel": 177, "OP MidHip": 161, "Right Ankle": 8, "Left Wrist": 20,
        "Right Hip": 144, "Neck (LSP)": 146, "Top of Head (LSP)": 147, "Head (H36M)": 152,
        "Nose": 55, "Left Eye": 57, "Right Eye": 56, "Left Ear": 59, "Right Ear": 58,
    }  # fmt: skip
    for name, place in at.items():
        assert HUMAN_DATA_OF_49[KEYPOINT_NAMES.index(name)] == place, name
    assert len(set(HUMAN_DATA_OF_49)) == 49
    spread = joints_of_49(np.arange(49 * 3).reshape(1, 49, 3).astype(float))
    np.testing.assert_array_equal(spread[0, 153], [0, 1, 2])
    assert not spread[0, 60].any()


def test_smplify_x_results_stand_in_a_folder_for_each_picture(people, tmp_path, display_body):
    out = tmp_path / "results"
    report = export_smplify_x(people.dictionary, people.request(out))
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.pkl"))
    assert files == ["scene_0/000.pkl", "scene_0/001.pkl"]
    assert report.files == 2
    for file, sample_id in zip(files, people.exported, strict=True):
        data = (out / file).read_bytes()
        result = pickle.loads(data)
        assert result["camera_rotation"].shape == (1, 3, 3)
        assert result["body_pose"].shape == (1, 69)
        assert result["betas"].shape == (1, 10)
        pixels = seen(
            display_body,
            result["global_orient"][0],
            result["body_pose"][0],
            result["betas"][0],
            result["camera_translation"][0],
            result["focal_length"][0],
            result["camera_center"],
        )
        np.testing.assert_allclose(pixels, in_picture(people, display_body, sample_id), atol=0.01)
        assert result["body_name"] == "open body"


def test_an_npz_of_smplify_x_holds_what_the_pickle_holds(people, tmp_path):
    request = people.request(tmp_path / "pkl")
    export_smplify_x(people.dictionary, request)
    as_npz = replace(request, out=tmp_path / "npz", options=ExportOptions(as_npz=True))
    export_smplify_x(people.dictionary, as_npz)
    assert not list((tmp_path / "npz").rglob("*.pkl"))
    pickled = pickle.loads((tmp_path / "pkl/scene_0/001.pkl").read_bytes())
    with np.load(tmp_path / "npz/scene_0/001.npz") as arrays:
        assert set(arrays) == set(pickled)
        for name, value in pickled.items():
            np.testing.assert_array_equal(arrays[name], value)
    read = [
        read_foreign_predictions(tmp_path / place)
        for place in ("pkl", "npz", "npz/scene_0/001.npz")
    ]
    for name in ("pose_axis_angle", "betas"):
        np.testing.assert_array_equal(getattr(read[0], name), getattr(read[1], name))
        np.testing.assert_array_equal(getattr(read[0], name)[1:], getattr(read[2], name))
    assert read[0].person_keys == read[1].person_keys
    assert read[2].person_keys == read[0].person_keys[1:]
    assert all(each.own_export for each in read)


def test_pickles_name_no_module_that_numpy_1_lacks():
    value = {"array": np.arange(6.0).reshape(2, 3), "text": "numpy._core.multiarray", "n": 3}
    data = portable_pickle(value)
    modules = {arg for op, arg, _ in pickletools.genops(data) if op.name.endswith("GLOBAL")}
    assert modules == {"numpy.core.multiarray _reconstruct", "numpy ndarray", "numpy dtype"}
    again = pickle.loads(data)
    np.testing.assert_array_equal(again.pop("array"), value.pop("array"))
    assert again == value
