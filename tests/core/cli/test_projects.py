"""What the subcommands do with a project folder: a failed import leaves none behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import main as program
from core.dictionary.storage.migrations import Migration
from core.dictionary.storage.project_folder import is_project, make_project
from core.dictionary.store import Dictionary
from core.errors import Cancelled, DictionaryError
from core.progress import CancelToken
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.new_projects import NewProject

ROOT = Path(__file__).resolve().parents[3]


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def coco_file(folder: Path, *, people: int = 1, file_name: str = "a.png") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "a.png"), np.zeros((48, 64, 3), np.uint8))
    document = {
        "images": [{"id": 1, "file_name": file_name, "width": 64, "height": 48}],
        "annotations": [
            {
                "id": number,
                "image_id": 1,
                "category_id": 1,
                "bbox": [10, 10, 30, 30],
                "keypoints": [n for joint in range(17) for n in (12 + joint, 12 + joint, 2)],
                "num_keypoints": 17,
            }
            for number in range(1, people + 1)
        ],
        "categories": [{"id": 1, "name": "person"}],
    }
    path = folder / "people.json"
    path.write_text(json.dumps(document))
    return path


def broken_json(folder: Path) -> list[str]:
    (folder / "broken.json").write_text('{"images": [')
    return ["coco", "broken.json"]


def no_such_file(folder: Path) -> list[str]:
    return ["coco", "absent.json"]


def another_format(folder: Path) -> list[str]:
    coco_file(folder)
    return ["openpose", "people.json"]


def nothing_good_in_it(folder: Path) -> list[str]:
    coco_file(folder, file_name="absent.png")
    return ["coco", "people.json"]


def without_people(folder: Path) -> list[str]:
    coco_file(folder, people=0)
    return ["coco", "people.json"]


def no_such_pictures(folder: Path) -> list[str]:
    coco_file(folder)
    return ["coco", "people.json", "--images", "absent"]


def a_useless_body(folder: Path) -> list[str]:
    coco_file(folder)
    return ["coco", "people.json", "--body", "absent.pkl"]


WAYS = (
    broken_json, no_such_file, another_format, nothing_good_in_it, without_people, no_such_pictures,
    a_useless_body,
)  # fmt: skip


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("way", WAYS)
def test_a_failed_import_leaves_no_project_behind(way, source, tmp_path, capsys):
    arguments = way(source)
    project = tmp_path / "deep" / "project"
    assert program.main(["import", str(project), *arguments]) == 1
    assert tree(tmp_path / "deep") == []
    assert not (tmp_path / "deep").exists()
    assert capsys.readouterr().err.strip()


@pytest.mark.parametrize("way", WAYS)
def test_what_lay_in_the_folder_before_stays(way, source, tmp_path):
    arguments = way(source)
    empty, full = tmp_path / "empty", tmp_path / "full"
    (full / "cache").mkdir(parents=True)
    (full / "notes.txt").write_text("mine")
    empty.mkdir()
    for project in (empty, full):
        assert program.main(["import", str(project), *arguments]) == 1
    assert tree(empty) == []
    assert empty.is_dir()
    assert tree(full) == ["cache", "notes.txt"]


@pytest.mark.parametrize("way", WAYS[:-1])
def test_a_failed_import_leaves_an_existing_project_as_it_was(way, source, tmp_path):
    arguments = way(source)
    project = tmp_path / "project"
    Dictionary.create(project).close()
    before = tree(project)
    assert program.main(["import", str(project), *arguments]) == 1
    assert tree(project) == before


def test_a_good_import_makes_the_project(source, tmp_path, capsys):
    coco_file(source, people=2)
    assert program.main(["import", str(tmp_path / "new"), "coco", "people.json"]) == 0
    assert "2 people added" in capsys.readouterr().out
    with Dictionary.open(tmp_path / "new") as dictionary:
        assert dictionary.search.count() == 2


def test_an_import_of_no_people_says_that_no_project_was_made(source, tmp_path, capsys):
    assert program.main(["import", str(tmp_path / "new"), *without_people(source)]) == 1
    assert f"No project was made at {tmp_path / 'new'}" in capsys.readouterr().err


def test_an_import_that_is_stopped_leaves_no_project(source, tmp_path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        import_annotations(NewProject(tmp_path / "new"), "coco", coco_file(source), cancel=token)
    assert not (tmp_path / "new").exists()


def test_a_project_that_another_process_made_meanwhile_is_its_own(source, tmp_path):
    project = tmp_path / "new"
    annotations = coco_file(source)

    def make_it(_progress):
        if not is_project(project):
            Dictionary.create(project).close()

    with pytest.raises(DictionaryError, match="is a project already"):
        import_annotations(NewProject(project), "coco", annotations, progress=make_it)
    assert tree(project) == ["cache", "checkpoints", "dictionary.db"]


def test_a_file_in_the_place_of_the_folder_is_told_and_stays(source, tmp_path):
    (tmp_path / "file").write_text("mine")
    coco_file(source)
    assert program.main(["import", str(tmp_path / "file"), "coco", "people.json"]) == 1
    assert (tmp_path / "file").read_text() == "mine"


def test_a_body_that_cannot_be_used_leaves_an_existing_project_closed(source, tmp_path):
    project = tmp_path / "project"
    Dictionary.create(project).close()
    assert program.main(["import", str(project), *a_useless_body(source)]) == 1
    # SQLite removes its log when the last connection is closed.
    assert tree(project) == ["cache", "checkpoints", "dictionary.db"]


KILLED = """
import os, signal, sys
from pathlib import Path
from core import progress
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.new_projects import NewProject

progress.REPORT_INTERVAL_S = 0.0

def die(progress):
    if progress.phase == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

import_annotations(NewProject(Path(sys.argv[1])), "coco", Path(sys.argv[2]), progress=die)
"""


@pytest.mark.parametrize(
    "phase", ["Opening the annotations", "Reading annotations", "Writing to the project"]
)
def test_an_import_that_is_killed_leaves_nothing_to_choke_on(source, tmp_path, phase):
    annotations, project = coco_file(source), tmp_path / "new"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(project), str(annotations), phase],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert not project.exists()
    assert import_annotations(NewProject(project), "coco", annotations).added == 1


LIMITED = """
import resource, sys
import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
raise SystemExit(main.main(sys.argv[2:]))
"""


@pytest.mark.parametrize("largest_file", [20_000, 200_000, 240_000, 260_000, 290_000])
def test_a_disk_without_room_leaves_no_half_project(source, tmp_path, largest_file):
    """No file may grow beyond a size, as on a disk that fills up now sooner, now later."""
    coco_file(source, people=30)
    arguments = ["import", str(tmp_path / "new"), "coco", str(source / "people.json")]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(largest_file), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        with Dictionary.open(tmp_path / "new") as dictionary:
            assert dictionary.search.count() == 30
            assert dictionary.problems() == []
    else:
        assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("subcommand", ["fit", "refit", "predict", "flag"])
def test_work_on_a_project_without_people_is_refused(subcommand, tmp_path, capsys):
    Dictionary.create(tmp_path / "empty").close()
    assert program.main([subcommand, str(tmp_path / "empty")]) == 1
    assert "has no people yet" in capsys.readouterr().err


def test_a_project_that_cannot_be_finished_leaves_nothing(tmp_path):
    def fail(database):
        database.execute("this is no SQL")

    with pytest.raises(DictionaryError, match="syntax error"):
        make_project(
            tmp_path / "deep" / "project", settings={}, migrations=[Migration(1, "broken", fail)]
        )
    assert tree(tmp_path) == []
