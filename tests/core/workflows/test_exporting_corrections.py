"""Corrected keypoints go back to COCO, and the log of changes to a table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.store import Dictionary
from core.errors import UserFileError
from core.geometry.boxes import Box
from core.types.fits import Verdict
from core.types.samples import NewSample
from core.workflows.annotations.export_keypoints import export_coco_keypoints
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.export_corrections import export_corrections
from tests.core.workflows.test_exporting import new_fit


def no_losses(_keypoints, _bodies, _camera):
    return None


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two people in one picture and one in another, as COCO tells of them."""
    pictures = tmp_path / "pictures"
    (pictures / "sub").mkdir(parents=True)
    annotations = []
    for image_id, name in ((785, "000000000785.png"), (9, "sub/own.png")):
        cv2.imwrite(str(pictures / name), np.full((80, 100, 3), image_id % 255, np.uint8))
    for number, image_id in ((42, 785), (7, 785), (11, 9)):
        joints = np.column_stack(
            [np.linspace(10, 80, 17), np.linspace(5, 70, 17) + number % 5, np.full(17, 2)]
        )
        joints[3] = 0
        annotations.append(
            {
                "id": number,
                "image_id": image_id,
                "category_id": 1,
                "keypoints": joints.reshape(-1).tolist(),
                "bbox": [10, 5, 60, 70],
            }
        )
    document = {
        "images": [
            {"id": 785, "file_name": "000000000785.png", "width": 100, "height": 80},
            {"id": 9, "file_name": "sub/own.png", "width": 100, "height": 80},
        ],
        "annotations": annotations,
    }
    path = tmp_path / "people.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def dictionary(tmp_path: Path, source: Path):
    with Dictionary.create(tmp_path / "project") as opened:
        import_annotations(opened, "coco", source, source.parent / "pictures")
        yield opened


def reimported(tmp_path: Path, out: Path) -> list:
    document = json.loads(out.read_text())
    with Dictionary.create(tmp_path / "again") as again:
        folder = Path(document["info"]["pictures_folder"])
        report = import_annotations(again, "coco", out, folder)
        assert report.problems == []
        return again.samples.get_many(again.search.ids().tolist())


def test_what_is_written_reads_back_as_the_same_people(dictionary, tmp_path):
    report = export_coco_keypoints(dictionary, tmp_path / "out.json")
    assert (report.people, report.pictures, report.corrected) == (3, 2, 0)
    before = dictionary.samples.get_many(dictionary.search.ids().tolist())
    for old, new in zip(before, reimported(tmp_path, tmp_path / "out.json"), strict=True):
        assert (new.person_key, new.picture_path) == (old.person_key, old.picture_path)
        np.testing.assert_allclose(new.keypoints_px, old.keypoints_px, atol=1e-3)
        assert new.box.side_px == pytest.approx(old.box.side_px)
        assert new.box.center_x_px == pytest.approx(old.box.center_x_px, abs=1e-4)


def test_corrected_hidden_and_absent_joints_and_drawn_people_are_written(dictionary, tmp_path):
    keypoints = dictionary.samples.get(1).keypoints_px.copy()
    keypoints[36] = [33.5, 44.25, 1.0]
    keypoints[35, 2] = 0.5
    keypoints[44] = 0
    dictionary.corrections.set_keypoints(1, keypoints, compare=no_losses)
    drawn = dictionary.manual_people.draw(1, Box(50, 40, 48), author="maria")
    report = export_coco_keypoints(dictionary, tmp_path / "out.json")
    assert (report.corrected, report.drawn, report.without_keypoints) == (1, 1, 1)
    document = json.loads((tmp_path / "out.json").read_text())
    by_id = {annotation["id"]: annotation for annotation in document["annotations"]}
    assert set(by_id) == {42, 7, 11, 43}
    joints = np.reshape(by_id[42]["keypoints"], (17, 3))
    assert joints[9].tolist() == [33.5, 44.25, 2]
    assert joints[7, 2] == 1
    assert joints[0].tolist() == [0, 0, 0]
    assert by_id[42]["num_keypoints"] == 15
    assert by_id[42]["spin_studio"]["corrections"] == 1
    assert by_id[43]["spin_studio"] == {
        "sample_id": drawn,
        "dataset": "coco",
        "person": "drawn 1",
        "corrections": 0,
        "drawn_by": "maria",
    }
    assert by_id[43]["bbox"] == [30, 20, 40, 40]
    assert {image["id"]: image["file_name"] for image in document["images"]}[
        785
    ] == "000000000785.png"


