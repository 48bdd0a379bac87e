"""The command line's last word: one sentence and a remedy, whatever goes wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import main as program
from tests.coco_people import write_people

ROOT = Path(__file__).parents[1]


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch, error: BaseException) -> int:
    """The status of ``info`` where the engine raises ``error``."""

    def fail(*_arguments: object) -> int:
        raise error

    monkeypatch.setattr("core.dictionary.store.Dictionary.open", fail)
    return program.main(arguments)


def test_ctrl_c_ends_without_a_traceback(monkeypatch, capsys):
    assert run(["info", "x"], monkeypatch, KeyboardInterrupt()) == program.INTERRUPTED
    assert "Interrupted" in capsys.readouterr().err


def test_a_path_the_system_refuses_is_told_in_one_sentence(capsys, tmp_path):
    project, source = str(tmp_path / ("x" * 300)), str(write_people(tmp_path))
    for line in (["info"], ["import", "coco", source], ["export", "spin-fits", "y"]):
        assert program.main([line[0], project, *line[1:]]) == 1
        told = capsys.readouterr().err
        assert "too long" in told
        assert "Check the path" in told or "Choose a folder" in told


def test_a_reader_that_has_gone_is_no_fault(tmp_path):
    from core.dictionary.store import Dictionary

    Dictionary.create(tmp_path / "project").close()
    process = subprocess.Popen(
        [sys.executable, "main.py", "info", tmp_path / "project"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) == program.PIPE_CLOSED
    process.stderr.close()


def test_a_word_that_is_neither_command_nor_folder_is_told_with_what_is_near_it(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "my_project").mkdir()
    (tmp_path / "notes.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    for word, said in (
        ("my_projekt", "my_project"),
        (str(tmp_path / "my_projekt"), str(tmp_path / "my_project")),
        ("exprot", "export"),
        ("x" * 5000, "no folder and no command"),
        ("notes.txt", "is a file"),
        ("a\0b", "no folder and no command"),
        ("\udce9t\udce9", "no folder and no command"),
    ):
        assert program.main([word]) == program.WRONG_USE
        told = capsys.readouterr().err
        assert said in told
        assert "main.py --help" in told
        assert "invalid choice" not in told
