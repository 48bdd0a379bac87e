"""Arguments of ``comments``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_reviewer, add_where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``comments PROJECT [--add TEXT] [--json] [--reviewer NAME] [--where FILTER]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument("--add", metavar="TEXT", help="write this on everyone whom --where lists")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    add_reviewer(parser)
    add_where(parser)
