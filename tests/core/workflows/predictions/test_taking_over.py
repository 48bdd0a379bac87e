"""Another method's bodies become fits: by the dictionary's rules, with what they came as."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.kinematics import BodyKinematics, pelvis_at_rest
from core.body.seen_keypoints import keypoints_in_crop
from core.body.smpl_files import load_open_body_arrays
from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError, StudioError
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.formats.bodies.source_rows import file_content
from core.geometry.boxes import Box
from core.geometry.crop_camera import translation_to_weak_perspective
from core.geometry.rotations import geodesic_angle, pose_to_matrices
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.foreign.imported_bodies import Conversion
from core.types.samples import NewSample
from core.workflows.export_formats import export_project
from core.workflows.predictions.body_conversion import convert_bodies
from core.workflows.predictions.import_predictions import import_predictions
from core.workflows.predictions.take_over import take_over
from core.workflows.predictions.take_over_plan import plan_take_over
from core.workflows.refit_project import refit_samples

PEOPLE = 4
BOX = Box(200.0, 300.0, 240.0)


def body_of(number: int) -> BodyParameters:
    rng = np.random.default_rng(number)
    pose = rng.normal(0, 0.2, 72).astype(np.float32)
    pose[:3] = [np.pi - 0.1, 0.1, 0.05]
    betas = rng.normal(0, 0.5, 10).astype(np.float32)
    return BodyParameters(pose, betas, np.array([0.05, 0.2, 46.0 + number], np.float32))


@pytest.fixture
def project(tmp_path, open_body):
    """People of one picture each, whose keypoints are those of known bodies."""
    new = []
    for number in range(PEOPLE):
        body = body_of(number)
        pose, betas = (
            torch.from_numpy(part[None].copy()) for part in (body.pose_axis_angle, body.betas)
        )
        seen = keypoints_in_crop(open_body.posed(pose, betas).keypoints[0].numpy(), body)
        new.append(
            NewSample(
                picture_path=Path(f"/data/{number:03d}.jpg"),
                picture_size_px=(640, 480),
                dataset="coco",
                person_key=str(number),
                box_center_px=np.float32([200.0, 300.0]),
                box_scale=1.2,
                keypoints_px=np.concatenate(
                    [BOX.crop_to_picture(seen), np.ones((49, 1), np.float32)], axis=1
                ),
            )
        )
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(new)
    return folder


def eft(path: Path, bodies: dict[int, BodyParameters], **more: object) -> Path:
    """An EFT file with an entry of each body, one of a picture that is not there, one broken."""
    data = []
    for number, body in bodies.items():
        weak = translation_to_weak_perspective(torch.from_numpy(body.camera_translation)[None])
        data.append(
            {
                "parm_pose": pose_to_matrices(torch.from_numpy(body.pose_axis_angle)[None])[
                    0
                ].tolist(),
                "parm_shape": [round(float(beta), 3) for beta in body.betas],
                "parm_cam": (weak[0] * torch.tensor([1, weak[0, 0], weak[0, 0]])).tolist(),
                "bbox_scale": 1.2,
                "bbox_center": [200.0, 300.0],
                "imageName": f"{number:03d}.jpg",
                "annotId": number,
                "subjectId": f"subject {number}",
                **more,
            }
        )
    data += [{**data[0], "imageName": "elsewhere.jpg"}, {"imageName": "broken.jpg"}]
    path.write_text(json.dumps({"ver": 0.1, "data": data}))
    return path


def offer_own(project: Path, losses: dict[int, float], verdicts: dict[int, Verdict]) -> None:
    """Fits of other poses, with losses by sample, and verdicts of some."""
    with Dictionary.open(project) as dictionary:
        fits = [
            NewFit(
                sample_id=sample_id,
                parameters=body_of(50 + sample_id),
                losses=FitLosses(
                    reprojection=loss, pose_prior=0, angle_prior=0, shape_prior=0, comparison=loss
                ),
                origin=Origin.MEAN,
            )
            for sample_id, loss in losses.items()
        ]
        dictionary.fits.offer(fits, body_name="open body")
        dictionary.verdicts.set(verdicts, "me")


def in_set(project: Path, source: Path, name: str = "EFT", **options: object) -> None:
    import_predictions(project, name, source, betas="keep", **options)


def test_the_better_body_becomes_current_and_people_decide_before_that(project, tmp_path):
    offer_own(
        project,
        {2: 1e5, 3: 50.0, 4: 0.001},
        {3: Verdict.ACCEPTED},
    )
    in_set(project, eft(tmp_path / "eft.json", {number: body_of(number) for number in range(4)}))
    with Dictionary.open(project) as dictionary:
        plan = plan_take_over(dictionary, "EFT")
    assert (plan.people, plan.without_fit, plan.others, plan.accepted) == (4, 1, 2, 1)
    report = take_over(project, "eft")
    assert (report.became_current, report.locked, report.kept) == (2, 1, 1)
    with Dictionary.open(project) as dictionary:
        current = dictionary.fits.current([1, 2, 3, 4])
        assert [current[number].origin for number in (1, 2, 3, 4)] == [
            Origin.IMPORTED, Origin.IMPORTED, Origin.MEAN, Origin.MEAN,
        ]  # fmt: skip
        assert current[1].verdict is Verdict.NONE
        assert current[1].losses.comparison < 10  # measured under the camera of the picture
        assert current[1].pose_valid
        assert dictionary.problems() == []


def test_bodies_kept_beside_leave_what_is_current(project, tmp_path):
    offer_own(project, {2: 1e5}, {})
    in_set(project, eft(tmp_path / "eft.json", {0: body_of(0), 1: body_of(1)}))
    report = take_over(project, "EFT", beside=True)
    assert (report.became_current, report.kept) == (0, 2)
    with Dictionary.open(project) as dictionary:
        assert dictionary.fits.current_of(1) is None
        assert dictionary.fits.current_of(2).origin is Origin.MEAN
        kept = dictionary.fits.history(1)[0]
        assert kept.origin is Origin.IMPORTED
        dictionary.fits.make_current(1, kept.id)
        assert dictionary.fits.current_of(1).id == kept.id


def test_a_near_copy_of_a_rejected_fit_is_refused_and_told(project, tmp_path):
    source = eft(tmp_path / "eft.json", {0: body_of(0)})
    in_set(project, source)
    take_over(project, "EFT")
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.REJECTED}, "me")
    report = take_over(project, "EFT")
    assert sum(report.refused.values()) == 1
    assert "1 refused: The fit is a near copy of the rejected fit" in report.summary()


def test_taking_over_twice_stores_each_body_once(project, tmp_path):
    in_set(project, eft(tmp_path / "eft.json", {0: body_of(0), 1: body_of(1)}))
    take_over(project, "EFT")
    with Dictionary.open(project) as dictionary:
        assert plan_take_over(dictionary, "EFT").taken == 2
    report = take_over(project, "EFT")
    assert (report.became_current, report.kept) == (0, 2)
    with Dictionary.open(project) as dictionary:
        assert len(dictionary.fits.history(1)) == 1


def test_only_those_of_a_filter_and_of_the_set_are_taken(project, tmp_path):
    in_set(project, eft(tmp_path / "eft.json", {0: body_of(0), 1: body_of(1)}))
    report = take_over(project, "EFT", where=SampleQuery(text="001.jpg"))
    assert report.people == 1
    with Dictionary.open(project) as dictionary:
        assert dictionary.fits.current_of(1) is None
        assert dictionary.fits.current_of(2) is not None
    with pytest.raises(StudioError, match="None of these 1 person is in the prediction set"):
        take_over(project, "EFT", where=SampleQuery(text="003.jpg"))
    with pytest.raises(NoSuchRecordError):
        take_over(project, "nothing")


def test_a_body_keeps_what_it_came_as(project, tmp_path):
    source = eft(tmp_path / "eft.json", {0: body_of(0), 2: body_of(2)}, smpltype="female")
    import_predictions(project, "EFT", source)
    report = take_over(project, "EFT")
    with Dictionary.open(project) as dictionary:
        fit = dictionary.fits.current_of(3)
        came = dictionary.imported_bodies.of_fits([fit.id])[fit.id]
        document = json.loads(source.read_text())
        assert came.provenance == "EFT: entry 1 of eft.json"
        assert (came.body.body_name, came.body.gender) == ("smpl", "female")
        assert came.body.betas.tolist() == document["data"][1]["parm_shape"]
        assert came.body.conversion is Conversion.MEAN_SHAPE
        assert came.body.conversion_error_mm is None
        assert not fit.parameters.betas.any()
        # SMPL's origin is not its pelvis, which stays where it came.
        assert not np.allclose(came.body.camera_translation, fit.parameters.camera_translation)
        entries = [entry for *_, entry in dictionary.imported_bodies.entries(came.file.id)]
        assert file_content(came.file.heading, entries).document == document
    assert "converted" not in report.summary()


def test_shapes_are_found_through_the_joints_of_their_own_body(tmp_path):
    """The open body in other units of shape stands for a body whose file is at hand."""
    arrays = load_open_body_arrays()
    bodies = {number: body_of(number) for number in range(3)}
    found = read_foreign_predictions(eft(tmp_path / "eft.json", bodies))
    moved = arrays.v_template + np.array([0.0, 0.4, 0.1])
    other = type(arrays)(**{**vars(arrays), "shapedirs": 2 * arrays.shapedirs, "v_template": moved})
    converted = convert_bodies(
        found, arrays, "open body", body_of=lambda name, _gender: other if name == "smpl" else None
    )
    assert converted.rules == [Conversion.THROUGH_JOINTS] * len(found)
    assert converted.error_mm.max() < 2.0
    wanted = pelvis_at_rest(other, found.betas) - pelvis_at_rest(arrays, converted.betas)
    assert np.allclose(converted.origin_shift, wanted, atol=2e-3), "the pelvis stays where it came"
    # What joints hardly tell, such as weight, is kept near the mean.
    off = np.abs(converted.betas - 2 * found.betas).max(axis=0)
    assert off[0] < 0.02
    assert off[1] < 0.2
    came, made = (pose_to_matrices(each.pose_axis_angle) for each in (found, converted))
    turns = geodesic_angle(came, made)
    assert np.rad2deg(turns).max() < 2.0, "rotations stay nearly as they came"


def test_a_body_of_other_proportions_gets_the_pose_that_brings_its_joints_together(tmp_path):
    """Longer legs and wider shoulders than the open body has in any shape."""
    arrays = load_open_body_arrays()
    template = arrays.v_template * [1.08, 1.0, 1.0]
    template[template[:, 1] < 0, 1] *= 1.05
    other = type(arrays)(**{**vars(arrays), "v_template": template})
    bodies = {number: body_of(number) for number in range(3)}
    found = read_foreign_predictions(eft(tmp_path / "eft.json", bodies))
    converted = convert_bodies(found, arrays, "open body", body_of=lambda _name, _gender: other)

    def joints(body, pose_axis_angle, betas, translation):
        posed = BodyKinematics(body, np.asarray).posed(
            pose_to_matrices(pose_axis_angle.astype(float)), betas.astype(float)
        )
        return posed.joints + translation[:, None]

    nowhere = np.zeros((len(found), 3))
    theirs = joints(other, found.pose_axis_angle, found.betas, nowhere)
    ours = joints(arrays, converted.pose_axis_angle, converted.betas, converted.origin_shift)
    apart_mm = 1000 * np.linalg.norm(ours - theirs, axis=-1).mean(axis=-1)
    assert np.allclose(apart_mm, converted.error_mm, atol=0.05)
    assert apart_mm.max() < 5.0
    turned = geodesic_angle(
        pose_to_matrices(found.pose_axis_angle), pose_to_matrices(converted.pose_axis_angle)
    )
    assert np.rad2deg(turned).max() < 5.0


def test_a_set_that_is_deleted_leaves_the_files_of_fits(project, tmp_path):
    in_set(project, eft(tmp_path / "one.json", {0: body_of(0)}), name="one")
    in_set(project, eft(tmp_path / "two.json", {1: body_of(1)}), name="two")
    take_over(project, "one")
    with Dictionary.open(project) as dictionary:
        for prediction_set in dictionary.prediction_sets.all():
            dictionary.prediction_sets.delete(prediction_set.id)
        paths = dictionary._connection.execute("SELECT path FROM body_files")
        assert [Path(path).name for (path,) in paths] == ["one.json"]
        assert dictionary.imported_bodies.files_of([1, 2])[0].method == "one"


def test_people_who_come_back_bring_their_imported_bodies(project, tmp_path):
    in_set(project, eft(tmp_path / "eft.json", {0: body_of(0), 1: body_of(1)}))
    take_over(project, "EFT")
    with Dictionary.open(project) as dictionary:
        fit = dictionary.fits.current_of(1)
        removal = dictionary.removals.people([1])
        dictionary.prediction_sets.delete(dictionary.prediction_sets.named("EFT").id)
        dictionary.removals.put_back(removal.id)
        assert dictionary.imported_bodies.of_fits([fit.id])[fit.id].body.body_name == "smpl"
        assert dictionary.problems() == []


def cli(*words: object) -> str:
    console = Console(out=io.StringIO(), log=io.StringIO())
    options = build_parser().parse_args([str(word) for word in words])
    assert options.run(options, console) == 0
    return console.out.getvalue()


def test_the_command_line_takes_a_file_or_a_set(project, tmp_path):
    source = eft(tmp_path / "eft coco.json", {0: body_of(0), 1: body_of(1)})
    told = cli("import-fits", project, source, "--betas", "keep", "--where", "000.jpg")
    assert "2 people imported as 'eft coco'" in told
    assert "1 fit taken over from 'eft coco': 1 became current" in told
    told = cli("import-fits", project, "set:EFT COCO", "--beside")
    assert "2 fits taken over" in told
    assert build_parser().parse_args(["import-fits", "p", "set:a"]).source == "set:a"


def exported(project: Path, tmp_path: Path, **options: object) -> tuple[list[dict], str]:
    """The entries of the file as it is written again, and the report."""
    out = tmp_path / "written"
    report = export_project(project, "as-imported", out, overwrite=True, **options)
    return json.loads((out / "eft.json").read_text())["data"], report.summary()


def test_untouched_rows_are_written_as_they_came_with_those_of_no_one(project, tmp_path):
    source = eft(tmp_path / "eft.json", {0: body_of(0), 1: body_of(1)})
    in_set(project, source)
    take_over(project, "EFT", where=SampleQuery(text="001.jpg"))
    data, told = exported(project, tmp_path)
    assert data == json.loads(source.read_text())["data"]
    assert "4 rows of eft.json: 4 as they came" in told
    data, _ = exported(project, tmp_path, query=SampleQuery(text="001.jpg"))
    assert [entry["imageName"] for entry in data] == ["001.jpg"]


def test_a_body_that_lost_or_was_kept_beside_was_touched_by_no_one(project, tmp_path):
    offer_own(project, {1: 1e-6, 2: 1e-6, 3: 1e-6}, {})
    bodies = {number: body_of(number) for number in range(3)}
    source = eft(tmp_path / "eft.json", bodies)
    in_set(project, source)
    take_over(project, "EFT", beside=True)
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({2: Verdict.ACCEPTED, 3: Verdict.REJECTED}, "me")
    data, told = exported(project, tmp_path)
    came = json.loads(source.read_text())["data"]
    assert [data[row] == came[row] for row in range(3)] == [True, False, True]
    assert "1 with the fits that people chose or made since" in told
    turned = pose_to_matrices(torch.from_numpy(body_of(52).pose_axis_angle)[None])[0].numpy()
    assert np.abs(np.array(data[1]["parm_pose"]) - turned).max() < 1e-5
    import_predictions(project, "again", tmp_path / "written" / "eft.json", betas="keep")
    with Dictionary.open(project) as dictionary:
        again = dictionary.prediction_sets.bodies(
            dictionary.prediction_sets.named("again").id, [2]
        )[2]
    accepted = body_of(52)
    assert np.abs(again.camera_translation - accepted.camera_translation).max() < 1e-3


def test_a_changed_row_of_our_own_eft_file_is_as_we_would_write_it(project, tmp_path):
    theirs = tmp_path / "theirs"
    shutil.copytree(project, theirs)
    offer_own(theirs, {1: 1.0, 2: 1.0}, {1: Verdict.ACCEPTED, 2: Verdict.ACCEPTED})
    source = tmp_path / "eft.json"
    export_project(theirs, "eft", source)
    in_set(project, source)
    take_over(project, "EFT")
    with Dictionary.open(project) as dictionary:
        better = replace(dictionary.fits.current_of(2).parameters, betas=body_of(9).betas)
        losses = replace(dictionary.fits.current_of(2).losses, comparison=1e-9)
        new = NewFit(sample_id=2, parameters=better, losses=losses, origin=Origin.REFIT)
        dictionary.fits.offer([new], body_name="open body")
        dictionary.verdicts.set({2: Verdict.ACCEPTED}, "me")
    data, told = exported(project, tmp_path)
    assert "1 as they came, 1 with the fits that people chose or made since" in told
    export_project(project, "eft", tmp_path / "ours.json")
    came, (ours,) = (
        json.loads(path.read_text())["data"] for path in (source, tmp_path / "ours.json")
    )
    assert data[0] == came[0]
    assert data[1]["parm_shape"] != came[1]["parm_shape"]
    assert list(data[1]) == list(ours)
    for name, value in ours.items():
        if isinstance(value, str):
            assert data[1][name] == value
        else:
            np.testing.assert_allclose(data[1][name], value, atol=1e-5, err_msg=name)


def test_rejected_rows_of_a_file_with_validity_say_so(project, tmp_path):
    body = body_of(0)
    weak = translation_to_weak_perspective(torch.from_numpy(body.camera_translation)[None])
    source = tmp_path / "spin.npz"
    np.savez(
        source,
        imgname=np.array(["000.jpg"]),
        pose=body.pose_axis_angle[None],
        shape=body.betas[None],
        cam=weak.numpy(),
        center=np.array([[200.0, 300.0]]),
        scale=np.array([1.2]),
        has_smpl=np.array([1], np.uint8),
    )
    in_set(project, source, name="SPIN")
    take_over(project, "SPIN")
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.REJECTED}, "me")
    export_project(project, "as-imported", tmp_path / "out")
    with np.load(tmp_path / "out" / "spin.npz") as written, np.load(source) as came:
        assert written["has_smpl"].tolist() == [0]
        assert all(
            written[name].tobytes() == came[name].tobytes() for name in came if name != "has_smpl"
        )


def test_a_refit_may_begin_at_a_set(project, tmp_path):
    in_set(project, eft(tmp_path / "eft.json", {0: body_of(0), 1: body_of(1)}))
    report = refit_samples(project, starts=["set:EFT"])
    assert (report.refitted, report.without_start) == (2, 2)
    assert "best from 'EFT' 2" in report.summary()
    with pytest.raises(NoSuchRecordError):
        refit_samples(project, starts=["set:nothing"])


def test_the_body_that_is_current_already_does_not_take_its_own_place(project, tmp_path):
    source = eft(tmp_path / "eft.json", {0: body_of(0)})
    in_set(project, source)
    with Dictionary.open(project) as dictionary:
        sets = dictionary.prediction_sets
        (body,) = sets.bodies(sets.named("EFT").id, [1]).values()
        losses = FitLosses(
            reprojection=1e5, pose_prior=0, angle_prior=0, shape_prior=0, comparison=1e5
        )
        own = NewFit(sample_id=1, parameters=body, losses=losses, origin=Origin.MEAN)
        dictionary.fits.offer([own], body_name="open body")
    assert take_over(project, "EFT").kept == 1
    with Dictionary.open(project) as dictionary:
        assert dictionary.fits.current_of(1).origin is Origin.MEAN
