"""``python -m resources.demo.build``: make the demo project and put it in its place."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import torch

from core.dictionary.storage.folder_names import DATABASE_FILE
from core.workflows.choices import SHIPPED_PEOPLE, SHIPPED_SEED
from core.workflows.demo import make_demo_project
from core.workflows.demo_report import PICTURE_FOLDER
from core.workflows.flag_project import flag_samples

FOLDER = Path(__file__).resolve().parent.parent
MOST_BYTES = 4_000_000
"""What a checkout may be made larger by."""


def main(arguments: list[str]) -> int:
    """Run the build; returns the exit status."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)  # sums in one order, whatever the machine
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "demo"
        report = make_demo_project(project, people=options.people, seed=options.seed)
        flagged = flag_samples(project)
        size = write(project, options.out)
    sys.stdout.write(f"{report.summary()}\n{flagged.summary()}\n{size / 1e6:.2f} MB\n")
    return 0 if size <= MOST_BYTES else 1


def write(project: Path, folder: Path) -> int:
    """Put a project's dictionary and pictures into a folder; returns their size in bytes."""
    pictures = folder / PICTURE_FOLDER
    shutil.rmtree(pictures, ignore_errors=True)
    shutil.copytree(project / PICTURE_FOLDER, pictures)
    database = folder / DATABASE_FILE
    database.unlink(missing_ok=True)
    with closing(sqlite3.connect(project / DATABASE_FILE)) as connection:
        connection.execute("VACUUM INTO ?", (str(database),))
    return sum(path.stat().st_size for path in (database, *pictures.iterdir()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="another folder, to compare")
    parser.add_argument("--people", type=int, default=SHIPPED_PEOPLE)
    parser.add_argument("--seed", type=int, default=SHIPPED_SEED)
    return parser


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
