"""Protocols on files in SPIN's formats: no error for the truth, known errors for known changes."""

from __future__ import annotations

import json
import shutil

import cv2
import numpy as np
import pytest
import torch

import main as program
from core.dictionary.store import Dictionary
from core.engine.body.load_body import load_body
from core.engine.evaluation.joint_sets import (
    EVALUATED_JOINT_NAMES,
    GROUND_TRUTH_24_TO_EVALUATED,
    H36M_REGRESSOR_JOINT_NAMES,
    H36M_REGRESSOR_TO_EVALUATED,
)
from core.engine.evaluation.protocol_files import find_files, read_people
from core.engine.evaluation.protocol_runs import evaluate_protocol
from core.engine.evaluation.protocols import PROTOCOL_NAMES, protocol_named
from core.engine.regression.checkpoints import load_regressor, regressor_state, save_checkpoint
from core.errors import Cancelled, SetupError, StudioError, UserFileError
from core.files.user_folder import VARIABLE, official_folder
from core.progress import CancelToken
from core.types.samples import NewSample
from core.workflows.comparison_sources import body_source
from core.workflows.predictions.import_predictions import import_predictions

from .conftest import PEOPLE, joints_24

EXACT_MM = 1e-3


def evaluate(folder, name, **options):
    return evaluate_protocol(
        protocol_named(name),
        data=folder.data,
        pictures=folder.pictures,
        checkpoint=folder.checkpoint,
        **options,
    )


def test_joint_orders_name_the_same_joint_on_both_sides():
    from core.body.conventions import KEYPOINT_NAMES

    for place, (regressed, given) in enumerate(
        zip(H36M_REGRESSOR_TO_EVALUATED, GROUND_TRUTH_24_TO_EVALUATED, strict=True)
    ):
        name = EVALUATED_JOINT_NAMES[place]
        assert H36M_REGRESSOR_JOINT_NAMES[regressed] == name
        assert name.split()[-1] in KEYPOINT_NAMES[25 + given].lower(), name


@pytest.mark.parametrize("name", ["h36m-p1", "h36m-p2", "mpi-inf-3dhp"])
def test_the_regressors_own_joints_have_no_error(spin_folder, name):
    protocol = protocol_named(name)
    spin_folder.save(protocol.annotation_file, S=joints_24(spin_folder.joints_17))
    result = evaluate(spin_folder, name)
    assert result.people == result.available == PEOPLE
    assert result.metrics["MPJPE, mm"] < EXACT_MM
    assert result.metrics["reconstruction error, mm"] < EXACT_MM
    assert ("AUC, %" in result.metrics) == (name == "mpi-inf-3dhp")


def test_a_wrist_off_by_14_cm_is_10_mm_of_14_joints(spin_folder):
    joints = joints_24(spin_folder.joints_17)
    joints[:, 6, 2] += 0.14
    spin_folder.save("h36m_valid_protocol2.npz", S=joints)
    result = evaluate(spin_folder, "h36m-p2")
    assert result.metrics["MPJPE, mm"] == pytest.approx(10, abs=EXACT_MM)
    # Procrustes makes squares small: one bad joint may even raise the mean of the distances.
    assert result.metrics["reconstruction error, mm"] > 1


def test_joints_beyond_the_fourteenth_count_in_mpi_inf_3dhp_alone(spin_folder):
    joints = joints_24(spin_folder.joints_17)
    joints[:, 17, :3] += 0.1  # the jaw
    joints[:, 19:, :3] = 7.0  # nose, eyes and ears belong to no protocol
    for name in ("h36m-p1", "mpi-inf-3dhp"):
        spin_folder.save(protocol_named(name).annotation_file, S=joints)
    assert evaluate(spin_folder, "h36m-p1").metrics["MPJPE, mm"] < EXACT_MM
    metrics = evaluate(spin_folder, "mpi-inf-3dhp").metrics
    assert metrics["MPJPE, mm"] == pytest.approx(100 * 3**0.5 / 17, abs=EXACT_MM)
    # 173 mm is no hit at 150 mm, sixteen joints of 17 are.
    assert metrics["PCK at 150 mm, %"] == pytest.approx(100 * 16 / 17)
    assert metrics["AUC, %"] == pytest.approx(100 * 16 / 17 * 30 / 31)


