"""Arguments of ``merge``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``merge PROJECT PARTS… [--json]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "parts",
        type=Path,
        nargs="+",
        metavar="PARTS",
        help="the folder named with --out, or single parts (part-3.parquet)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
