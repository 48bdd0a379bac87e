"""Arguments of ``backup``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``backup PROJECT [--if-changed]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "--if-changed",
        action="store_true",
        help="only if the project has changed since the last backup",
    )
    parser.epilog = (
        "Backups lie in backups/ in the project: the two newest, and the last of each day before, "
        "five in all. The window makes one when it closes a project that was changed."
    )
