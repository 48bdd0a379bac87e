"""Arguments of ``group``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``group PROJECT (--by REGEX | --cameras FILE | --ungroup) [--dry-run] [--where FILTER]``."""
    parser.add_argument("project", type=Path, help="project folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--by",
        metavar="REGEX",
        help="a regular expression that is searched for in the path of each picture, followed by "
        "' · ' and the person's name. Its named parts say what belongs together: moment (one "
        "person at one time, seen by several cameras: one pose and shape), subject (one person at "
        r"any time: one shape), camera. Example: cam(?P<camera>\d+)_frame(?P<moment>\d+)",
    )
    what.add_argument(
        "--cameras",
        metavar="FILE",
        type=Path,
        help="a calibration of several cameras: pictures whose paths differ in the camera's name "
        "only are one moment, such as cam1_007.jpg and cam2_007.jpg",
    )
    what.add_argument("--ungroup", action="store_true", help="every person is one of its own again")
    parser.add_argument("--dry-run", action="store_true", help="say what would be grouped, only")
    add_where(parser)
