"""Arguments of ``similar``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where, counting_number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``similar PROJECT SAMPLE [--mirrored | --near-copies] [--count N] [--where F] [--json]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument("sample", type=int, help="number of the sample, as the window shows it")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--mirrored", action="store_true", help="mirrored poses are alike, too")
    how.add_argument(
        "--near-copies",
        action="store_true",
        help="those alone that show the same moment again: the same pose and side, and pictures "
        "that look alike",
    )
    parser.add_argument(
        "--count", type=counting_number, default=20, help="at most so much is listed (20)"
    )
    add_where(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object, for scripts")
