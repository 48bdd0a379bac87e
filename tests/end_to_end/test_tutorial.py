"""The tutorial works as it is written: every block is run, in order, in one folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
GUIDE = ROOT / "docs" / "guide.md"

BLOCK = re.compile(r"^```(bash|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MEASURED = re.compile(r"\d+(?:\.\d+)?")
"""Numbers of what is shown: seconds and losses differ from one machine to the next."""


def _blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with ``main.py``, as the repository's is, and with ``python`` for this one."""
    (tmp_path / "main.py").symlink_to(ROOT / "main.py")
    programs = tmp_path / "programs"
    programs.mkdir()
    python = programs / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return tmp_path


def _run(language: str, block: str, folder: Path) -> str:
    command = ["bash", "-ec", block] if language == "bash" else [sys.executable, "-c", block]
    finished = subprocess.run(
        command,
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{folder / 'programs'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "QT_QPA_PLATFORM": "offscreen",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, f"{block}\n{finished.stdout}\n{finished.stderr}"
    return finished.stdout


def _shape(text: str) -> list[str]:
    """Lines without their numbers and their padding."""
    return [" ".join(MEASURED.sub("#", line).split()) for line in text.strip().splitlines()]


def test_the_tutorial_runs_and_shows_what_it_says(folder: Path) -> None:
    printed = ""
    run = compared = 0
    for language, block in _blocks(TUTORIAL):
        if language == "text":
            assert _shape(block) == _shape(printed)
            compared += 1
        else:
            printed = _run(language, block, folder)
            run += 1
    assert run > 10
    assert compared > 5
    assert (folder / "accepted.npz").exists()
    assert (folder / "failures.html").stat().st_size > 10_000


def test_the_guides_first_chapter_leads_from_plain_pictures_to_bodies(folder: Path) -> None:
    ((language, block),) = _blocks(GUIDE)
    printed = _run(language, block, folder)
    assert "12 pictures in holiday" in printed
    found = re.search(r"(\d+) people found in 12 pictures", printed)
    assert found
    assert int(found[1]) >= 12, "there is a person in every picture of the demo"
    with Dictionary.open(folder / "holiday_project") as dictionary:
        ids = dictionary.search.ids().tolist()
        assert len(ids) == int(found[1])
        assert len(dictionary.fits.current(ids)) >= 12
