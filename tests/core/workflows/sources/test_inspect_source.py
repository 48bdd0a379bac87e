"""A source that is looked at is named for what it is and what it holds; nothing is written."""

from __future__ import annotations

import gzip
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.errors import AnnotationError, StudioError, UnsafePickleError
from core.formats.read_options import ReadOptions
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.sources.found_source import SourceKind, joints_of
from core.workflows.sources.inspect_source import inspect_source
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
