"""Arguments of ``audit``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import counting_number
from core.types.audits import DEFAULT_SHARE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``audit PROJECT [--begin [--share S] [--seed N] | --end | --next N] [--json]``."""
    parser.add_argument("project", type=Path, help="project folder")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--begin",
        action="store_true",
        help="draw an order of all fits without verdict at random, and mix it into the window's "
        "queues from now on; what was drawn before ends",
    )
    what.add_argument("--end", action="store_true", help="mix nothing into the queues any more")
    what.add_argument(
        "--next",
        type=counting_number,
        metavar="N",
        help="name the next N random fits, for reviewing elsewhere",
    )
    parser.add_argument(
        "--share",
        type=float,
        help=f"with --begin: of the queue that is random ({DEFAULT_SHARE:g}: one in ten)",
    )
    parser.add_argument(
        "--seed", type=int, help="of the order; drawn where it is not given, and always said"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for scripts")
