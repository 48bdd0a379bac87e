"""Arguments of ``snapshot``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``snapshot PROJECT OUT [--json]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument("out", type=Path, help="the file to write, such as people.snapshot")
    parser.add_argument("--json", action="store_true", help="one JSON object")
