"""What needs no PyTorch loads none: help, complaints, and the subcommands that read and write."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.coco_people import write_people

ROOT = Path(__file__).resolve().parents[3]

HEAVY = (
    "torch", "torchvision", "timm", "roma", "smplx", "scipy", "tensorboard", "matplotlib",
    "pyrender", "PySide6",
)  # fmt: skip

WALK = """
import argparse, contextlib, io, sys
import main
from core.cli.parser import HEADLESS_SUBCOMMANDS, build_parser

def explain(words):
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
        main.main([*words, "--help"])
    assert "usage: main.py " + " ".join(words) in told.getvalue(), words
    return told.getvalue()

def branches(parser):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()

for subcommand in (*main.WINDOW_SUBCOMMANDS, *HEADLESS_SUBCOMMANDS):
    explain([subcommand.name])
    parser = argparse.ArgumentParser()
    subcommand.add_arguments(parser)
    for name, _ in branches(parser):
        explain([subcommand.name, name])
    print("explained", subcommand.name)
"""

RUN = """
import json, sys
import main
for words in json.loads(sys.argv[1]):
    try:
        status = main.main(words)
    except SystemExit as ended:
        status = ended.code
    print("STATUS", status, words[0])
"""

TELL = f"""
print("HEAVY", sorted(set({HEAVY!r}) & set(sys.modules)))
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, which says at its end what it has loaded."""
    return subprocess.run(
        [sys.executable, "-c", program + TELL, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )


def statuses(*lines: list[str | Path]) -> tuple[list[int], subprocess.CompletedProcess[str]]:
    """The exit status of each command line, all of them run by one process."""
    done = run(RUN, json.dumps([list(map(str, line)) for line in lines]))
    found = [line.split() for line in done.stdout.splitlines() if line.startswith("STATUS")]
    return [int(words[1]) for words in found], done


def test_help_of_every_subcommand_loads_nothing_that_takes_seconds() -> None:
    done = run(WALK)
    assert "explained fit" in done.stdout
    assert "explained open" in done.stdout
    assert "HEAVY []" in done.stdout


def test_importing_listing_and_exporting_load_no_pytorch(tmp_path: Path) -> None:
    from core.workflows.export_formats import EXPORT_FORMATS

    project, source = tmp_path / "project", write_people(tmp_path)
    formats = [name for name in EXPORT_FORMATS if name != "as-imported"]  # no body was imported
    found, done = statuses(
        ["import", project, "coco", source],
        ["info", project, "--json"],
        ["prediction-sets", project],
        *(["export", project, name, tmp_path / f"out-{name}"] for name in formats),
        ["export", project, "as-imported", tmp_path / "as-imported"],
    )
    assert found == [*[0] * (3 + len(formats)), 1], done.stderr
    assert "No fit of these people came from another method's file" in done.stderr
    assert "1 person added" in done.stdout
    assert "HEAVY []" in done.stdout


def test_mistakes_of_the_command_line_are_told_without_loading_pytorch(tmp_path: Path) -> None:
    project = tmp_path / "project"
    found, done = statuses(
        ["fit", project, "--profile", "quick"],
        ["train", project, "--batch-size", "many"],
        ["fit", project],
        ["refit", project],
        ["flag", project],
        ["train", project, "--profile", "cpu-demo"],
        ["predict", project],
        ["import-predictions", project, "EFT", tmp_path / "eft.json"],
        ["refit", project, "--where", "verdict:perfect"],
        ["predict", project, "--where", "verdict:perfect"],
        ["evaluate", "project", project],
        ["report", "failures", project, tmp_path / "out.pdf"],
    )
    assert found == [2] * 2 + [1] * 10
    assert "HEAVY []" in done.stdout


def test_a_training_is_configured_before_pytorch_is_loaded(tmp_path: Path) -> None:
    project, source = tmp_path / "project", write_people(tmp_path)
    found, done = statuses(
        ["import", project, "coco", source],
        ["train", project, "--improvement-rule", "hope"],
        ["train", project, "--batch-size", "-3"],
    )
    assert found == [0, 1, 1]
    assert "batch_size" in done.stderr
    assert "HEAVY []" in done.stdout
