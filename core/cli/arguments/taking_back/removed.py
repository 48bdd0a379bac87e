"""Arguments of ``removed``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``removed PROJECT [--put-back ID | --forget ID]``."""
    parser.add_argument("project", type=Path, help="project folder")
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--put-back", type=int, metavar="ID", help="put everything of a removal back as it was"
    )
    action.add_argument(
        "--forget",
        type=int,
        metavar="ID",
        help="give a removal up for good: it cannot be put back any more, and its room is free",
    )
