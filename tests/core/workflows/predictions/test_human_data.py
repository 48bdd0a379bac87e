"""HumanData of both generations: bodies in dicts before the whole picture's camera, and joints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.body.conventions import KEYPOINT_NAMES
from core.dictionary.store import Dictionary
from core.errors import AnnotationError
from core.formats.bodies.file_bodies import JointOrigin
from core.formats.bodies.options import BoxLayout, PredictionOptions
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.types.fits import Verdict
from core.workflows.export_formats import export_project
from core.workflows.predictions.import_predictions import import_predictions
from core.workflows.predictions.take_over import take_over
from tests.core.workflows.predictions import true_bodies as bodies
from tests.core.workflows.predictions.true_bodies import TrueBody

NAMES_OF_190 = {
    153: "OP Nose", 177: "OP RHeel", 144: "Right Hip", 147: "Top of Head (LSP)", 4: "Left Knee",
    21: "Right Wrist", 20: "Left Wrist", 57: "Left Eye", 56: "Right Eye",
}  # fmt: skip
"""Some joints, by mmhuman3d's human_data.py: right_wrist is its 22nd, left_eye its 58th, …"""


@pytest.fixture
def truths() -> list[TrueBody]:
    return bodies.true_bodies()


@pytest.fixture
def project(tmp_path: Path, truths) -> Path:
    return bodies.make_project(tmp_path, truths)


def content(truths: list[TrueBody], *, model: str = "smpl", joints: int = 23) -> dict[str, Any]:
    poses = np.stack([truth.pose for truth in truths])
    boxes = [
        [
            box.center_x_px - box.side_px / 2,
            box.center_y_px - box.side_px / 2,
            *[box.side_px] * 2,
            1,
        ]
        for box in (truth.box for truth in truths)
    ]
    return {
        "__key_strict__": False,
        "__temporal_len__": len(truths),
        "__keypoints_compressed__": False,
        "image_path": [truth.picture for truth in truths],
        "bbox_xywh": np.array(boxes),
        "config": "coco",
        model: {
            "global_orient": poses[:, :3],
            "body_pose": poses[:, 3 : 3 + 3 * joints].reshape(-1, joints, 3),
            "betas": np.stack([truth.betas for truth in truths]),
            "transl": np.stack([truth.translation for truth in truths]),
        },
        "meta": {"gender": ["male", "female", "neutral"][: len(truths)]},
        "misc": {
            "focal_length": np.full((len(truths), 2), bodies.FOCAL_PX),
            "principal_point": np.repeat([bodies.PRINCIPAL_PX], len(truths), axis=0),
            "bbox_source": "keypoints2d_original",
        },
    }


@pytest.mark.parametrize(("model", "joints"), [("smpl", 23), ("smplx", 21), ("smplh", 21)])
def test_bodies_stand_before_the_camera_that_misc_tells(project, tmp_path, truths, model, joints):
    np.savez_compressed(tmp_path / "set.npz", **content(truths, model=model, joints=joints))
    report = import_predictions(project, "theirs", tmp_path / "set.npz", betas="keep")
    assert report.imported == 3
    bodies.assert_in_their_places(project, "theirs", truths)
    found = read_foreign_predictions(tmp_path / "set.npz")
    assert (list(found.body_names or ()), list(found.genders or ())) == (
        [model] * 3,
        ["male", "female", "neutral"],
    )


@pytest.mark.parametrize("compressed", [False, True])
def test_joints_of_the_190_generation_go_where_their_names_say(tmp_path, truths, compressed):
    mask = np.zeros(190, np.uint8)
    mask[list(NAMES_OF_190)] = 1
    numbers = np.arange(3 * 190).reshape(3, 190, 1).astype(float)
    flat = np.concatenate([numbers, numbers + 0.5, np.ones_like(numbers)], axis=2)
    deep = np.concatenate(
        [numbers / 1000, -numbers / 1000, numbers / 500, np.ones_like(numbers)], 2
    )
    kept = mask > 0 if compressed else slice(None)
    file = {
        **content(truths),
        "keypoints2d_original": flat[:, kept],
        "keypoints2d_original_mask": mask,
        "keypoints3d_original": deep[:, kept],
        "keypoints3d_original_mask": mask,
        "__keypoints_compressed__": compressed,
    }
    np.savez(tmp_path / "set.npz", **file)
    found = read_foreign_predictions(tmp_path / "set.npz")
    assert found.keypoints_px is not None
    assert found.joints_3d is not None
    assert found.joints_3d.origin is JointOrigin.ROOT
    assert found.keypoints_px[..., 2].sum() == 3 * len(NAMES_OF_190)
    for index, name in NAMES_OF_190.items():
        place = KEYPOINT_NAMES.index(name)
        np.testing.assert_allclose(found.keypoints_px[:, place], flat[:, index])
        np.testing.assert_allclose(found.joints_3d.positions_m[:, place], deep[:, index, :3])


