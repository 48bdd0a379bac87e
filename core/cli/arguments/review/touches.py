"""Arguments of ``touches``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_tool_arguments, add_where, counting_number

LISTED = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``touches PROJECT [--where FILTER] [--limit N] [--json]``."""
    parser.add_argument("project", type=Path, help="project folder")
    add_where(parser)
    parser.add_argument(
        "--limit",
        type=counting_number,
        default=LISTED,
        metavar="N",
        help=f"people listed ({LISTED})",
    )
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    add_tool_arguments(parser)
