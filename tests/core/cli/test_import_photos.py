"""``import`` takes plain pictures and videos, guesses the format, and says what came of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.errors import AnnotationError, StudioError
from core.workflows.photos import detect_project, import_photos
from tests.coco_people import write_people
from tests.core.cli.test_fit import run
from tests.core.pictures.made_videos import make_video
from tests.core.workflows.photos.scripted_finder import ScriptedFinder
from tests.core.workflows.photos.test_import_photos import BLACK, write_picture


@pytest.fixture(autouse=True)
def scripted(monkeypatch):
    monkeypatch.setattr(import_photos, "load_finder", ScriptedFinder)
    monkeypatch.setattr(detect_project, "load_finder", ScriptedFinder)


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    write_picture(folder / "a.jpg")
    write_picture(folder / "empty.png", BLACK)
    return folder


@pytest.mark.parametrize("words", [(), ("photos",)])
def test_a_folder_of_pictures_is_imported_with_or_without_its_format(tmp_path, photos, words):
    status, told, log = run("import", tmp_path / "project", *words, photos)
    assert status == 0
    assert told.startswith("1 person found in 2 pictures")
    assert "no person in empty.png" in log


def test_annotations_are_guessed_as_before(tmp_path):
    status, told, _ = run("import", tmp_path / "project", write_people(tmp_path, 3))
    assert status == 0
    assert told.startswith("3 people added")


def test_a_second_import_adds_nothing_and_is_no_failure(tmp_path, photos):
    run("import", tmp_path / "project", photos)
    status, told, _ = run("import", tmp_path / "project", photos)
    assert status == 0
    assert "2 pictures looked at before" in told


def test_the_frames_of_a_video_are_chosen_by_their_distance(tmp_path):
    video = make_video(tmp_path / "walk.mp4", size_px=(64, 48), frames=6)
    _, told, _ = run("import", tmp_path / "project", "video", video, "--every", 2, "--json")
    assert json.loads(told)["searched"] == 3


def test_a_picture_without_people_is_named_with_what_to_do(tmp_path):
    picture = write_picture(tmp_path / "empty.png", BLACK)
    status, _, log = run("import", tmp_path / "project", picture)
    assert status == 0
    assert "no person in empty.png" in log
    assert "Pictures without people" in log
    assert "has no people yet" in log


def test_pictures_that_cannot_be_read_make_no_project(tmp_path):
    picture = tmp_path / "broken.jpg"
    picture.write_bytes(b"no picture")
    status, _, log = run("import", tmp_path / "project", picture)
    assert status == 1
    assert "No project was made" in log
    assert not (tmp_path / "project").exists()


def test_a_distance_of_frames_is_refused_where_there_is_no_video(tmp_path, photos):
    with pytest.raises(StudioError, match="--every chooses frames of videos"):
        run("import", tmp_path / "project", photos, "--every", 3)
    assert not (tmp_path / "project").exists()


def test_a_calibration_that_names_none_of_the_pictures_is_told(tmp_path, photos):
    file = tmp_path / "rig.json"
    file.write_text(json.dumps({"head": {"f": 900}}))
    status, _, log = run("import", tmp_path / "project", photos, "--cameras", file)
    assert status == 0
    assert "rig.json names none of these pictures" in log


def test_options_of_annotations_are_refused_for_pictures_and_the_other_way_round(tmp_path, photos):
    with pytest.raises(StudioError, match="no option of annotations"):
        run("import", tmp_path / "project", photos, "--update")
    with pytest.raises(StudioError, match="for videos only"):
        run("import", tmp_path / "project", write_people(tmp_path, 1), "--every", 3)


def test_what_cannot_be_guessed_is_named_with_what_to_do(tmp_path, capsys):
    text = tmp_path / "labels.txt"
    text.write_text("0 0.5 0.5 0.1 0.2 0.3 0.4\n")
    with pytest.raises(AnnotationError, match="YOLO"):
        run("import", tmp_path / "project", text)
    with pytest.raises(AnnotationError, match="no such file"):
        run("import", tmp_path / "project", tmp_path / "absent")
    with pytest.raises(SystemExit):
        run("import", tmp_path / "project", "cocoa", text)
    told = capsys.readouterr().err
    assert "invalid choice: 'cocoa' (choose from " in told
    assert all(name in told for name in ("coco", "openpose", "mpii", "photos, video)"))


def test_detect_measures_those_whom_the_filter_names(tmp_path):
    run("import", tmp_path / "project", write_people(tmp_path, 3))
    with Dictionary.open(tmp_path / "project") as dictionary:
        key = dictionary.samples.get(2).person_key
    status, told, _ = run("detect", tmp_path / "project", "--where", key)
    assert status == 0
    assert told.startswith("Measured ")
    assert run("detect", tmp_path / "project")[1].count("measured before") == 1
