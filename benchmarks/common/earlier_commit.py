"""The program at an earlier commit, to be measured beside this one.

A benchmark that runs both must not import them into one process: it starts a script in either tree,
whose modules it finds by the layout that is there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BEFORE = "69ccc9e"
"""What ratios to an earlier commit are told against, unless another one is asked for."""

DROPPED_PACKAGES = ("roma",)
"""Of pure Python; installed into the worktree of a version that still asks for them."""


@contextmanager
def worktree_of(revision: str, folder: Path) -> Iterator[Path | None]:
    """The program at a commit, in a new folder within ``folder`` and for as long as it is needed.

    Nothing is made, and None is given, where the history does not hold the commit.
    """
    known = subprocess.run(
        ["git", "cat-file", "-e", f"{revision}^{{commit}}"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if known.returncode != 0:
        yield None
        return
    place = folder / "before"
    _git("worktree", "add", "--detach", "--force", str(place), revision)
    try:
        _add_packages(place)
        yield place
    finally:
        _git("worktree", "remove", "--force", str(place))


def environment_of(tree: Path) -> dict[str, str]:
    """What a script needs that is to find the modules of one tree and of no other."""
    return {**os.environ, "PYTHONPATH": str(tree)}


def _add_packages(tree: Path) -> None:
    """What that program imports and this one no longer does, beside it."""
    asked_for = (tree / "pyproject.toml").read_text()
    wanted = [
        package
        for package in DROPPED_PACKAGES
        if f'"{package}' in asked_for and find_spec(package) is None
    ]
    if wanted:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        subprocess.run([*pip, str(tree), *wanted], check=True, stdout=subprocess.DEVNULL)


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True)