def test_3dpw_poses_each_person_in_the_model_of_their_gender(spin_folder):
    said = spin_folder.said
    fields = {"pose": said.to_axis_angle().numpy(), "shape": said.betas.numpy()}
    men = np.array(["m"] * PEOPLE)
    spin_folder.save("3dpw_test.npz", **fields, gender=men)
    result = evaluate(spin_folder, "3dpw")
    assert result.metrics["MPJPE, mm"] < 0.01
    assert result.metrics["PVE, mm"] < 0.01
    mixed = np.array(["m", "f"] * (PEOPLE // 2))
    spin_folder.save("3dpw_test.npz", **fields, gender=mixed)
    with_women = evaluate(spin_folder, "3dpw").metrics
    models = [
        load_body(spin_folder.data / "smpl" / f"SMPL_{item}.npz") for item in ("MALE", "FEMALE")
    ]
    posed = [model(said.rotations, said.betas).vertices for model in models]
    regressor = torch.from_numpy(np.load(spin_folder.data / "J_regressor_h36m.npy")).float()
    pelvis = [torch.einsum("v,bvc->bc", regressor[0], item)[:, None] for item in posed]
    apart = (posed[0] - pelvis[0] - posed[1] + pelvis[1]).norm(dim=-1).mean(1)[1::2]
    expected = 1000 * float(apart.sum()) / PEOPLE
    assert with_women["PVE, mm"] == pytest.approx(expected, rel=1e-3)


def write_masks(folder, maps):
    names = {"maskname": [], "partname": []}
    for index, labels in enumerate(maps):
        for field, values in (("maskname", (labels > 0) * 255), ("partname", labels)):
            name = f"masks/{field}_{index}.png"
            cv2.imwrite(str(folder.pictures / name), values.astype(np.uint8))
            names[field].append(name)
    folder.save("lsp_dataset_test.npz", **{key: np.array(one) for key, one in names.items()})


def test_lsp_masks_of_the_same_bodies_agree_fully(spin_folder):
    write_masks(spin_folder, spin_folder.part_maps)
    result = evaluate(spin_folder, "lsp")
    assert result.metrics == {
        "silhouette accuracy, %": 100.0,
        "silhouette F1": 1.0,
        "part accuracy, %": 100.0,
        "part F1": 1.0,
    }
    assert any("skin weights" in note for note in result.notes)


def test_lsp_counts_what_is_wrong_over_the_whole_set(spin_folder):
    changed = [labels.copy() for labels in spin_folder.part_maps]
    rows, columns = np.nonzero(changed[0])
    changed[0][rows[:50], columns[:50]] = 0
    write_masks(spin_folder, changed)
    result = evaluate(spin_folder, "lsp")
    pixels = PEOPLE * 100 * 120
    assert result.metrics["silhouette accuracy, %"] == pytest.approx(100 * (1 - 50 / pixels))
    foreground = sum(int((part_map > 0).sum()) for part_map in spin_folder.part_maps)
    kept = foreground - 50
    background = pixels - foreground
    f1 = (2 * kept / (2 * kept + 50) + 2 * background / (2 * background + 50)) / 2
    assert result.metrics["silhouette F1"] == pytest.approx(f1)


def test_all_missing_files_are_named_at_once(tmp_path):
    with pytest.raises(SetupError) as caught:
        find_files(protocol_named("3dpw"), tmp_path)
    for name in (
        "3dpw_test.npz",
        "SMPL_NEUTRAL.pkl",
        "SMPL_MALE.pkl",
        "SMPL_FEMALE.pkl",
        "J_regressor_h36m.npy",
    ):
        assert name in caught.value.message
    assert str(tmp_path / "smpl") in caught.value.message
    assert "docs/evaluation.md" in caught.value.remedy


def test_official_files_that_are_in_place_need_not_be_in_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    (tmp_path / "dataset_extras").mkdir()
    (tmp_path / "dataset_extras" / "3dpw_test.npz").touch()
    official_folder().mkdir(parents=True)
    names = ("SMPL_NEUTRAL.npz", "SMPL_MALE.pkl", "SMPL_FEMALE.pkl", "J_regressor_h36m.npy")
    for name in names:
        (official_folder() / name).touch()
    files = find_files(protocol_named("3dpw"), tmp_path)
    found = (files.male_body, files.female_body, files.joint_regressor)
    assert {path.name for path in found} <= set(names)
    assert {path.parent for path in found} == {official_folder()}
    (tmp_path / "SMPL_MALE.pkl").touch()
    assert find_files(protocol_named("3dpw"), tmp_path).male_body == tmp_path / "SMPL_MALE.pkl"


def test_missing_pictures_are_counted_before_anything_runs(spin_folder, tmp_path):
    spin_folder.save("h36m_valid_protocol1.npz", S=joints_24(spin_folder.joints_17))
    protocol = protocol_named("h36m-p1")
    with pytest.raises(SetupError, match="6 of 6 pictures") as caught:
        read_people(protocol, find_files(protocol, spin_folder.data), tmp_path)
    assert "and 1 more" in caught.value.message


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({}, "'S' is not among"),
        ({"S": np.zeros((PEOPLE, 14, 3))}, r"expected numbers \(6, 24, 4\)"),
        ({"S": np.full((PEOPLE, 24, 4), np.nan)}, "not finite"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(spin_folder, fields, match):
    spin_folder.save("h36m_valid_protocol1.npz", **fields)
    with pytest.raises(UserFileError, match=match):
        evaluate(spin_folder, "h36m-p1")


def test_pictures_outside_the_data_set_are_refused(spin_folder):
    spin_folder.save("h36m_valid_protocol1.npz", S=joints_24(spin_folder.joints_17))
    path = spin_folder.data / "dataset_extras" / "h36m_valid_protocol1.npz"
    with np.load(path) as archive:
        arrays = dict(archive)
    arrays["imgname"] = np.array(["../../secret.png"] * PEOPLE)
    np.savez(path, **arrays)
    with pytest.raises(UserFileError, match="outside"):
        evaluate(spin_folder, "h36m-p1")


def test_a_regressor_of_another_body_keeps_its_poses_alone(spin_folder, tmp_path):
    regressor = load_regressor(spin_folder.checkpoint)
    regressor.body_name = "another body"
    save_checkpoint(tmp_path / "other.pt", regressor_state(regressor))
    spin_folder.save("h36m_valid_protocol1.npz", S=joints_24(spin_folder.joints_17))
    result = evaluate_protocol(
        protocol_named("h36m-p1"),
        data=spin_folder.data,
        pictures=spin_folder.pictures,
        checkpoint=tmp_path / "other.pt",
    )
    assert result.bodies.betas.abs().max() == 0
    assert any("mean shape" in note for note in result.notes)


def test_the_command_says_the_same_as_json_and_writes_predictions(spin_folder, tmp_path, capsys):
    spin_folder.save("h36m_valid_protocol2.npz", S=joints_24(spin_folder.joints_17))
    arguments = [
        "evaluate", "h36m-p2", "--data", str(spin_folder.data), "--limit", "4", "--json",
        "--pictures", str(spin_folder.pictures), "--checkpoint", str(spin_folder.checkpoint),
        "--results", str(tmp_path / "said.npz"),
    ]  # fmt: skip
    assert program.main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["people"] == 4
    assert found["available"] == PEOPLE
    assert found["metrics"]["MPJPE, mm"] < EXACT_MM
    with np.load(tmp_path / "said.npz") as saved:
        np.testing.assert_allclose(saved["pred_joints"], spin_folder.joints_17[:4], atol=1e-5)
        assert saved["pose"].shape == (4, 72)


def test_missing_files_end_the_command_with_the_list(tmp_path, capsys):
    assert program.main(["evaluate", "lsp", "--data", str(tmp_path)]) == 1
    assert "lsp_dataset_test.npz: looked for" in capsys.readouterr().err


def test_cancelling_and_senseless_limits_are_told(spin_folder):
    spin_folder.save("h36m_valid_protocol2.npz", S=joints_24(spin_folder.joints_17))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        evaluate(spin_folder, "h36m-p2", cancel=token)
    with pytest.raises(StudioError, match="at least 1"):
        evaluate(spin_folder, "h36m-p2", limit=0)


def test_every_protocol_has_a_name_and_another_is_refused():
    assert PROTOCOL_NAMES == ("h36m-p1", "h36m-p2", "mpi-inf-3dhp", "3dpw", "lsp")
    with pytest.raises(StudioError, match="coco"):
        protocol_named("coco")


@pytest.mark.parametrize(
    ("men", "women"),
    [("male", "female"), ("M", "F"), (b"m", b"f"), (0, 1), (0.0, 1.0), ("MALE ", "Female")],
)
def test_3dpw_genders_mean_the_same_in_every_spelling(spin_folder, men, women):
    said = spin_folder.said
    fields = {"pose": said.to_axis_angle().numpy(), "shape": said.betas.numpy()}
    found = []
    for pair in (("m", "f"), (men, women)):
        spin_folder.save("3dpw_test.npz", **fields, gender=np.array(pair * (PEOPLE // 2)))
        found.append(evaluate(spin_folder, "3dpw").metrics)
    assert found[0] == found[1]
    assert found[0]["PVE, mm"] > 1


@pytest.mark.parametrize("word", ["neutral", "n", -1])
def test_3dpw_neutral_people_are_posed_in_the_neutral_model(spin_folder, word):
    said = spin_folder.said
    # The models of both sexes differ from the neutral one here.
    shutil.copyfile(
        (spin_folder.data / "smpl/SMPL_FEMALE.npz").resolve(),
        spin_folder.data / "smpl" / "broad.npz",
    )
    (spin_folder.data / "smpl/SMPL_MALE.npz").unlink()
    (spin_folder.data / "smpl/broad.npz").rename(spin_folder.data / "smpl/SMPL_MALE.npz")
    fields = {"pose": said.to_axis_angle().numpy(), "shape": said.betas.numpy()}
    spin_folder.save("3dpw_test.npz", **fields, gender=np.array([word] * PEOPLE))
    assert evaluate(spin_folder, "3dpw").metrics["PVE, mm"] < 0.01
    spin_folder.save("3dpw_test.npz", **fields, gender=np.array(["m"] * PEOPLE))
    assert evaluate(spin_folder, "3dpw").metrics["PVE, mm"] > 1


def test_3dpw_an_unknown_gender_is_refused_with_its_row(spin_folder):
    said = spin_folder.said
    fields = {"pose": said.to_axis_angle().numpy(), "shape": said.betas.numpy()}
    genders = np.array(["m"] * (PEOPLE - 1) + ["x"])
    spin_folder.save("3dpw_test.npz", **fields, gender=genders)
    with pytest.raises(UserFileError, match=rf"row {PEOPLE - 1}: x, expected m or male"):
        evaluate(spin_folder, "3dpw")


def test_written_results_come_back_as_predictions_of_the_same_people(spin_folder, tmp_path):
    spin_folder.save("h36m_valid_protocol2.npz", S=joints_24(spin_folder.joints_17))
    result = evaluate(spin_folder, "h36m-p2")
    result.save(tmp_path / "results.npz")
    with np.load(tmp_path / "results.npz") as written:
        weak = written["camera"]
        # SPIN's own file holds (s, tx, ty) there, and so does this one.
        depth = 2 * 5000 / (224 * weak[:, 0])
        np.testing.assert_allclose(depth, result.bodies.camera_translation[:, 2], rtol=1e-5)
        older = {name: written[name] for name in ("pose", "betas", "pred_joints")}
        older |= {name: written[name] for name in ("imgname", "center", "scale")}
        older["camera"] = written["camera_translation"]
    np.savez(tmp_path / "older.npz", **older)
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(samples_of(result))
    for name in ("results", "older"):
        import_predictions(project, name, tmp_path / f"{name}.npz", betas="keep")
        with Dictionary.open(project) as dictionary:
            ids = dictionary.search.ids().tolist()
            bodies = list(body_source(dictionary, name).bodies(ids).values())
        assert len(bodies) == PEOPLE
        for body, translation in zip(bodies, result.bodies.camera_translation, strict=True):
            np.testing.assert_allclose(body.camera_translation, translation, rtol=1e-4)


def samples_of(result):
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[25:] = [60, 50, 1]
    for number, (picture, box) in enumerate(zip(result.pictures, result.boxes, strict=True)):
        yield NewSample(
            picture_path=picture,
            picture_size_px=(120, 100),
            dataset="h36m",
            person_key=str(number),
            box_center_px=np.float32([box.center_x_px, box.center_y_px]),
            box_scale=box.side_px / 200,
            keypoints_px=keypoints,
        )