def test_joints_of_openpose_fill_what_the_annotated_half_lacks(dictionary, tmp_path):
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[7] = [12, 13, 0.9]
    keypoints[6] = [1, 2, 0.9]
    keypoints[35] = [20, 21, 0.9]
    keypoints[19] = [3, 4, 0.9]
    dictionary.corrections.set_keypoints(1, keypoints, compare=no_losses)
    export_coco_keypoints(dictionary, tmp_path / "out.json")
    first = json.loads((tmp_path / "out.json").read_text())["annotations"][0]
    joints = np.reshape(first["keypoints"], (17, 3))
    assert joints[9].tolist() == [12, 13, 2]
    assert joints[7].tolist() == [20, 21, 2]
    assert first["num_keypoints"] == 2


def test_people_of_openpose_get_fresh_ids(dictionary, tmp_path):
    """Their keys are positions in a picture's list: two pictures would both have a person 0."""
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[:25] = [30, 30, 0.8]
    sample = NewSample(
        picture_path=dictionary.samples.get(1).picture_path,
        picture_size_px=(100, 80),
        dataset="openpose",
        person_key="7",
        box_center_px=np.array([50, 40], np.float32),
        box_scale=0.2,
        keypoints_px=keypoints,
    )
    dictionary.samples.add([sample])
    export_coco_keypoints(dictionary, tmp_path / "out.json")
    ids = [load["id"] for load in json.loads((tmp_path / "out.json").read_text())["annotations"]]
    assert ids == [42, 7, 11, 43]


def test_every_change_by_people_is_a_line_with_author_and_values(dictionary, tmp_path):
    dictionary.fits.offer([new_fit(1)])
    keypoints = dictionary.samples.get(1).keypoints_px.copy()
    keypoints[36, 0] += 4
    corrections = dictionary.corrections
    corrections.set_keypoints(1, keypoints, compare=no_losses, author="maria")
    corrections.set_box(1, Box(50, 40, 90), compare=no_losses, author="jörg")
    kept = corrections.keep_fit(new_fit(1, loss=20.0), made_from_fit_id=1, author="maria")
    dictionary.verdicts.set({1: Verdict.ACCEPTED}, author="maria")
    report = export_corrections(dictionary, tmp_path / "changes.csv")
    assert (report.changes, report.authors) == (4, 2)
    lines = list(csv.DictReader(io.StringIO((tmp_path / "changes.csv").read_text("utf-8"))))
    assert [line["what"] for line in lines] == ["keypoints", "box", "current fit", "verdict"]
    assert [line["author"] for line in lines] == ["maria", "jörg", "maria", "maria"]
    assert json.loads(lines[0]["after"])["Left Wrist"][0] == float(keypoints[36, 0])
    assert (lines[2]["fit_id"], lines[2]["made_from_fit_id"]) == (str(kept.fit_id), "1")
    assert lines[0]["person"] == "42"


def test_an_existing_file_is_kept_unless_told_otherwise(dictionary, tmp_path):
    out = tmp_path / "out.json"
    out.write_text("mine")
    with pytest.raises(UserFileError, match="exists"):
        export_coco_keypoints(dictionary, out)
    assert out.read_text() == "mine"
    export_coco_keypoints(dictionary, out, overwrite=True)
    assert out.read_text() != "mine"


@pytest.mark.parametrize("name", ["coco-keypoints", "corrections"])
def test_the_command_line_writes_both(dictionary, tmp_path, name):
    out = tmp_path / "out.txt"
    options = build_parser().parse_args(["export", str(dictionary.project), name, str(out)])
    said = io.StringIO()
    assert options.run(options, Console(said, said)) == 0
    assert out.is_file()
    assert str(out) in said.getvalue()


def test_exports_name_a_folder_that_is_no_text_with_escapes(tmp_path: Path) -> None:
    """Names of folders may be any bytes; what is written stays JSON and CSV in UTF-8."""
    project = tmp_path / "made" / "project"
    with Dictionary.create(project) as made:
        cv2.imwrite(str(project / "one.png"), np.zeros((80, 100, 3), np.uint8))
        made.samples.add(
            [
                NewSample(
                    picture_path=project / "one.png",
                    picture_size_px=(100, 80),
                    dataset="x",
                    person_key="1",
                    box_center_px=np.array([50, 40], np.float32),
                    box_scale=0.3,
                    keypoints_px=np.ones((49, 3), np.float32),
                )
            ]
        )
    project.parent.rename(tmp_path / "caf\udce9")
    with Dictionary.open(tmp_path / "caf\udce9" / "project") as opened:
        export_coco_keypoints(opened, tmp_path / "out.json")
        export_corrections(opened, tmp_path / "out.csv")
    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert document["images"][0]["file_name"] == "one.png"
    assert "caf\udce9" in document["info"]["pictures_folder"]
    (tmp_path / "out.csv").read_text(encoding="utf-8")
