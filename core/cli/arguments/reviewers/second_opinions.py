"""Arguments of ``second-opinions``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where, seed_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``second-opinions PROJECT (--share S | --clear) [--seed N] [--of NAME] [--where FILTER]``."""
    parser.add_argument("project", type=Path, help="project folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--share", type=float, help="of the accepted and rejected fits, as 0.1")
    what.add_argument("--clear", action="store_true", help="ask for none any more")
    parser.add_argument("--seed", type=seed_number, default=0, help="of the draw (0)")
    parser.add_argument(
        "--of", metavar="NAME", help="who is asked (default: anyone but who judged first)"
    )
    add_where(parser)
