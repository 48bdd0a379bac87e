"""Arguments of ``known-cases``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where, counting_number, seed_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``known-cases PROJECT (--expert NAME [--count N] [--seed N] | --clear) [--where FILTER]``."""
    parser.add_argument("project", type=Path, help="project folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--expert", metavar="NAME", help="whose verdicts are known to be right")
    what.add_argument("--clear", action="store_true", help="ask about known cases no more")
    parser.add_argument("--count", type=counting_number, default=20, help="of cases, at most (20)")
    parser.add_argument("--seed", type=seed_number, default=0, help="of the draw (0)")
    add_where(parser)
