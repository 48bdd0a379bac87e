"""``check``, ``backup`` and ``restore`` by the command line, without PyTorch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from core.types.runs import TRAINING_KIND, RunStatus
from tests.core.dictionary.conftest import new_fit, new_sample

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def project(tmp_path) -> Path:
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(new_sample(number) for number in range(3))
        dictionary.fits.offer([new_fit(1)])
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    return tmp_path / "project"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "main.py", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def flip(database: Path) -> None:
    database.write_bytes(database.read_bytes().replace(b"maria", b"marla"))


def test_a_sound_project_is_sound_and_says_which_pictures_are_missing(project):
    told = run("check", project)
    assert (told.returncode, "is sound" in told.stdout) == (0, True)
    assert "3 pictures are not where they were" in told.stdout
    as_json = json.loads(run("check", project, "--json").stdout)
    assert (as_json["sound"], as_json["samples"], as_json["problems"]) == (True, 3, [])


def test_a_training_whose_checkpoints_are_gone_is_noted_and_one_thrown_back_is_not(project):
    with Dictionary.open(project) as dictionary:
        for status in (RunStatus.FINISHED, RunStatus.CANCELLED):
            run_id = dictionary.runs.start(TRAINING_KIND, configuration={}, versions={})
            dictionary.runs.end(run_id, status)
    told = run("check", project)
    assert told.returncode == 0
    assert "Run 1 has no checkpoint any more" in told.stdout
    assert "Run 2" not in told.stdout


def test_damage_ends_with_status_1_and_the_way_back(project):
    assert run("backup", project).returncode == 0
    flip(project / "dictionary.db")
    told = run("check", project)
    assert told.returncode == 1
    assert "row 1 of fits is not what was written" in told.stdout
    assert "main.py restore" in told.stdout
    restored = run("restore", project)
    assert restored.returncode == 0, restored.stderr
    assert run("check", project).returncode == 0


@pytest.mark.parametrize("content", [b"", b"no database" * 900, b"SQLite format 3\0" + bytes(9000)])
def test_a_dictionary_that_cannot_be_opened_is_a_finding_not_a_traceback(project, content):
    run("backup", project)
    (project / "dictionary.db").write_bytes(content)
    told = run("check", project, "--json")
    assert told.returncode == 1
    assert json.loads(told.stdout)["sound"] is False
    assert "Traceback" not in told.stderr
    assert run("restore", project).returncode == 0
    assert run("check", project).returncode == 0


def test_backups_are_listed_and_taken_by_name(project):
    assert "has no backups" in run("restore", project, "--list").stderr
    backup = Path(run("backup", project).stdout.strip())
    assert "Nothing has changed" in run("backup", project, "--if-changed").stdout
    assert backup.name in run("restore", project, "--list").stdout
    told = run("restore", project, backup.name)
    assert backup.name in told.stdout
    assert "What was there before is in" in told.stdout


def test_a_backup_follows_a_command_that_changed_the_project(project):
    cv2.imwrite(str(project.parent / "a.jpg"), np.zeros((64, 64, 3), np.uint8))
    keypoints = project.parent / "people.json"
    joints = [number for joint in range(17) for number in (9 + joint, 9 + 2 * joint, 2)]
    person = {"image_id": 1, "category_id": 1, "keypoints": joints, "id": 1}
    keypoints.write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 64}],
                "annotations": [{**person, "bbox": [0, 0, 40, 40], "num_keypoints": 17}],
            }
        )
    )
    told = run("import", project, "coco", keypoints)
    assert told.returncode == 0, told.stderr
    assert len(list((project / "backups").glob("*.backup"))) == 1


def test_checking_and_restoring_do_without_pytorch(project):
    run("backup", project)
    for command in ("check", "restore"):
        told = subprocess.run(
            [sys.executable, "-X", "importtime", "main.py", command, str(project)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
        assert "core.dictionary.recovery.check_dictionary" in loaded
        assert not loaded & {"torch", "cv2", "PySide6"}
