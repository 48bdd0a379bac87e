"""Arguments of ``assign``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where, seed_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``assign PROJECT (--to NAMES | --clear) [--seed N | --by-order] [--where FILTER]``."""
    parser.add_argument("project", type=Path, help="project folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--to",
        metavar="NAMES",
        help="maria,jan for equal shares; maria=2,jan=1 for others. The pictures of a moment go "
        "together",
    )
    what.add_argument("--clear", action="store_true", help="they are everyone's again")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--seed", type=seed_number, default=0, help="of the draw (0)")
    how.add_argument("--by-order", action="store_true", help="ranges by name in place of a draw")
    add_where(parser)
