"""People who are made of bodies alone: where they are, and that nothing takes that for evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.body.display_body import DisplayBody
from core.body.reprojection_loss import compared_bodies
from core.body.smpl_files import load_open_body_arrays
from core.body.usable_keypoints import enough_keypoints
from core.dictionary.recovery.integrity_check import find_problems
from core.dictionary.store import Dictionary
from core.errors import AnnotationError
from core.geometry.crop_camera import project_to_crop
from core.types.bodies import camera_batch
from core.types.fits import Origin
from core.types.flags import FlagName
from core.types.keypoint_sources import KeypointSource, is_projected
from core.workflows.export_formats import export_project
from core.workflows.new_projects import NewProject
from core.workflows.predictions.import_bodies import import_bodies
from core.workflows.predictions.import_bodies_report import ImportBodiesReport
from core.workflows.predictions.people_of_file import IN_THE_PROJECT
from core.workflows.shipped_demo import copy_demo_project
from tests.body_files import PEOPLE, camera_hmr_of, eft_of

BODY = DisplayBody(load_open_body_arrays(), name="open body")


@pytest.fixture
def project(imported: tuple[Path, ImportBodiesReport]) -> Iterator[Dictionary]:
    with Dictionary.open(imported[0]) as dictionary:
        yield dictionary


def _people(project: Dictionary) -> list[int]:
    return project.search.ids().tolist()


def test_everybody_comes_in_with_a_body_whose_error_is_unknown(
    project: Dictionary, imported: tuple[Path, ImportBodiesReport]
) -> None:
    fits = project.fits.current(_people(project))
    assert len(fits) == PEOPLE
    assert {fit.origin for fit in fits.values()} == {Origin.IMPORTED}
    assert not any(fit.losses.is_measured or fit.pose_valid for fit in fits.values())
    assert all(row.loss is None and row.has_fit for row in project.search.rows(list(fits)))
    assert f"{PEOPLE} without keypoints to measure the body by" in imported[1].summary()
    assert imported[1].people.projected == PEOPLE
    assert imported[1].people.without_keypoints == 0
    assert list(find_problems(project._connection)) == []


def test_the_joints_stand_where_the_bodies_are_seen(project: Dictionary) -> None:
    fits = project.fits.current(_people(project))
    for sample in project.samples.get_many(list(fits)):
        body = fits[sample.id].parameters
        camera = camera_batch([body.camera]).converted(lambda part: part.astype(np.float64))
        seen = project_to_crop(
            BODY.keypoints(body)[None].astype(np.float64),
            body.camera_translation[None].astype(np.float64),
            camera,
        )[0]
        there = is_projected(sample.keypoints_px, sample.keypoint_sources)
        assert there.all()
        assert np.allclose(sample.box.crop_to_picture(seen), sample.keypoints_px[:, :2], atol=0.1)


def test_nothing_takes_projected_joints_for_evidence(project: Dictionary) -> None:
    flagged = set(project.flags.sample_ids([FlagName.NO_KEYPOINTS]).tolist())
    for sample in project.samples.get_many(_people(project)):
        assert not sample.fitted_keypoints_crop_px.any()
        assert not sample.annotated_keypoints_px.any()
        assert not enough_keypoints(sample.keypoints_px)
        body = project.fits.current([sample.id])[sample.id].parameters
        assert compared_bodies(BODY, sample.keypoints_crop_px, [body]) is None
        assert sample.id in flagged


def test_the_same_file_again_meets_everybody(
    demo: Path, file: Path, imported: tuple[Path, ImportBodiesReport], project: Dictionary
) -> None:
    before = project.fits.current_ids(_people(project))
    again = import_bodies(imported[0], file, demo / "pictures")
    assert (again.people.added, again.people.already_there) == (0, PEOPLE)
    assert again.fits is not None
    assert again.fits.fits.became_current == 0
    assert project.fits.current_ids(_people(project)) == before


def test_no_export_gives_them_out_as_annotation(
    imported: tuple[Path, ImportBodiesReport], tmp_path: Path
) -> None:
    report = export_project(imported[0], "coco-keypoints", tmp_path / "coco.json")
    assert f"{PEOPLE} of those without have only joints" in report.summary()
    written = json.loads((tmp_path / "coco.json").read_text())["annotations"]
    assert {entry["num_keypoints"] for entry in written} == {0}
    assert not any(any(entry["keypoints"]) for entry in written)
    report = export_project(imported[0], "smplx", tmp_path / "results")
    assert f"{PEOPLE} without keypoints to measure them by" in report.summary()


def test_a_placed_keypoint_is_evidence_and_the_others_stay_projected(
    demo: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "vetted"
    file = camera_hmr_of(demo, tmp_path / "one.npz", people=1)
    import_bodies(NewProject(folder), file, demo / "pictures")
    with Dictionary.open(folder) as project:
        (sample,) = project.samples.get_many(_people(project))
        placed = sample.keypoints_px.copy()
        placed[7, 2] = 1
        edit = project.corrections.set_keypoints(sample.id, placed, compare=_compare)
        assert edit is not None
        after = project.samples.get(sample.id)
        assert after.keypoint_sources[7] == KeypointSource.MARKED
        assert is_projected(after.keypoints_px, after.keypoint_sources).sum() == 48
        fit = project.fits.current([sample.id])[sample.id]
        assert fit.losses.is_measured
        assert project.search.rows([sample.id])[0].loss == pytest.approx(fit.losses.comparison)
        project.corrections.restore(edit.before, compare=_compare)
        restored = project.samples.get(sample.id)
        assert np.array_equal(restored.keypoints_px, sample.keypoints_px)
        assert np.array_equal(restored.keypoint_sources, sample.keypoint_sources)
        assert project.search.rows([sample.id])[0].loss is None
        assert list(find_problems(project._connection)) == []


def test_people_who_are_there_get_the_bodies_as_fits(
    demo: Path, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "people"
    copy_demo_project(folder)
    with Dictionary.open(folder) as project:
        before = project.search.count()
    report = import_bodies(folder, file, folder / "pictures")
    assert report.people.added == 0
    assert report.people.skipped == {IN_THE_PROJECT: PEOPLE}
    assert report.fits is not None
    assert report.fits.fits.people == PEOPLE
    with Dictionary.open(folder) as project:
        assert project.search.count() == before


def test_bodies_of_crops_lie_in_the_boxes_that_the_file_states(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json", with_keypoints=False)
    report = import_bodies(NewProject(tmp_path / "vetted"), file, demo / "pictures")
    assert report.people.added == PEOPLE
    boxes = {tuple(np.float32(row["bbox_center"])) for row in json.loads(file.read_text())["data"]}
    with Dictionary.open(tmp_path / "vetted") as project:
        for sample in project.samples.get_many(_people(project)):
            assert (np.float32(sample.box.center_x_px), np.float32(sample.box.center_y_px)) in boxes
            inside = sample.box.picture_to_crop(sample.keypoints_px[:, :2])
            assert ((inside > 0) & (inside < 224)).mean() > 0.9


def test_without_a_camera_nothing_says_where_anyone_is(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json", with_keypoints=False)
    document = json.loads(file.read_text())
    for row in document["data"]:
        del row["parm_cam"]
    file.write_text(json.dumps(document))
    try:
        report = import_bodies(NewProject(tmp_path / "vetted"), file, demo / "pictures")
    except AnnotationError:
        return
    assert report.people.people == 0
    assert "no camera says where" in str(report.people.problems[0])
    assert not (tmp_path / "vetted").exists()


def _compare(keypoints_crop_px, bodies, camera):
    return compared_bodies(BODY, keypoints_crop_px, bodies, camera)


def test_joints_that_a_data_set_measured_become_the_ground_truth(
    demo: Path, tmp_path: Path
) -> None:
    measured = np.concatenate(
        [np.random.default_rng(1).normal(0, 0.4, (2, 24, 3)), np.ones((2, 24, 1))], axis=2
    )
    file = camera_hmr_of(demo, tmp_path / "theirs.npz", people=2, S=measured)
    for told in ("2 people: the measured 3D joints became the ground truth", ""):
        folder = tmp_path / "vetted"
        target = folder if folder.exists() else NewProject(folder)
        report = import_bodies(target, file, demo / "pictures")
        assert ("measured 3D joints" in report.summary()) is bool(told)
        assert told in report.summary()
    with Dictionary.open(folder) as project:
        samples = project.samples.get_many(_people(project))
        assert list(find_problems(project._connection)) == []
    pelvis = 14
    for row, sample in enumerate(samples):
        true = sample.ground_truth.joints_3d
        assert true is not None
        about = measured[row, :, :3] - measured[row, pelvis, :3]
        np.testing.assert_allclose(true[25:, :3], about, atol=1e-6)
        assert true[:, 3].tolist() == [0] * 25 + [1] * 24


def test_an_undone_import_takes_its_bodies_and_their_file_and_they_come_back(
    demo: Path, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "vetted"
    report = import_bodies(NewProject(folder), file, demo / "pictures").people
    assert report.import_id is not None
    with Dictionary.open(folder) as project:
        before = _stored(project)
        assert (before["samples"], before["fits"]) == (PEOPLE, PEOPLE)
        assert (before["imported_bodies"], before["body_files"]) == (PEOPLE, 1)
        removal = project.removals.undo_import(report.import_id)
        assert not any(_stored(project).values())
        assert list(find_problems(project._connection)) == []
        project.removals.put_back(removal.id)
        assert _stored(project) == before
        assert list(find_problems(project._connection)) == []
        fits = project.fits.current(_people(project))
        came = project.imported_bodies.of_fits([fit.id for fit in fits.values()])
        assert len(came) == PEOPLE
        assert {body.file.method for body in came.values()} == {"theirs"}


def _stored(project: Dictionary) -> dict[str, int]:
    tables = ("samples", "fits", "set_predictions", "imported_bodies", "body_files", "cameras")
    return {table: project._connection.scalar(f"SELECT count(*) FROM {table}") for table in tables}
