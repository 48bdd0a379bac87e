"""Arguments of ``flag``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_tool_arguments
from core.workflows.choices import FLAGGED_TOGETHER


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``flag PROJECT [--all] [--json] [--batch-size N]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "--all",
        action="store_true",
        help="look at all keypoints and fits again, not only at what changed since",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="one JSON object instead of text: the counts, and all flags that the project's people "
        "bear, with score and reason",
    )
    parser.add_argument(
        "--batch-size",
        type=int,
        default=FLAGGED_TOGETHER,
        help=f"fits assessed together ({FLAGGED_TOGETHER})",
    )
    add_tool_arguments(parser)
