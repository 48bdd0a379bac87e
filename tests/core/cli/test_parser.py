"""The command line loads what the chosen subcommand needs, and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.parser import HEADLESS_SUBCOMMANDS, build_parser
from core.dictionary.store import Dictionary

ROOT = Path(__file__).resolve().parents[3]


def test_info_does_without_pytorch(tmp_path):
    """Seconds on a slow machine, for a command that people call in loops."""
    Dictionary.create(tmp_path / "project").close()
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "main.py", "info", str(tmp_path / "project")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "samples" in told.stdout
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "core.dictionary.store" in loaded
    assert not loaded & {"torch", "cv2", "PySide6"}


@pytest.mark.parametrize("subcommand", HEADLESS_SUBCOMMANDS, ids=lambda one: one.name)
def test_every_subcommand_explains_itself(subcommand, capsys):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([subcommand.name, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert f"main.py {subcommand.name}" in told
    assert told.count("\n") > 5


def test_names_keep_their_capitals_in_what_subcommands_say_of_themselves(capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["train", "--help"])
    assert (
        "Train the regressor, and improve the fits from its predictions." in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    "line",
    [
        ("similar", "P", "1", "--count", "-3"),
        ("touches", "P", "--limit", "0"),
        ("audit", "P", "--next", "-5"),
        ("known-cases", "P", "--expert", "maria", "--count", "0"),
        ("known-cases", "P", "--expert", "maria", "--seed", "-3"),
        ("second-opinions", "P", "--share", "0.5", "--seed", "-3"),
        ("assign", "P", "--to", "maria,jan", "--seed", "-3"),
    ],
    ids=" ".join,
)
def test_counts_and_seeds_that_are_none_are_refused_before_anything_is_done(line, capsys):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(line)
    assert ended.value.code == 2
    assert "or more" in capsys.readouterr().err