def test_the_first_60_joints_of_the_144_generation_are_the_same(tmp_path, truths):
    """The others of its list (``human_data_10.py``) are not OpenPose's, and are left out."""
    points = np.zeros((3, 144, 3))
    points[:, [4, 132, 140]] = [50.0, 60.0, 1.0]
    mask = np.zeros(144, np.uint8)
    mask[[4, 132, 140]] = 1
    np.savez(tmp_path / "set.npz", **content(truths), keypoints2d=points, mask=mask)
    found = read_foreign_predictions(tmp_path / "set.npz")
    assert found.keypoints_px is not None
    assert [KEYPOINT_NAMES[index] for index in np.flatnonzero(found.keypoints_px[0, :, 2])] == [
        "Left Knee"
    ]


def test_corners_under_the_name_of_a_size_are_noticed(project, tmp_path, truths):
    """mmhuman3d's own 3DPW sample has x1, y1, x2, y2 in ``bbox_xywh``."""
    file = content(truths)
    boxes = file["bbox_xywh"]
    boxes[:, 2:4] += boxes[:, :2]
    np.savez(tmp_path / "set.npz", **file)
    options = PredictionOptions(boxes=BoxLayout.CORNERS)
    report = import_predictions(
        project, "theirs", tmp_path / "set.npz", betas="keep", options=options
    )
    assert report.imported == 3


def test_numbers_in_arrays_of_objects_are_read_as_files_of_2021_have_them(
    project, tmp_path, truths
):
    file = content(truths)
    for name, part in file["smpl"].items():
        file["smpl"][name] = part[:, None].astype(object) if name == "body_pose" else part
    file["smpl"]["betas"] = file["smpl"]["betas"].astype(object)
    file["meta"]["gender"] = np.array(file["meta"]["gender"], dtype=object)
    np.savez(tmp_path / "set.npz", **file)
    report = import_predictions(project, "theirs", tmp_path / "set.npz", betas="keep")
    assert report.imported == 3
    bodies.assert_in_their_places(project, "theirs", truths)


def test_a_file_is_written_again_in_its_own_form(project, tmp_path, truths):
    came = content(truths)
    joints = np.random.default_rng(0).random((3, 190, 3), np.float32)
    came |= {"keypoints2d": joints, "keypoints2d_mask": np.ones(190, np.uint8)}
    np.savez_compressed(tmp_path / "set.npz", **came)
    import_predictions(project, "theirs", tmp_path / "set.npz", betas="keep")
    take_over(project, "theirs")
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({2: Verdict.REJECTED}, "me")
    export_project(project, "as-imported", tmp_path / "out")
    kept = [0, 2]
    with np.load(tmp_path / "out" / "set.npz", allow_pickle=True) as written:
        assert set(written) == set(came)
        assert int(written["__temporal_len__"]) == len(kept)
        assert written["image_path"].tolist() == [came["image_path"][row] for row in kept]
        assert written["keypoints2d"].tobytes() == joints[kept].tobytes()
        assert written["keypoints2d_mask"].shape == (190,)
        assert written["bbox_xywh"].tobytes() == came["bbox_xywh"][kept].tobytes()
        assert written["meta"].item()["gender"].tolist() == ["male", "neutral"]
        assert str(written["misc"].item()["bbox_source"]) == "keypoints2d_original"
        for holder, names in (("smpl", came["smpl"]), ("misc", ["focal_length"])):
            for name in names:
                assert written[holder].item()[name].tobytes() == came[holder][name][kept].tobytes()
    again = read_foreign_predictions(tmp_path / "out" / "set.npz")
    np.testing.assert_allclose(again.pose_axis_angle, [truths[row].pose for row in kept], atol=1e-6)


def test_keypoints_alone_are_no_bodies(tmp_path, truths):
    file = content(truths)
    del file["smpl"]
    np.savez(tmp_path / "set.npz", **file)
    with pytest.raises(AnnotationError, match="keypoints alone"):
        read_foreign_predictions(tmp_path / "set.npz")


def test_mmhuman3ds_sample_of_3dpw_is_read(shared_folder):
    found = read_foreign_predictions(shared_folder / "realdata/humandata/sample_3dpw_test.npz")
    assert len(found) == 1
    assert found.picture_names[0].endswith(".jpg")
    assert found.pose_axis_angle.any()
