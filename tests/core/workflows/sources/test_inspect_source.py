"""A source that is looked at is named for what it is and what it holds; nothing is written."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.errors import AnnotationError, StudioError, UnsafePickleError
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions, RootFrame
from core.formats.read_options import ReadOptions
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.export_formats import export_project
from core.workflows.shipped_demo import copy_demo_project
from core.workflows.sources.first_body import NO_CAMERA
from core.workflows.sources.found_source import FoundSource, SourceKind, joints_of
from core.workflows.sources.inspect_source import inspect_source
from core.workflows.sources.picture_places import picture_of_project
from tests.coco_people import write_people
from tests.core.cli.test_fit import run


def write_bodies(folder: Path, people: int = 2, name: str = "bodies.npz") -> Path:
    target = folder / name
    np.savez(
        target,
        imgname=np.array(["plain.png"] * people),
        pose=np.zeros((people, 72)),
        betas=np.zeros((people, 10)),
        center=np.full((people, 2), 100.0),
        scale=np.ones(people),
        cam=np.tile([1.0, 0.0, 0.0], (people, 1)),
    )
    return target


def write_calibration(folder: Path) -> Path:
    target = folder / "calibration.json"
    matrix = [[900, 0, 320], [0, 900, 240], [0, 0, 1]]
    target.write_text(json.dumps({"K": matrix, "width": 640, "height": 480}))
    return target


def test_annotations_are_counted_as_an_import_brings_them_in(tmp_path):
    source = write_people(tmp_path, 3)
    found = inspect_source(source)
    with Dictionary.create(tmp_path / "project") as dictionary:
        assert import_annotations(dictionary, "coco", source).added == found.people == 3
    assert (found.kind, found.format_name, found.pictures) == (SourceKind.ANNOTATIONS, "coco", 1)
    assert set(found.joints.values()) == {3}


def test_the_joints_of_the_first_person_are_placed_by_name(tmp_path):
    source = write_people(tmp_path)
    found = inspect_source(source)
    numbers = json.loads(source.read_text())["annotations"][0]["keypoints"]
    nose, left_eye = numbers[0:2], numbers[3:5]
    placed = joints_of(found.first_person)
    assert list(placed) == list(found.joints)
    assert placed["Nose"] == pytest.approx(nose)
    assert placed["Left Eye"] == pytest.approx(left_eye)


def test_missing_pictures_and_unused_fields_are_told(tmp_path):
    source = write_people(tmp_path, 2)
    document = json.loads(source.read_text())
    document["annotations"][0]["my_own_field"] = 1
    document["images"].append({"id": 2, "file_name": "gone.png", "width": 9, "height": 9})
    document["annotations"][1]["image_id"] = 2
    source.write_text(json.dumps(document))
    found = inspect_source(source)
    assert (found.people, found.problem_count) == (1, 1)
    assert "gone.png" in str(found.problems[0])
    assert any("my_own_field" in what for what in found.not_used)


def test_bodies_are_told_from_annotations_whatever_their_name(tmp_path):
    found = inspect_source(write_bodies(tmp_path).rename(tmp_path / "annotations.json"))
    assert (found.kind, found.bodies, found.pictures) == (SourceKind.BODIES, 2, 1)
    assert "import-fits" in found.what_next


def test_a_calibration_a_project_and_plain_pictures_are_named(tmp_path):
    assert inspect_source(write_calibration(tmp_path)).kind is SourceKind.CALIBRATION
    Dictionary.create(tmp_path / "project").close()
    assert inspect_source(tmp_path / "project").kind is SourceKind.PROJECT
    (tmp_path / "plain").mkdir()
    write_people(tmp_path / "plain").unlink()
    found = inspect_source(tmp_path / "plain")
    assert (found.kind, found.format_name, found.pictures) == (SourceKind.PICTURES, "photos", 1)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "an empty file"),
        (b"SQLite format 3\0", "a database"),
        (b'{"_via_settings": {}}', "VGG Image Annotator"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"PK\x03\x04 cut off", "packed archive"),
        (b'{"a": 1}', "known"),
        (b"\x80\x04}.", "Python pickle"),
    ],
)
def test_wrong_files_are_named_with_what_to_do(tmp_path, content, named):
    source = tmp_path / "file.json"
    source.write_bytes(content)
    with pytest.raises(AnnotationError, match=named) as caught:
        inspect_source(source)
    assert caught.value.remedy


def test_damaged_bodies_are_told_with_what_is_wrong_in_them(tmp_path):
    source = write_bodies(tmp_path, people=40)
    whole = source.read_bytes()
    source.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(AnnotationError, match="cut off: its end is missing"):
        inspect_source(source)
    at = whole.index(b"pose.npy") + 2000
    source.write_bytes(whole[:at] + b"\xff" * 40 + whole[at + 40 :])
    with pytest.raises(AnnotationError, match=r"archive of bodies .*pose\.npy") as caught:
        inspect_source(source)
    assert "complete copy" in caught.value.remedy


def test_a_packed_pickle_is_named_and_what_it_holds(tmp_path):
    source = tmp_path / "results.pkl"
    source.write_bytes(gzip.compress(pickle.dumps({"apples": 1})))
    with pytest.raises(AnnotationError, match=r"a packed pickle.*dict with apples"):
        inspect_source(source)


def test_a_folder_of_nothing_that_is_known_is_told_by_what_lies_in_it(tmp_path):
    with pytest.raises(AnnotationError, match="without files in it"):
        inspect_source(tmp_path)
    (tmp_path / "a.dat").write_bytes(b"\1\2")
    with pytest.raises(AnnotationError, match=r"a folder whose a\.dat is a file of no kind"):
        inspect_source(tmp_path)


def test_a_pickle_that_would_run_something_is_refused(tmp_path):
    source = tmp_path / "results.pkl"
    source.write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(UnsafePickleError, match=r"os\.system"):
        inspect_source(source)


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(AnnotationError, match="no such file or folder"):
        inspect_source(tmp_path / "nothing.json")


def test_the_options_of_an_import_count_when_looking(tmp_path):
    source, options = write_people(tmp_path), ReadOptions(min_score=0.5)
    with pytest.raises(StudioError, match="--min-score"):
        inspect_source(source, format_name="mpii", options=options)
    with pytest.raises(StudioError, match="No format is called"):
        inspect_source(source, format_name="nothing")


def test_only_options_that_mean_something_for_the_file_are_named(tmp_path):
    source = write_people(tmp_path)
    assert inspect_source(source).what_next.endswith("is told with --joints.")
    entries = json.loads(source.read_text())["annotations"]
    results = tmp_path / "results.json"
    results.write_text(json.dumps([{**entry, "score": 0.9} for entry in entries]))
    found = inspect_source(results, options=ReadOptions(annotations=source))
    assert "--size" in found.what_next
    assert "--size-px" not in found.what_next


def test_looking_on_the_command_line_writes_nothing(tmp_path):
    source = write_people(tmp_path, 2)
    status, told, _log = run("import", tmp_path / "project", source, "--look")
    assert status == 0
    assert "found: COCO" in told
    assert "1 picture, 2 people" in told
    assert "first person: in plain.png: " in told
    assert not (tmp_path / "project").exists()


def test_looking_answers_in_json(tmp_path):
    _, told, _ = run("import", tmp_path / "project", write_bodies(tmp_path), "--look", "--json")
    assert json.loads(told)["bodies"] == 2


def test_a_calibration_that_is_imported_is_named(tmp_path):
    with pytest.raises(AnnotationError, match="a calibration of cameras") as caught:
        run("import", tmp_path / "project", write_calibration(tmp_path))
    assert "--cameras" in str(caught.value.remedy)


# People whose pictures are not there


def with_far_pictures(folder: Path, pictures: str) -> Path:
    """Annotations in a folder of their own, and their picture in another one."""
    for name in ("annotations", pictures):
        (folder / name).mkdir(parents=True)
    source = write_people(folder / "annotations")
    (source.parent / "plain.png").rename(folder / pictures / "plain.png")
    return source


def test_a_person_without_a_picture_is_told_as_if_on_paper(tmp_path):
    (tmp_path / "whole").mkdir()
    there = inspect_source(write_people(tmp_path / "whole")).first_person
    source = with_far_pictures(tmp_path / "set", "deep/below")
    found = inspect_source(source)
    assert (found.people, found.first_is_on_paper, found.likely_images) == (0, True, None)
    assert np.array_equal(found.first_person.keypoints_px, there.keypoints_px)
    assert found.first_person.picture_size_px == there.picture_size_px  # which the file lists
    assert "which is not there" in found.summary()
    assert found.as_json()["first_is_on_paper"] is True


def test_a_folder_of_pictures_beside_that_of_the_annotations_is_found(tmp_path):
    source = with_far_pictures(tmp_path, "val2017")
    found = inspect_source(source)
    assert found.likely_images == tmp_path / "val2017"
    assert f"{tmp_path / 'val2017'} (--images)" in found.summary()
    assert inspect_source(source, images=found.likely_images).people == 1


def test_a_folder_that_has_some_of_the_pictures_is_not_taken_for_theirs(tmp_path):
    source = with_far_pictures(tmp_path, "val2017")
    document = json.loads(source.read_text())
    document["images"].append({**document["images"][0], "id": 2, "file_name": "other.png"})
    document["annotations"].append({**document["annotations"][0], "id": 99, "image_id": 2})
    source.write_text(json.dumps(document))
    assert inspect_source(source).likely_images is None
    shutil.copy(tmp_path / "val2017" / "plain.png", tmp_path / "val2017" / "other.png")
    assert inspect_source(source).likely_images == tmp_path / "val2017"


def test_blank_paper_is_for_looking_alone(tmp_path):
    source = with_far_pictures(tmp_path, "val2017")
    with Dictionary.create(tmp_path / "project") as dictionary:
        report = import_annotations(dictionary, "coco", source)
    assert (report.added, report.problem_count) == (0, 1)
    assert not ReadOptions(blank_pictures=True).given()


def test_of_a_large_set_only_the_first_entries_are_looked_at(tmp_path):
    source = write_people(tmp_path, 5)
    found = inspect_source(source, most_entries=2)
    assert (found.people, found.is_complete, found.entries) == (2, False, 5)
    assert inspect_source(source, most_entries=5).is_complete


# The first body


def joints_seen(source: Path, options: PredictionOptions = NO_PREDICTION_OPTIONS) -> FoundSource:
    return inspect_source(source, prediction_options=options)


def test_the_first_body_lies_in_its_box_and_turns_over_with_its_frame(tmp_path):
    source = write_bodies(tmp_path)
    seen = joints_seen(source).first_person.keypoints_px
    turned = joints_seen(source, PredictionOptions(frame=RootFrame.Y_UP)).first_person.keypoints_px
    drawn = seen[:, 2] > 0
    assert drawn.sum() == 25
    assert (np.abs(seen[drawn, :2] - 100) < 120).all()  # the box is 200 px wide about (100, 100)
    nose, mid_hip = 0, 8
    assert turned[nose, 1] < turned[mid_hip, 1] < seen[nose, 1]  # zeros stand on the head
    assert joints_seen(source).bodies_can_be_told == {"frame", "scale", "camera"}


def test_a_body_is_drawn_as_large_as_its_camera_says(tmp_path):
    whole = joints_seen(write_bodies(tmp_path)).first_person.keypoints_px[:25, :2]
    source = write_bodies(tmp_path)
    with np.load(source) as arrays:
        np.savez(source, **{**arrays, "cam": arrays["cam"] * [0.5, 1, 1]})
    half = joints_seen(source).first_person.keypoints_px[:25, :2]
    assert np.ptp(half, axis=0) == pytest.approx(np.ptp(whole, axis=0) / 2, rel=0.02)


def test_bodies_without_a_camera_fill_their_box_and_this_is_said(tmp_path):
    source = write_bodies(tmp_path)
    with np.load(source) as arrays:
        others = {name: value for name, value in arrays.items() if name != "cam"}
        np.savez(source, **{**others, "pose": others["pose"] + 0.05})
    found = joints_seen(source)
    assert NO_CAMERA in found.notices
    points = found.first_person.keypoints_px[:25, :2]
    assert np.ptp(points[:, 1]) > 100
    assert (np.abs(points - 100) <= 101).all()


def test_a_body_of_the_projects_own_export_is_drawn_on_its_keypoints(tmp_path):
    copy_demo_project(tmp_path / "demo")
    target = tmp_path / "fits.npz"
    export_project(tmp_path / "demo", "spin-fits", target)
    found = joints_seen(target)
    assert not found.bodies_can_be_told  # what we wrote says all itself
    person = found.first_person
    assert picture_of_project(tmp_path / "demo", person.picture_path) is not None
    assert picture_of_project(tmp_path / "demo", Path("nowhere.png")) is None
    with Dictionary.open(tmp_path / "demo") as dictionary:
        ids = [key.id for key in dictionary.samples.all_keys()]
        near = min(
            np.linalg.norm(sample.keypoints_px[8, :2] - person.keypoints_px[8, :2])
            for sample in dictionary.samples.get_many(ids)
            if sample.picture_path.name == person.picture_path.name
        )
    assert near < 25
