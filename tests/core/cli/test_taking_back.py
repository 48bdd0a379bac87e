"""``main.py remove``, ``imports``, ``undo-import`` and ``removed``: said first, then done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import main as program
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from core.types.imports import ImportSource
from tests.core.dictionary.conftest import new_fit, new_sample


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two imports: three people in two pictures, and one more person."""
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        samples = [new_sample(0), new_sample(1, picture="000000.jpg"), new_sample(2)]
        first = ImportSource(format="coco", sources=[Path("/notes/train.json")], dataset="coco")
        dictionary.samples.add(samples, source=first)
        dictionary.samples.add([new_sample(3)], source=ImportSource(format="openpose"))
        dictionary.fits.offer([new_fit(each) for each in (1, 2, 3, 4)])
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    return folder


@pytest.fixture
def run(project, capsys):
    def call(name: str, *words: object) -> str:
        assert program.main([name, str(project), *map(str, words)]) == 0
        return capsys.readouterr().out

    return call


def people(project: Path) -> list[int]:
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        return dictionary.search.ids().tolist()


def test_without_yes_it_is_said_what_would_go_and_nothing_does(project, run):
    said = run("remove", "--people", 1, 3)
    assert said == "Would be removed: 2 people, 1 whole picture, 2 fits (1 judged).\n"
    assert run("undo-import", 1).startswith("Would be removed: 3 people, 2 whole pictures, 3 fits")
    assert people(project) == [1, 2, 3, 4]


def test_people_and_pictures_go_and_come_back(project, run):
    assert run("remove", "--where", "verdict:accepted", "--yes").startswith("Removed: 1 person")
    assert people(project) == [2, 3, 4]
    assert "1 person" in run("removed")
    assert run("removed", "--put-back", 1).startswith("Put back: 1 person.")
    told = json.loads(run("remove", "--people", 1, "--pictures", "--yes", "--json"))
    assert (told["people"], told["pictures"], told["removal"]) == (2, 1, 2)
    assert people(project) == [3, 4]
    assert "Given up for good: 2 people." in run("removed", "--forget", 2)


def test_imports_are_listed_and_undone(project, run):
    listed = run("imports").splitlines()
    assert [line.split("  ")[0] for line in listed] == ["2", "1"]
    assert listed[1].endswith("coco: train.json: 3 people in 2 pictures")
    assert run("undo-import", 1, "--yes").startswith("Removed: 3 people")
    assert people(project) == [4]
    assert run("imports").splitlines()[1].endswith("; undone (removal 1)")
    assert json.loads(run("imports", "--json"))["imports"][0]["people_now"] == 1
    assert "of the import coco: train.json" in run("removed")
    run("removed", "--put-back", 1)
    assert people(project) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["remove"], "either --people with numbers, or --where"),
        (["remove", "--people", "1", "--where", "x"], "either --people"),
        (["remove", "--people", "77"], "no person 77"),
        (["remove", "--where", "verdict:rejected"], "matches the filter"),
        (["undo-import", "9"], "no import 9"),
        (["removed", "--put-back", "5"], "no removal 5"),
    ],
)
def test_what_cannot_be_done_is_said(project, capsys, words, said):
    name, *rest = words
    assert program.main([name, str(project), *rest]) != 0
    assert said in capsys.readouterr().err
    assert people(project) == [1, 2, 3, 4]


def test_an_import_that_was_undone_is_not_undone_again(project, run, capsys):
    run("undo-import", 1, "--yes")
    assert program.main(["undo-import", str(project), "1"]) != 0
    said = capsys.readouterr().err
    assert "undone already" in said
    assert "--put-back 1" in said
