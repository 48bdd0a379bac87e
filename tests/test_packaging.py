"""What a newcomer's two commands rest on."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def _pins(file: str = "constraints.txt") -> dict[str, str]:
    lines = (ROOT / file).read_text().splitlines()
    return {_name(line): line.split("==")[1] for line in lines if "==" in line}


def _name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert match
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def test_every_dependency_has_an_exact_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    groups = (project["dependencies"], extras["dev"], extras["docs"], extras["regressor"])
    wanted = {_name(requirement) for group in groups for requirement in group}
    missing = wanted - {"spin-studio", *_pins()}
    assert not missing


def test_a_pytorch_of_ones_own_meets_the_same_versions_of_all_else() -> None:
    """Only PyTorch, torchvision, and what a PyTorch for NVIDIA GPUs brings are left open."""
    ours, theirs = _pins(), _pins("constraints-cpu.txt")
    assert theirs.items() <= ours.items()
    left_open = ours.keys() - theirs.keys()
    assert {"torch", "torchvision", "triton", "cuda-toolkit", "nvidia-cublas"} <= left_open
    assert all(name.startswith(("torch", "triton", "cuda-", "nvidia-")) for name in left_open)


def test_running_needs_no_tools_of_developers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = set(map(_name, project["dependencies"]))
    assert not needed & {"pytest", "hypothesis", "ruff", "mypy", "timm", "torchvision"}


def test_the_faulty_qt_release_is_not_pinned() -> None:
    assert _pins()["pyside6-essentials"] != "6.12.0"


def test_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text()
    assert "make run" in readme
    assert "make test" in readme


def test_system_check_passes_where_everything_is_installed() -> None:
    finished = subprocess.run(
        ["sh", "system_check.sh"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr


def test_system_check_refuses_another_python(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 2.7.18\nexit 1\n')
    old.chmod(0o755)
    finished = subprocess.run(
        ["sh", "system_check.sh", str(old)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert "2.7.18" in finished.stderr
    assert "PYTHON=" in finished.stderr
