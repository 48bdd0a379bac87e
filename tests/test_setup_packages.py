"""The environment is made once, at a price told before, and keeps a PyTorch of the user's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import setup_packages as program

ROOT = Path(__file__).resolve().parents[1]


def state_of(venv: Path) -> dict[str, object]:
    """What is known of an environment."""
    return json.loads((venv / program.STATE_FILE).read_text())


def set_up_before(venv: Path, **state: object) -> None:
    """As if the environment had been set up."""
    venv.mkdir()
    done = {"torch": "", "tests": False, "docs": False, "inputs": program._digest(), **state}
    (venv / program.STATE_FILE).write_text(json.dumps(done))


def test_what_is_done_is_not_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_before(tmp_path / "venv", torch="torch==2.13.0", tests=True)
    for more in ([], ["--tests"], ["--torch", "torch==2.13.0"]):
        assert program.main(["--venv", str(tmp_path / "venv"), *more]) == 0
    assert capsys.readouterr().out == ""
    assert list((tmp_path / "venv").iterdir()) == [tmp_path / "venv" / program.STATE_FILE]


def test_another_pytorch_other_tools_and_other_versions_are_something_to_do() -> None:
    done = program.Setup(torch="", tests=False, inputs="1")
    for wanted in (
        program.Setup(torch="system", tests=False, inputs="1"),
        program.Setup(torch="", tests=True, inputs="1"),
        program.Setup(torch="", docs=True, inputs="1"),
        program.Setup(torch="", tests=False, inputs="2"),
    ):
        assert not done.covers(wanted)
    assert program.Setup(torch="", tests=True, docs=True, inputs="1").covers(done)


def test_an_environment_of_before_the_site_is_known(tmp_path: Path) -> None:
    """Its state says nothing of what makes the site."""
    state = tmp_path / program.STATE_FILE
    state.write_text(json.dumps({"torch": "system", "tests": True, "inputs": "1"}))
    assert program._read(state) == program.Setup(torch="system", tests=True, inputs="1")


def test_tools_are_added_to_those_that_are_there() -> None:
    """What makes the site does not take what tests need away."""
    assert program.Setup(tests=True, docs=True).extras() == {"dev", "docs"}
    assert program.Setup().extras() == set()


@pytest.mark.parametrize("torch", ["", "torch==2.13.0"])
def test_size_and_time_are_told_before_anything_is_fetched(
    torch: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program._say_what_comes(program.Setup(torch=torch))
    told = capsys.readouterr().out
    assert "GB" in told or "MB" in told
    assert "minutes" in told
    assert ("docs/install.md" in told) == (not torch)


def test_a_wheel_that_is_not_there_ends_in_a_sentence_and_stays_chosen(tmp_path: Path) -> None:
    wheel = str(tmp_path / "torch-9.whl")
    done = subprocess.run(
        [sys.executable, "setup_packages.py", "--venv", tmp_path / "venv", "--torch", wheel],
        cwd=ROOT,
        env={**os.environ, "PIP_NO_INDEX": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout.startswith("Setting up SPIN Studio")
    assert "ended with 1" in done.stdout
    assert state_of(tmp_path / "venv") == {
        "torch": wheel,
        "tests": False,
        "docs": False,
        "inputs": "",
    }
