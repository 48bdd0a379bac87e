"""Arguments of ``fit-joints``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_batch_size, add_tool_arguments, add_where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``fit-joints PROJECT [--where FILTER] [--accuracy-mm N] [--batch-size N]``."""
    parser.add_argument("project", type=Path, help="project folder")
    add_where(parser)
    parser.add_argument(
        "--accuracy-mm",
        type=float,
        default=10.0,
        metavar="MM",
        help="how exactly the joints in space are known (default: 10)",
    )
    add_batch_size(parser)
    add_tool_arguments(parser)
