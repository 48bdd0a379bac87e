"""Arguments of ``remove``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where

YES_HELP = "do it; without this, what would go is said and nothing is changed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``remove PROJECT (--people ID… | --where FILTER) [--pictures] [--yes]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "--people", nargs="+", type=int, metavar="ID", help="numbers of people, as lists show them"
    )
    add_where(parser, default=None)
    parser.add_argument(
        "--pictures",
        action="store_true",
        help="their pictures with everybody in them, too; files on the disk are never deleted",
    )
    parser.add_argument("--yes", action="store_true", help=YES_HELP)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
