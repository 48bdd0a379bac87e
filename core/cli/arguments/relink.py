"""Arguments of ``relink``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``relink PROJECT OLD NEW [--dry-run] [--even-missing]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument("old", type=Path, help="folder that the pictures were in")
    parser.add_argument("new", type=Path, help="folder that they are in now")
    parser.add_argument("--dry-run", action="store_true", help="say what would be found, only")
    parser.add_argument(
        "--even-missing",
        action="store_true",
        help="also pictures that are not there, as on a disk that is away, or to take it back",
    )
