"""Another method's bodies find their people and stay where they were in the picture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.seen_keypoints import keypoints_in_crop
from core.cli.parser import build_parser
from core.dictionary.store import Dictionary
from core.errors import AnnotationError, DictionaryError, StudioError
from core.geometry.boxes import Box
from core.geometry.crop_camera import translation_to_weak_perspective
from core.geometry.rotations import pose_to_matrices
from core.runs.project_body import BODY_FILE
from core.types.bodies import BodyParameters, CropCamera
from core.types.cameras import CameraSource
from core.types.fits import FitLosses, NewFit, Origin
from core.types.samples import NewSample
from core.workflows.comparison_sources import body_source, samples_with_both
from core.workflows.export_fits import export_spin_fits
from core.workflows.predictions.import_predictions import import_predictions
from core.workflows.predictions.person_matching import ANOTHER_PLACE, NO_BOX, NO_SUCH_PICTURE, TAKEN

CENTERS = ((200.0, 300.0), (420.0, 310.0), (210.0, 290.0))
"""Two people of one picture, and one alone."""


def body_parameters(number: int) -> BodyParameters:
    rng = np.random.default_rng(number)
    pose = rng.normal(0, 0.2, 72).astype(np.float32)
    pose[:3] = [np.pi - 0.1, 0.1, 0.05]
    betas = rng.normal(0, 0.5, 10).astype(np.float32)
    return BodyParameters(pose, betas, np.array([0.05, 0.2, 46.0 + number], np.float32))


def keypoints_px(open_body, parameters, box):
    pose, betas = (
        torch.from_numpy(parameter[None].copy())
        for parameter in (parameters.pose_axis_angle, parameters.betas)
    )
    keypoints = open_body.posed(pose, betas).keypoints[0].numpy()
    return box.crop_to_picture(keypoints_in_crop(keypoints, parameters))


@pytest.fixture
def project(tmp_path, open_body):
    folder = tmp_path / "project"
    new = []
    for number, center in enumerate(CENTERS):
        box = Box(*center, 240.0)
        seen = keypoints_px(open_body, body_parameters(number), box)
        new.append(
            NewSample(
                picture_path=Path(f"/data/coco/train/{number // 2:03d}.jpg"),
                picture_size_px=(640, 480),
                dataset="coco",
                person_key=str(1000 + number),
                box_center_px=np.float32(center),
                box_scale=1.2,
                keypoints_px=np.concatenate([seen, np.ones((49, 1), np.float32)], axis=1),
            )
        )
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(new)
    return folder


def bodies(project, name):
    with Dictionary.open(project) as dictionary:
        return body_source(dictionary, name).bodies(dictionary.search.ids().tolist())


def in_other_box(parameters, box, other):
    """The weak camera of a crop of ``other`` that shows the body where ``box`` shows it."""
    s, tx, ty = translation_to_weak_perspective(
        torch.from_numpy(parameters.camera_translation)[None].double()
    )[0].tolist()
    moved = np.array([box.center_x_px - other.center_x_px, box.center_y_px - other.center_y_px])
    scale = s * box.side_px / other.side_px
    return [scale, *(np.array([tx, ty]) + moved * 2 / (scale * other.side_px))]


def spin_npz(path, rows, **changed):
    """A file like SPIN's and VIBE's: rows of (name, parameters, box, weak camera)."""
    arrays = {
        "imgname": np.array([name for name, *_ in rows]),
        "pose": np.stack([one.pose_axis_angle for _, one, *_ in rows]),
        "betas": np.stack([one.betas for _, one, *_ in rows]),
        "cam": np.array([camera for *_, camera in rows], np.float32),
        "center": np.array([(box.center_x_px, box.center_y_px) for _, _, box, _ in rows]),
        "scale": np.array([box.side_px / 200 for _, _, box, _ in rows]),
    }
    arrays.update(changed)
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def other_boxes():
    return [
        Box(x + 9, y - 12, side)
        for (x, y), side in zip(CENTERS, (200.0, 260.0, 320.0), strict=True)
    ]


def rows_in_other_boxes():
    names = ("train/000.jpg", "train\\000.jpg", "somewhere/else/001.jpg")
    rows = []
    for number, (name, other) in enumerate(zip(names, other_boxes(), strict=True)):
        parameters = body_parameters(number)
        camera = in_other_box(parameters, Box(*CENTERS[number], 240.0), other)
        rows.append((name, parameters, other, camera))
    return rows


def test_a_camera_of_another_box_keeps_the_body_in_its_place(project, tmp_path, open_body):
    source = spin_npz(tmp_path / "other.npz", rows_in_other_boxes())
    report = import_predictions(project, "other", source, betas="keep")
    assert (report.imported, report.unmatched, report.problems) == (3, (), ())
    for number, body in enumerate(bodies(project, "other").values()):
        box = Box(*CENTERS[number], 240.0)
        expected = keypoints_px(open_body, body_parameters(number), box)
        found = keypoints_px(open_body, body, box)
        assert np.abs(found - expected).max() < 0.5
        # The file's own crop shows the same.
        there = other_boxes()[number]
        weak = torch.tensor([rows_in_other_boxes()[number][3]], dtype=torch.float32)
        in_file = torch.stack([weak[:, 1], weak[:, 2], 2 * 5000 / (224 * weak[:, 0])], dim=1)[
            0
        ].numpy()
        foreign = BodyParameters(body.pose_axis_angle, body.betas, in_file)
        assert np.abs(keypoints_px(open_body, foreign, there) - found).max() < 0.01


def test_matrices_in_place_of_angles_are_the_same_bodies(project, tmp_path):
    rows = rows_in_other_boxes()
    matrices = pose_to_matrices(
        torch.from_numpy(np.stack([one.pose_axis_angle for _, one, *_ in rows]))
    ).numpy()
    wrong = matrices.copy()
    wrong[1, 5] *= -1
    source = spin_npz(tmp_path / "rotmat.npz", rows, pose=None, rotmat=wrong)
    report = import_predictions(project, "matrices", source, betas="keep")
    assert [str(problem) for problem in report.problems] == [
        f"{source}, entry 1: rotmat: the matrix of joint 5 is no rotation: it mirrors"
    ]
    found = list(bodies(project, "matrices").values())
    assert len(found) == 2
    assert np.abs(found[1].pose_axis_angle - rows[2][1].pose_axis_angle).max() < 1e-5


def test_betas_of_smpl_mean_nothing_to_the_open_body(project, tmp_path):
    source = spin_npz(tmp_path / "other.npz", rows_in_other_boxes())
    report = import_predictions(project, "other", source)
    assert report.without_betas
    assert "shapes are the mean one" in report.summary()
    assert not any(body.betas.any() for body in bodies(project, "other").values())


def eft_entry(name, parameters, box, camera, **changed):
    matrices = pose_to_matrices(torch.from_numpy(parameters.pose_axis_angle)[None])[0]
    return {
        "parm_pose": matrices.tolist(),
        "parm_shape": parameters.betas.tolist(),
        "parm_cam": list(camera),
        "bbox_scale": box.side_px / 200,
        "bbox_center": [box.center_x_px, box.center_y_px],
        "imageName": name,
        **changed,
    }


def test_eft_is_read_and_its_broken_entries_are_named(project, tmp_path):
    rows = rows_in_other_boxes()
    data = [eft_entry(*row, annotId=1000 + number) for number, row in enumerate(rows)]
    data += [
        {**data[0], "parm_shape": [0.0] * 9},
        {**data[0], "bbox_scale": 0},
        {**data[0], "parm_cam": [-1, 0, 0]},
        "nothing",
    ]
    source = tmp_path / "eft.json"
    source.write_text(json.dumps({"ver": 1, "data": data}))
    report = import_predictions(project, "EFT", source, betas="keep")
    assert report.imported == 3
    assert [problem.index for problem in report.problems] == [3, 4, 6, 5]
    for body, (_, parameters, *_) in zip(bodies(project, "EFT").values(), rows, strict=True):
        assert np.abs(body.pose_axis_angle - parameters.pose_axis_angle).max() < 1e-5
        assert np.array_equal(body.betas, parameters.betas)


OBLIQUE = CropCamera(530.0, -310.0, 190.0)
"""Of a person at the side of a picture, three metres away."""


def offered(project, parameters):
    """Fits of the first people, and the ids of all."""
    losses = FitLosses(reprojection=1, pose_prior=1, angle_prior=1, shape_prior=1, comparison=1.0)
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        dictionary.fits.offer(
            [
                NewFit(sample_id=one, parameters=body, losses=losses, origin=Origin.MEAN)
                for one, body in zip(ids, parameters, strict=False)
            ]
        )
    return ids


def test_own_export_comes_back_as_the_same_bodies_before_the_same_cameras(project, tmp_path):
    there = [
        body_parameters(0),
        replace(body_parameters(1), camera_translation=np.float32([0.1, 0.2, 3]), camera=OBLIQUE),
    ]
    ids = offered(project, there)
    with Dictionary.open(project) as dictionary:
        export_spin_fits(dictionary, tmp_path / "fits.npz")
    report = import_predictions(project, "as exported", tmp_path / "fits.npz")
    assert (report.imported, report.solved_cameras, report.unused_fields) == (2, 0, ())
    assert report.without_body == {"valid_fit is 0": 1}
    assert not report.without_betas
    found = bodies(project, "as exported")
    assert list(found) == ids[:2]
    for back, parameters in zip(found.values(), there, strict=True):
        np.testing.assert_array_equal(back.pose_axis_angle, parameters.pose_axis_angle)
        np.testing.assert_array_equal(back.betas, parameters.betas)
        np.testing.assert_array_equal(back.camera_translation, parameters.camera_translation)
        assert back.camera == parameters.camera


def test_an_export_of_before_has_its_cameras_found_from_the_keypoints(project, tmp_path, open_body):
    ids = offered(project, [body_parameters(0), body_parameters(1)])
    with Dictionary.open(project) as dictionary:
        export_spin_fits(dictionary, tmp_path / "fits.npz")
    with np.load(tmp_path / "fits.npz") as file:
        arrays = {name: file[name] for name in file.files}
    before = {name: one for name, one in arrays.items() if not name.startswith(("crop", "pict"))}
    assert len(before) == 10
    np.savez(tmp_path / "before.npz", **before)
    report = import_predictions(project, "as exported", tmp_path / "before.npz")
    assert (report.imported, report.solved_cameras) == (2, 2)
    for number, (sample_id, body) in enumerate(bodies(project, "as exported").items()):
        assert sample_id == ids[number]
        box = Box(*CENTERS[number], 240.0)
        expected = keypoints_px(open_body, body_parameters(number), box)
        assert np.abs(keypoints_px(open_body, body, box) - expected).max() < 0.5


def test_what_other_programs_read_of_an_export_is_the_body_in_the_pictures_camera(
    project, tmp_path, open_body
):
    body = replace(body_parameters(0), camera_translation=np.float32([0.1, 0.2, 3]), camera=OBLIQUE)
    offered(project, [body])
    with Dictionary.open(project) as dictionary:
        export_spin_fits(dictionary, tmp_path / "fits.npz")
    with np.load(tmp_path / "fits.npz") as file:
        root, rest = file["picture_root_axis_angle"][0], file["pose"][0, 3:]
        betas, translation = file["betas"][0], file["picture_translation"][0]
        focal_px, principal_px = (
            file["picture_focal_length_px"][0],
            file["picture_principal_point_px"][0],
        )
        assert not file["picture_translation"][2].any()
    pose = torch.from_numpy(np.concatenate([root, rest])[None])
    posed = open_body.posed(pose, torch.from_numpy(betas[None])).keypoints[0].numpy() + translation
    seen = focal_px * posed[:, :2] / posed[:, 2:] + principal_px
    expected = keypoints_px(open_body, body, Box(*CENTERS[0], 240.0))
    np.testing.assert_allclose(seen, expected, atol=0.01)


def test_an_export_without_the_bodys_file_says_what_it_lacks(project, tmp_path, monkeypatch):
    offered(project, [body_parameters(0)])
    with Dictionary.open(project) as dictionary:
        dictionary.settings.set(BODY_FILE, str(tmp_path / "gone.npz"))
        report = export_spin_fits(dictionary, tmp_path / "fits.npz")
    assert "in the frames of their crops alone" in report.summary()
    assert "gone.npz" in report.summary()
    with np.load(tmp_path / "fits.npz") as file:
        assert "picture_translation" not in file.files
        assert file["crop_translation"][0].any()


def test_without_a_camera_of_its_own_a_body_is_placed_before_the_samples(
    project, tmp_path, open_body
):
    with Dictionary.open(project) as dictionary:
        (sample, *_) = dictionary.samples.get_many(dictionary.search.ids().tolist())
    source = spin_npz(tmp_path / "other.npz", rows_in_other_boxes(), cam=None)
    report = import_predictions(project, "other", source, betas="keep")
    assert report.solved_cameras == 3
    (body, *_) = bodies(project, "other").values()
    assert sample.camera.source is CameraSource.ASSUMED
    assert body.camera == sample.crop_camera
    seen = keypoints_px(open_body, body, sample.box)
    off = np.linalg.norm(seen - sample.keypoints_px[:, :2], axis=1)
    assert np.median(off) * sample.box.crop_px_per_picture_px < 4


def test_an_entry_that_matches_no_one_is_counted_and_named(project, tmp_path):
    first, second, third = rows_in_other_boxes()
    far = Box(30, 30, 60)
    rows = [
        first,
        (first[0], first[1], Box(215, 290, 190), first[3]),
        (second[0], second[1], far, second[3]),
        ("999.jpg", *third[1:]),
    ]
    report = import_predictions(project, "other", spin_npz(tmp_path / "other.npz", rows))
    assert report.imported == 1
    assert {item.row: item.reason for item in report.unmatched} == {
        1: TAKEN, 2: ANOTHER_PLACE, 3: NO_SUCH_PICTURE,
    }  # fmt: skip
    assert f"1 left out: {NO_SUCH_PICTURE}" in report.summary()
    assert report.left_out()[2] == f"999.jpg: {NO_SUCH_PICTURE}"


def test_cocos_pictures_of_2014_and_2017_are_the_same(project, tmp_path):
    """EFT names ``COCO_train2014_…``; most people keep the pictures under the names of 2017."""
    names = ("COCO_train2014_000.jpg", "coco/COCO_train2014_000.jpg", "COCO_val2014_002.jpg")
    rows = [(name, *row[1:]) for name, row in zip(names, rows_in_other_boxes(), strict=True)]
    report = import_predictions(project, "EFT", spin_npz(tmp_path / "eft.npz", rows))
    assert report.imported == 2
    assert [item.reason for item in report.unmatched] == [NO_SUCH_PICTURE]


def test_without_boxes_only_a_person_alone_can_be_told(project, tmp_path):
    source = spin_npz(tmp_path / "other.npz", rows_in_other_boxes(), center=None, scale=None)
    report = import_predictions(project, "other", source)
    assert report.imported == 1
    assert {item.reason for item in report.unmatched} == {NO_BOX}


def test_importing_again_replaces_and_another_file_needs_another_name(project, tmp_path):
    source = spin_npz(tmp_path / "other.npz", rows_in_other_boxes())
    import_predictions(project, "other", source)
    import_predictions(project, "other", source)
    again = spin_npz(tmp_path / "again.npz", rows_in_other_boxes())
    with pytest.raises(DictionaryError, match="'other' already"):
        import_predictions(project, "other", again)
    with Dictionary.open(project) as dictionary:
        assert [
            (prediction_set.name, prediction_set.size)
            for prediction_set in dictionary.prediction_sets.all()
        ] == [("other", 3)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"imgname": None}, "no list of pictures"),
        ({"pose": None}, "no poses"),
        ({"pose": np.zeros((3, 71))}, "'pose' has shape"),
        ({"cam": np.zeros((2, 3))}, "'cam' has shape"),
        ({"betas": np.zeros((3, 9))}, "'betas' has shape"),
        ({"imgname": np.array(["x.jpg"] * 3)}, "none of its 3 entries"),
        ({"betas": np.array([["a"] * 10] * 3)}, "expected numbers"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_a_remedy(project, tmp_path, changed, message):
    source = spin_npz(tmp_path / "bad.npz", rows_in_other_boxes(), **changed)
    with pytest.raises(AnnotationError, match=message):
        import_predictions(project, "bad", source)
    with Dictionary.open(project) as dictionary:
        assert dictionary.prediction_sets.all() == []


def test_pickles_and_unknown_files_are_refused(project, tmp_path):
    pickled = tmp_path / "objects.npz"
    np.savez(pickled, imgname=np.array([{"a": 1}], dtype=object))
    for source in (pickled, tmp_path / "vibe.pkl", tmp_path / "absent.npz"):
        with pytest.raises(AnnotationError) as refused:
            import_predictions(project, "bad", source)
        assert refused.value.remedy


def test_the_commands_import_list_rename_and_delete(project, tmp_path, capsys):
    import sys

    from core.cli.console import Console

    console = Console(sys.stdout, sys.stderr)
    source = spin_npz(tmp_path / "other.npz", rows_in_other_boxes())

    def run(*arguments):
        options = build_parser().parse_args([str(argument) for argument in arguments])
        assert options.run(options, console) == 0
        return capsys.readouterr().out

    assert "3 people imported as 'CLIFF'" in run("import-predictions", project, "CLIFF", source)
    assert run("prediction-sets", project) == f"CLIFF: 3 people, imported, {source}\n"
    assert run("prediction-sets", project, "--rename", "cliff", "EFT").startswith("EFT: 3")
    assert run("prediction-sets", project, "--delete", "EFT") == "No prediction sets.\n"


def test_sides_of_a_comparison_are_called_by_word_or_name(project, tmp_path):
    import_predictions(
        project, "Other", spin_npz(tmp_path / "other.npz", rows_in_other_boxes()[:2])
    )
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        other = body_source(dictionary, "other")
        assert other.title == "Other"
        assert samples_with_both(other, other, reversed(ids)) == [ids[1], ids[0]]
        assert samples_with_both(other, body_source(dictionary, "current"), ids) == []
        with pytest.raises(StudioError, match="nothing called 'EFT'") as refused:
            body_source(dictionary, "EFT")
        assert "'Other'" in refused.value.remedy
