"""The door for scripts: what it says is what the dictionary holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.api import Project
from core.body.conventions import KEYPOINT_NAMES
from core.errors import AnnotationError, NoSuchRecordError, StudioError
from core.types.fits import Origin, RejectReason, Verdict

LEFT_WRIST, OPENPOSE_LEFT_WRIST = (
    KEYPOINT_NAMES.index("Left Wrist"),
    KEYPOINT_NAMES.index("OP LWrist"),
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "people"
    Project.demo(folder).close()
    return folder


@pytest.fixture
def project(demo: Path) -> Project:
    with Project.open(demo) as project:
        yield project


def test_people_are_those_of_the_filter_in_its_order(project: Project) -> None:
    assert len(project) == len(list(project.people())) == project.count()
    worst = [person.id for person in project.people("loss:10..")]
    assert worst == sorted(worst)
    assert 0 < len(worst) == project.count("loss:10..") < len(project)
    for person in project.people("loss:10.."):
        assert person.keypoint_error_px is not None
        assert person.keypoint_error_px**2 >= 10


def test_a_verdict_is_stored_at_once_and_returned(project: Project) -> None:
    person = next(project.people("verdict:none"))
    rejected = person.reject("limb")
    assert person.verdict is Verdict.NONE, "a person stays as it was read"
    assert rejected.verdict is Verdict.REJECTED
    assert rejected.fit is not None
    assert rejected.fit.reject_reason is RejectReason.LIMB
    assert project.person(person.id).verdict is Verdict.REJECTED
    accepted = rejected.accept()
    assert accepted.fit is not None
    assert (accepted.verdict, accepted.fit.reject_reason) == (Verdict.ACCEPTED, None)
    assert accepted.unsure().verdict is Verdict.UNSURE
    assert accepted.clear_verdict().verdict is Verdict.NONE


def test_many_verdicts_are_one_change(project: Project) -> None:
    people = list(project.people("verdict:none"))[:5]
    assert project.judge(people, "rejected", "sides") == 5
    assert {project.person(person.id).verdict for person in people} == {Verdict.REJECTED}
    assert project.judge(people, "rejected", "sides") == 0, "nothing is left to change"
    assert project.judge(people, Verdict.NONE) == 5


def test_an_unknown_reason_is_named_with_those_that_there_are(project: Project) -> None:
    with pytest.raises(StudioError, match="'ugly' is no reason"):
        next(project.people()).reject("ugly")


def test_a_keypoint_is_placed_with_its_twin_and_counts_as_marked(project: Project) -> None:
    person = next(project.people())
    assert person.keypoints_px[OPENPOSE_LEFT_WRIST, 2] > 0
    placed = person.place_keypoint("left_wrist", 12.5, 40)
    np.testing.assert_array_equal(placed.keypoints_px[LEFT_WRIST], (12.5, 40, 1))
    np.testing.assert_array_equal(placed.keypoints_px[OPENPOSE_LEFT_WRIST], (12.5, 40, 1))
    changed = (placed.keypoints_px != person.keypoints_px).any(axis=1)
    assert set(np.flatnonzero(changed)) == {LEFT_WRIST, OPENPOSE_LEFT_WRIST}
    assert placed.sample.corrections == person.sample.corrections + 1
    gone = placed.remove_keypoint("Left Wrist")
    assert not gone.keypoints_px[[LEFT_WRIST, OPENPOSE_LEFT_WRIST]].any()
    with pytest.raises(StudioError, match="no keypoint 'tail'"):
        person.place_keypoint("tail", 0, 0)


def test_a_refit_becomes_current_and_follows_the_keypoints(project: Project) -> None:
    person = project.person(2)
    x_px, y_px, _confidence = person.keypoints_px[LEFT_WRIST]
    moved = person.place_keypoint("Left Wrist", x_px + 15, y_px - 10)
    again = moved.refit()
    assert again.fit is not None
    assert moved.fit is not None
    assert (again.fit.origin, again.fit.made_from_fit_id) == (Origin.REFIT, moved.fit.id)
    assert again.keypoint_error_px is not None
    assert moved.keypoint_error_px is not None
    assert again.keypoint_error_px < moved.keypoint_error_px
    near = again.refit(start=again.body)
    assert np.abs(near.body.pose_axis_angle - again.body.pose_axis_angle).max() < 0.2


def test_vertices_lie_on_the_person_in_metres_and_in_pixels(project: Project) -> None:
    person = project.person(3)
    vertices = person.vertices()
    assert vertices.shape == (project.faces.max() + 1, 3)
    assert 1.0 < np.ptp(vertices[:, 1]) < 2.2, "metres, y down"
    seen_px = person.vertices_px()
    keypoints_px = person.keypoints_px[person.keypoints_px[:, 2] > 0, :2]
    nearest_px = np.linalg.norm(seen_px[:, None] - keypoints_px[None], axis=2).min(axis=0)
    assert np.median(nearest_px) < 0.05 * person.sample.box.side_px


@pytest.mark.parametrize("person_id", [1, 4])
def test_the_mesh_in_metres_projects_to_its_pixels(project: Project, person_id: int) -> None:
    person = project.person(person_id)
    vertices, box = person.vertices(), person.sample.box
    crop_camera = person.body.camera
    per_px = box.side_px / 224
    focal_px = crop_camera.focal_length_px * per_px
    principal_px = (
        (crop_camera.principal_x_px - 112) * per_px + box.center_x_px,
        (crop_camera.principal_y_px - 112) * per_px + box.center_y_px,
    )
    projected_px = focal_px * vertices[:, :2] / vertices[:, 2:] + principal_px
    np.testing.assert_allclose(projected_px, person.vertices_px(), atol=0.01)


def test_who_has_no_fit_says_so(tmp_path: Path, demo: Path) -> None:
    with Project.open(demo) as filled:
        filled.export("coco-keypoints", tmp_path / "people.json")
    with Project.create(tmp_path / "empty") as project:
        assert len(project) == 0
        report = project.import_annotations(tmp_path / "people.json", demo / "pictures")
        assert report.added == len(project) > 50
        person = next(project.people())
        assert (person.fit, person.keypoint_error_px) == (None, None)
        with pytest.raises(StudioError, match="has no fit yet"):
            _ = person.body
        with pytest.raises(NoSuchRecordError, match="no fit that could be judged"):
            person.accept()
        with pytest.raises(NoSuchRecordError, match="no person 999"):
            project.person(999)


def test_a_file_of_no_known_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with (
        Project.create(tmp_path / "empty") as project,
        pytest.raises(AnnotationError, match="format cannot be guessed"),
    ):
        project.import_annotations(tmp_path / "notes.txt")


def test_opening_and_reading_take_no_pytorch(demo: Path) -> None:
    script = (
        "import sys; from core.api import Project; project = Project.open(sys.argv[1]); "
        "next(project.people()).vertices(); assert 'torch' not in sys.modules"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", script, str(demo)], cwd=root, check=True)
