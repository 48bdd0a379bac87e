"""Arguments of ``merge-verdicts``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_reviewer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``merge-verdicts PROJECT OTHER [--dry-run] [--json] [--reviewer NAME]``."""
    parser.add_argument("project", type=Path, help="project folder; it takes the verdicts over")
    parser.add_argument("other", type=Path, help="folder of another copy; it is only read")
    parser.add_argument("--dry-run", action="store_true", help="say what would be merged, only")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_reviewer(parser)
